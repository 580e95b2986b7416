/**
 * The one door to all tests. `node test/run.ts check|test|only FILE…`
 *
 *   check   types, lint, format, unit tests, rules: one to two minutes on two cores, needs no root and no cluster
 *   test    all of it, on a sandbox of its own that is gone afterwards
 *   only    the named files, against the running sandbox where they need one
 *
 * The last line is `N passed, N failed`, alone; what a machine lacks the means for is counted on a line before it. The exit
 * code is 0 only if nothing failed and something passed.
 */
import { availableParallelism } from 'node:os';
import { cliFolder } from '../infra/sandbox/engine/index.ts';
import { run } from '../infra/sandbox/host/run.ts';
import { buildImages } from '../infra/sandbox/images/index.ts';
import { CHECKOUT } from '../infra/sandbox/host/paths.ts';
import { say, step } from '../infra/sandbox/host/progress.ts';
import { onDeployedPlatform } from './platform.ts';
import { suites } from './suites.ts';
import { reds, tally, tallyAgain, type Count } from './tally.ts';

const MINUTE = 60_000;
/** Nothing is run a second time after this: whoever waits for all tests stops after 90 minutes. */
const SECOND_RUNS_END = 72 * MINUTE;
/** More lines than this about what was red would push each other off the end. */
const REDS = 12;
const total: Count = { passed: 0, failed: 0, skipped: 0 };

const add = (count: Count): void => {
  total.passed += count.passed;
  total.failed += count.failed;
  total.skipped += count.skipped;
};

/** How long each part took: who has only the end of the output sees where the time went. */
const parts: string[] = [];
async function part<T>(name: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  try {
    return await work();
  } finally {
    parts.push(`${name} ${((performance.now() - start) / MINUTE).toFixed(1)}`);
  }
}

/** A tool that judges the whole tree counts as one test. */
async function tool(claim: string, command: readonly string[]): Promise<void> {
  try {
    await step(claim, () => run(command, { cwd: CHECKOUT }));
    add({ passed: 1, failed: 0, skipped: 0 });
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    add({ passed: 0, failed: 1, skipped: 0 });
  }
}

/** The tests on running systems. */
const live = (files: readonly string[], env?: Record<string, string>, concurrency = 1): Promise<Count> =>
  tallyAgain(
    files,
    { concurrency, timeout: 15 * MINUTE, ...(env && { env }) },
    () => performance.now() - began < SECOND_RUNS_END,
  );

const bin = (name: string): string => `node_modules/.bin/${name}`;

async function check(): Promise<void> {
  // The linter takes as long as the two others together.
  const linted = tool('the tree has no lint', [bin('eslint'), '--max-warnings', '0', '.']);
  const judged = (async (): Promise<void> => {
    await tool('the tree type-checks', [bin('tsc'), '--noEmit']);
    await tool('the tree is formatted', [bin('prettier'), '--check', '--log-level', 'warn', '.']);
  })();
  add(await tally([...suites.unit(), ...suites.rules()], { concurrency: availableParallelism(), timeout: MINUTE }));
  await Promise.all([linted, judged]);
}

async function all(): Promise<void> {
  await part('check', check);
  // Minutes on a new machine, and no part of any test's time.
  await part('engine’s tools', cliFolder);
  // What only the rehearsal needs is built beside the tests that come before it; who needs it waits, and gets its error.
  buildImages().catch(() => undefined);
  add(await part('engine', () => tally(suites.engine(), { concurrency: availableParallelism(), timeout: 5 * MINUTE })));
  await onDeployedPlatform(async (env, deploy) => {
    add(await part('deployed', () => live(suites.deployed(), env)));
    add(await part('trials', () => live(suites.trials(), env, 2)));
    // Most of the time, who waits for a failover uses no processor.
    const beside = part('beside the rehearsal', async () => {
      add(await live(suites.alone()));
      add(await tally(suites.defects(), { concurrency: 1, timeout: 5 * MINUTE }));
    });
    try {
      await part('make up of the rehearsal', () => deploy('rehearsal'));
      add(await part('rehearsed', () => live(suites.rehearsed(), env)));
    } finally {
      await beside;
    }
  });
  add(await part('last', () => live(suites.last())));
}

async function only(files: readonly string[]): Promise<void> {
  add(await tally(files, { concurrency: 1, timeout: 10 * MINUTE }));
}

const began = performance.now();
const [what, ...rest] = process.argv.slice(2);
try {
  if (what === 'check') await check();
  else if (what === 'test') await all();
  else if (what === 'only' && rest.length > 0) await only(rest);
  else throw new Error('usage: node test/run.ts check | test | only FILE…');
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  total.failed++;
}
for (const line of reds.slice(0, REDS)) say(`  ✗ ${line}`);
if (reds.length > REDS) say(`  ✗ and ${reds.length - REDS} more`);
if (parts.length > 0) say(`  minutes: ${parts.join(', ')}`);
say(`  in ${((performance.now() - began) / MINUTE).toFixed(1)} min`);
if (total.skipped > 0) say(`  ${total.skipped} tests need what this machine lacks, and were not run`);
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`, () => {
  process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
});
