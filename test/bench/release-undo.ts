/**
 * How soon users are off a version that fails only under them, and off a good one that is taken back. On the running sandbox,
 * 100 requests a second through an edge, half of them on connections that stay open.
 * `node test/bench/release-undo.ts [runs=20]`; about 25 s a run. Where no user met the fault, the run is not counted but made
 * again. Ends with 1 where a goal is missed.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { quantile } from '../../components/release/runner/samples.ts';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';
import { say } from '../../infra/sandbox/host/progress.ts';
import type { Wanted } from '../e2e/support/release/program.ts';
import { Trial, wanted as plainly } from '../e2e/support/release/trial.ts';
import { until } from '../e2e/support/until.ts';

const [runs = 20] = process.argv.slice(2).map(Number);
const GOALS = { median: 1, worst: 3, standing: 5, atRest: 30 };
const BACKS = 5;

/** `nginx` divides by requests: as many users meet the version as the step says, on whatever connection. */
const wanted = (version: string, over: Partial<Wanted> = {}): Wanted =>
  plainly(version, { driver: 'nginx', strategy: 'blueGreen', timing: { soak: '4s', keepFor: '60s' }, ...over });

/**
 * Seconds from the first bad answer to the last one: from then on all traffic is on the version that is live. Undefined where
 * the gates' own requests met the fault first and no user did: there is nothing to time.
 */
async function undone(trial: Trial, run: number, live: string): Promise<number | undefined> {
  const strategy = run % 2 === 0 ? 'blueGreen' : 'canary';
  // Half of what its users ask is an error: where a canary has half of them, each of its two pods has 25 requests a second.
  const environment = { ABOVE: strategy === 'canary' ? '12' : '24' };
  const next = wanted(`bad-${run}`, { strategy, environment });
  const [{ output }, { failed, sent, bad, versions }] = await trial.underLoad(
    `run ${run}, ${strategy}`,
    () => trial.up(next, { fails: true }),
    'edge',
  );
  if (versions[live]!.failed > 0)
    throw new Error(`run ${run}: ${JSON.stringify(versions)}; the update said:\n${output}`);
  if (bad === undefined) {
    say(`run ${run}, ${strategy}: undone before any of ${sent} requests met it; not counted`);
    return undefined;
  }
  say(`run ${run}, ${strategy}: ${failed} of ${sent} failed, in ${(bad.lasted / 1000).toFixed(2)} s`);
  return bad.lasted / 1000;
}

/** Seconds from the order to go back until the last answer of the version that is left. */
async function back(trial: Trial, to: string, from: string, rests: boolean): Promise<number> {
  await trial.up(wanted(to));
  const timing = { soak: '4s', keepFor: rests ? '1s' : '120s' };
  await trial.up(wanted(from, { timing }));
  if (rests) await until('the old side rests', async () => Object.keys((await trial.seen()).pods).length === 1, 60_000);
  const [{ seconds }, { failed, versions }] = await trial.underLoad(
    `back to ${to}`,
    () => trial.up(wanted(to, { timing })),
    'edge',
  );
  if (failed > 0) throw new Error(`going back to ${to}: ${failed} requests failed`);
  const { order } = await trial.record();
  const took = (versions[from]!.last - order!.startedAt) / 1000;
  say(`back from ${from}, old side ${rests ? 'at rest' : 'standing'}: ${took.toFixed(1)} s, the whole up ${seconds} s`);
  return took;
}

const sorted = (of: readonly number[]): string =>
  `median ${quantile(of, 0.5).toFixed(2)} s, worst ${Math.max(...of).toFixed(2)} s of ${of.length}`;

/** Where a check comes every `interval` seconds, and the `threshold`th failed one in a row undoes: a fault begins anywhere between. */
const checked = (interval: number, threshold: number): string =>
  `median ${(threshold - 0.5) * interval} s, worst ${threshold * interval} s`;

const trial = await Trial.begin('undo');
const took: number[] = [];
const backs: Record<'standing' | 'atRest', number[]> = { standing: [], atRest: [] };
try {
  await trial.up(wanted('live'));
  for (let run = 1; took.length < runs; run++) {
    if (run > 2 * runs) throw new Error(`only ${took.length} of ${run - 1} runs had a user meet the fault`);
    const seconds = await undone(trial, run, 'live');
    if (seconds !== undefined) took.push(seconds);
  }
  for (let run = 1; run <= BACKS; run++) {
    backs.standing.push(await back(trial, `s${run}`, `s${run}-new`, false));
    backs.atRest.push(await back(trial, `r${run}`, `r${run}-new`, true));
  }
} finally {
  mkdirSync(join(CHECKOUT, '.out/bench'), { recursive: true });
  writeFileSync(join(CHECKOUT, '.out/bench/release-undo.json'), JSON.stringify({ took, backs }, null, 2));
  await trial.end();
}
say(`from the first bad answer to all traffic on the old version: ${sorted(took)}`);
say(
  `  Flagger, interval 60 s (its default), one failed check: ${checked(60, 1)}; its documented threshold of 5: ${checked(60, 5)}`,
);
say(
  `  Argo Rollouts, failureLimit 0 (its default), interval 60 s: ${checked(60, 1)}; its documented interval of 5 min: ${checked(300, 1)}`,
);
say(`back from a promoted release, the old side standing: ${sorted(backs.standing)}; at rest: ${sorted(backs.atRest)}`);
const missed =
  quantile(took, 0.5) > GOALS.median ||
  Math.max(...took) > GOALS.worst ||
  Math.max(...backs.standing) > GOALS.standing ||
  Math.max(...backs.atRest) > GOALS.atRest;
if (missed) process.exitCode = 1;
