/**
 * Loses the leader of the replicated PostgreSQL many times, on the stack `rehearsal` of the running sandbox.
 * `node test/bench/failover.ts [count]`; about 40 s a loss.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';
import { say } from '../../infra/sandbox/host/progress.ts';
import { figures, inTurn, Rehearsal } from '../e2e/support/failover.ts';
import { rehearsal } from '../e2e/support/rehearsal.ts';

const [count = 20] = process.argv.slice(2).map(Number);
const LIMIT_MS = 30_000;

const losing = await Rehearsal.open(rehearsal);
try {
  const report = await losing.lose(inTurn(count));
  mkdirSync(join(CHECKOUT, '.out/bench'), { recursive: true });
  writeFileSync(join(CHECKOUT, '.out/bench/failover.json'), JSON.stringify(report, null, 2));
  const late = report.losses.filter(({ back }) => back >= LIMIT_MS).length;
  const { missing, overlaps, acknowledgedWhileCut } = report;
  say(
    `${figures(report)}; ${late} over 30 s; ${missing.length} acknowledged writes missing; ` +
      `${overlaps.length} overlaps; ${acknowledgedWhileCut} acknowledged while cut off`,
  );
  if (late + missing.length + overlaps.length + acknowledgedWhileCut > 0) process.exitCode = 1;
} finally {
  await losing.close();
}
