/**
 * Good and bad releases under each strategy on the running sandbox, behind an edge, with 100 requests a second to it all the
 * while, half of them on connections that stay open. `plain`: the workload alone. `whole`: with PostgreSQL, MinIO, dumps and
 * migrations around it, and what is bad by them.
 * `node test/bench/release-table.ts plain|whole [strategy …]`; about 15 minutes each. Ends with 1 where a claim does not hold.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';
import { say } from '../../infra/sandbox/host/progress.ts';
import { kubectl } from '../e2e/support/platform.ts';
import { typical, type Report } from '../e2e/support/open-loop.ts';
import type { Wanted } from '../e2e/support/release/program.ts';
import { Trial, wanted as plainly } from '../e2e/support/release/trial.ts';
import { FAULTS, USUAL_MS, type Fault } from './support/faults.ts';

type Strategy = Wanted['strategy'];
const ALL: readonly Strategy[] = ['rolling', 'blueGreen', 'canary'];
const [kind, ...strategies] = process.argv.slice(2) as ['plain' | 'whole', ...Strategy[]];
const whole = kind === 'whole';
const GOOD_EACH = whole ? 1 : 3;
/** The largest share of the traffic that a version has while it is on trial: before its last step for `canary`. */
const MOST: Readonly<Record<Strategy, number>> = { rolling: 1, blueGreen: 1, canary: 0.5 };
/** Answers that are under way when traffic moves. */
const UNDER_WAY = 10;

interface Row {
  readonly strategy: Strategy;
  readonly what: string;
  readonly seconds: number;
  readonly sent: number;
  readonly failed: number;
  /** Answers that the version on trial gave. */
  readonly exposed: number;
  /** Seconds from the first bad answer to the last; 0 where there was none. */
  readonly lasted: number;
  readonly p95: number;
  readonly said: string;
  readonly wrong: readonly string[];
}

const rows: Row[] = [];
let rest = 0;
let live = 'v0';
let count = 0;

const wanted = (strategy: Strategy, version: string, { environment, ...over }: Partial<Wanted> = {}): Wanted =>
  plainly(version, {
    ...{ strategy, driver: 'nginx', ...(whole && { whole, migration: { schema: '1.0.0' } }) },
    // The old side is kept for no longer than the next release needs, so that a bad one is not taken for it.
    ...{
      timing: { keepFor: '1s', deadline: '180s' },
      environment: { LATENCY: `${USUAL_MS}`, ...environment },
      ...over,
    },
  });

const beside = ({ namespace }: Trial, ...command: string[]): Promise<string> =>
  kubectl('exec', '--namespace', namespace, 'postgres-0', '--container', 'postgres', '--', ...command);

const schemaOf = async (trial: Trial): Promise<string> => {
  if (!whole) return '';
  const dump = await beside(trial, 'pg_dump', '--schema-only', '--username', 'trial', 'trial');
  // Newer servers write a key of their own into each dump.
  return dump.replace(/^\\(un)?restrict .*$/gm, '');
};

/** So that there is a migration again, which can fail, and which widens the schema under the version that is live. */
const empty = async (trial: Trial): Promise<void> => {
  const again = 'DROP SCHEMA public CASCADE; CREATE SCHEMA public';
  await beside(trial, 'psql', '--quiet', '--username', 'trial', '--command', again, 'trial');
};

const given = (report: Report, version: string): number => {
  const { good = 0, failed = 0 } = report.versions[version] ?? {};
  return good + failed;
};

function note(strategy: Strategy, what: string, version: string, up: Up, report: Report, wrong: string[]): void {
  const row: Row = {
    ...{ strategy, what, seconds: up.seconds, sent: report.sent, failed: report.failed, wrong },
    ...{ exposed: given(report, version), lasted: (report.bad?.lasted ?? 0) / 1000, p95: typical(report.windows) },
    said: /(?:rejected|error|fail\w*): .*?(?=\n|$)/.exec(up.output)?.[0].slice(0, 240) ?? '',
  };
  rows.push(row);
  say(
    `${strategy.padEnd(9)} ${what.padEnd(22)} ${String(row.seconds).padStart(5)} s, ${row.failed} of ${row.sent} failed, ` +
      `${row.exposed} answered by it, bad for ${row.lasted.toFixed(2)} s, p95 ${row.p95.toFixed(0)} ms${wrong.map((line) => `\n    WRONG: ${line}`).join('')}`,
  );
}

type Up = Awaited<ReturnType<Trial['up']>>;

async function good(trial: Trial, strategy: Strategy): Promise<void> {
  const version = `good-${++count}`;
  const [up, report] = await trial.underLoad(version, () => trial.up(wanted(strategy, version)), 'edge');
  live = version;
  const wrong = report.failed === 0 ? [] : [`${report.failed} requests failed: ${JSON.stringify(report.failures)}`];
  const p95 = typical(report.windows);
  if (p95 > Math.max(1.5 * rest, rest + 50)) wrong.push(`p95 ${p95.toFixed(0)} ms, at rest ${rest.toFixed(0)} ms`);
  const { traffic, pods } = await trial.seen();
  if (pods[traffic]?.some((each) => each !== version)) wrong.push(`traffic leads to ${JSON.stringify(pods)}`);
  note(strategy, 'good', version, up, report, wrong);
}

async function bad(trial: Trial, strategy: Strategy, fault: Fault): Promise<void> {
  const version = `bad-${++count}`;
  const [schema, { good: before }] = await Promise.all([schemaOf(trial), trial.record()]);
  const next = wanted(strategy, version, { ...(whole && { migration: { schema: '1.1.0' } }), ...fault.over });
  const [up, report] = await trial.underLoad(
    version,
    async () => {
      const up = await trial.up(next, { fails: true });
      // What fails after the update has ended counts as well.
      await sleep(3000);
      return up;
    },
    'edge',
  );
  const wrong: string[] = [];
  const expect = (good: boolean, what: string): void => {
    if (!good) wrong.push(what);
  };
  expect(fault.says.test(up.output), `the update says ${up.output.slice(-800)}`);
  const { traffic, pods } = await trial.seen();
  expect(pods[traffic]?.length === 2, `traffic leads to ${JSON.stringify(pods)}`);
  expect(
    Object.values(pods).every((versions) => versions.every((each) => each === live)),
    `pods run ${JSON.stringify(pods)}`,
  );
  const { good: after } = await trial.record();
  expect(after?.digest === before?.digest, 'another version counts as good');
  const changed = (await schemaOf(trial)) !== schema;
  if (fault.before) expect(!changed, 'the schema has changed');
  if (fault.widens) expect(changed, 'the schema was to be widened under the version that is live');
  // Only what the bad version answered itself may have failed, and nobody was given to it without need.
  const own = report.versions[version]?.failed ?? 0;
  expect(
    report.failed === own,
    `${report.failed - own} failed that it did not answer: ${JSON.stringify(report.failures)}`,
  );
  const share = Math.ceil(((report.bad?.lasted ?? 0) / 1000) * 100 * MOST[strategy]) + UNDER_WAY;
  expect(report.failed <= share, `${report.failed} failed, its step exposed ${share}`);
  if (strategy !== 'rolling' && fault.exposed !== true) expect(given(report, version) === 0, 'users were given to it');
  note(strategy, fault.what, version, up, report, wrong);
}

const trial = await Trial.begin(`table-${kind}`);
try {
  await trial.up(wanted('rolling', live));
  const idle = (): Promise<void> => sleep(50_000);
  const [, quiet] = await trial.underLoad('at rest', idle, 'edge');
  rest = typical(quiet.windows);
  for (const strategy of strategies.length > 0 ? strategies : ALL) {
    if (whole) await empty(trial);
    for (let each = 0; each < GOOD_EACH; each++) await good(trial, strategy);
    for (const fault of FAULTS[kind]) await bad(trial, strategy, fault);
  }
} finally {
  mkdirSync(join(CHECKOUT, '.out/bench'), { recursive: true });
  writeFileSync(join(CHECKOUT, `.out/bench/release-table-${kind}.json`), JSON.stringify({ rest, rows }, null, 2));
  await trial.end();
}
const sum = (of: readonly Row[], key: 'sent' | 'failed'): number => of.reduce((total, row) => total + row[key], 0);
const goods = rows.filter(({ what }) => what === 'good');
const wrong = rows.filter((row) => row.wrong.length > 0);
say(`p95 at rest ${rest.toFixed(0)} ms`);
say(`good releases: ${sum(goods, 'failed')} of ${sum(goods, 'sent')} failed in ${goods.length}`);
say(
  `all of them: ${sum(rows, 'failed')} of ${sum(rows, 'sent')} failed in ${rows.length}, ${wrong.length} not as claimed`,
);
if (wrong.length > 0) process.exitCode = 1;
