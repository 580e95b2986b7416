/**
 * The one door to all tests. `node test/run.ts check|test|only FILE…`
 *
 *   check   types, lint, format, rules, the unit tests but the longest: a minute on two cores, two the first time; needs no
 *           root and no cluster
 *   test    all of it, from the beginning, on a sandbox of its own that is gone afterwards
 *   engine  of these, what runs on the real engine without a cluster
 *   running of these, what needs one, or containers, or hosts
 *   only    the named files, against the running sandbox where they need one
 *
 * The last line is `N passed, N failed`, alone; what a machine lacks the means for is counted on a line before it. The exit
 * code is 0 only if nothing failed and something passed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { cliFolder } from '../infra/sandbox/engine/index.ts';
import { run } from '../infra/sandbox/host/run.ts';
import { clearGroups, makeIdleGroup } from '../infra/sandbox/host/cgroups.ts';
import { CHECKOUT } from '../infra/sandbox/host/paths.ts';
import { say, step } from '../infra/sandbox/host/progress.ts';
import { onDeployedPlatform } from './platform.ts';
import { suites } from './suites.ts';
import { reds, soFar, tally, tallyAgain, times, type Count, type Options } from './tally.ts';

const MINUTE = 60_000;
const CORES = availableParallelism();
/** Nothing is run a second time after this: whoever waits for all tests stops after 90 minutes. */
const SECOND_RUNS_END = 80 * MINUTE;
const late = new AbortController();
/** More lines than this about what was red would push each other off the end. */
const REDS = 12;
/** Loaded into a process, so that everything else goes first. */
const IDLE = ['--import', './test/idle.ts'];
/** What was judged otherwise than by a test file. */
const tools: Count = { passed: 0, failed: 0, skipped: 0 };

function total(): Count {
  const { passed, failed, skipped } = soFar();
  return { passed: passed + tools.passed, failed: failed + tools.failed, skipped };
}

const minutes = (span: number): string => (span / MINUTE).toFixed(1);

/** How long each part took: who has only the end of the output sees where the time went. */
const parts: string[] = [];
async function part<T>(name: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  say(`  ▸ ${name}, at minute ${minutes(start - began)}`);
  try {
    return await work();
  } finally {
    const end = performance.now();
    parts.push(`${name} ${minutes(end - start)}`);
    say(`  ◂ ${name}, at minute ${minutes(end - began)}`);
  }
}

const SLOWEST = 24;
const slowest = (): string =>
  times
    .toSorted((one, other) => other.seconds - one.seconds)
    .slice(0, SLOWEST)
    .map(({ file, seconds }) => `${file.replace(/^test\/|\.test\.ts$/g, '')} ${seconds.toFixed(0)} s`)
    .join(', ');

/** A tool that judges the whole tree counts as one test. @param idle the environment of the lane that gives way to all else */
async function tool(claim: string, [name, ...args]: readonly string[], idle?: Record<string, string>): Promise<void> {
  const command = [process.execPath, ...(idle ? IDLE : []), join('node_modules/.bin', name!), ...args];
  try {
    await step(claim, () => run(command, { cwd: CHECKOUT, ...(idle && { env: idle }) }));
    tools.passed++;
  } catch (error) {
    tools.failed++;
    reds.push(`it is not so that ${claim}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const inTime = (): boolean => performance.now() - began < SECOND_RUNS_END;

/** The tests on running systems. */
async function live(files: readonly string[], options: Partial<Options> = {}): Promise<void> {
  await tallyAgain(files, { concurrency: 1, timeout: 15 * MINUTE, signal: late.signal, ...options }, inTime);
}

/** What only the rehearsal needs is built beside the tests that come before it; who needs it waits, and gets its error. */
const buildRest = (env: Record<string, string>): Promise<unknown> =>
  run([process.execPath, ...IDLE, 'test/images.ts'], { cwd: CHECKOUT, env }).catch(() => undefined);

/** Unit tests that share a process: enough for what they import to be worth it, few enough for both cores to be busy to the end. */
const TOGETHER = 12;

/** What the tools said of files that have not changed since. A lint that looks at types can be out of date in a file whose imports changed. */
const KEPT = 'node_modules/.cache';
const keeping = (file: string): string[] => [
  '--cache',
  '--cache-strategy',
  'content',
  '--cache-location',
  join(KEPT, `${file}.json`),
];

const LINT = ['eslint', '--max-warnings', '0'];
const TYPES = ['tsc', '--noEmit'];
const FORMAT = ['prettier', '--check', '--log-level', 'warn'];

const unitsTogether = (files: readonly string[], options: Partial<Options> = {}): Promise<Count> =>
  tally([...files.filter((file) => !suites.isApart(file)), ...suites.rules()], {
    concurrency: CORES,
    timeout: MINUTE,
    together: TOGETHER,
    ...options,
  });

const unitsApart = (files: readonly string[]): Promise<Count> =>
  tally(files.filter(suites.isApart), { concurrency: CORES, timeout: MINUTE });

/** What is run all the time: the longest tests are left out, and the tools trust what they said before. */
async function check(): Promise<void> {
  // The linter takes as long as the two others together.
  const linted = tool('the tree has no lint', [...LINT, ...keeping('eslint'), '.']);
  const judged = (async (): Promise<void> => {
    await tool('the tree type-checks', [...TYPES, '--incremental', '--tsBuildInfoFile', join(KEPT, 'tsc.json')]);
    await tool('the tree is formatted', [...FORMAT, ...keeping('prettier'), '.']);
  })();
  await unitsTogether(suites.unitShort());
  await unitsApart(suites.unitShort());
  await Promise.all([linted, judged]);
}

/** The same tools, which trust nothing here and wait for nobody. */
async function judgeTree(idle: Record<string, string>): Promise<void> {
  await tool('the tree has no lint', [...LINT, '.'], idle);
  await tool('the tree type-checks', TYPES, idle);
  await tool('the tree is formatted', [...FORMAT, '.'], idle);
}

/** What looks at the clock. */
const timedEngineTests = (): Promise<Count> =>
  tally(suites.engineTimed(), { concurrency: CORES, timeout: 8 * MINUTE, signal: late.signal });

/** Many tests look at the plans of the same stacks: the folder holds what one of them has made for all. */
async function sharingPlans<T>(work: (env: Record<string, string>) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'platform-run-'));
  try {
    return await work({ PLATFORM_PLANS: folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const engineTests = (options: Partial<Options>): Promise<Count> =>
  tally(suites.engine(), { concurrency: CORES, timeout: 8 * MINUTE, signal: late.signal, ...options });

async function all(): Promise<void> {
  stopInTime();
  await part('units by themselves', () => unitsApart(suites.unit()));
  // Minutes on a new machine, and no part of any test's time.
  await part('engine’s tools', cliFolder);
  await part('engine by the clock', timedEngineTests);
  await running(true);
}

/**
 * Everything that needs containers, nodes or hosts. Who waits for pods, releases and failovers uses half of the processor at
 * most; what measures no time has the other half, in a lane of its own that gives way to everything else.
 * @param whole the tree itself and the tests on the engine are judged in that lane, too
 */
async function running(whole = false): Promise<void> {
  const name = `platform-test-idle-${process.pid}`;
  const group = makeIdleGroup(name);
  const idle = { PLATFORM_IDLE: group ?? '' };
  try {
    await onDeployedPlatform(async (env, deploy, destroy) => {
      const spare = part('spare', async () => {
        await buildRest(idle);
        await sharingPlans(async (plans) => {
          const patient = { idle: true, env: { ...idle, ...plans }, timeout: 25 * MINUTE } as const;
          if (whole) {
            await part('types, lint, format', () => judgeTree(idle));
            await part('units', () => unitsTogether(suites.unit(), { ...patient, env: idle, signal: late.signal }));
            await part('engine', () => engineTests(patient));
          }
          await live([...suites.hosts(), ...suites.alone()], patient);
          await live(suites.lodgers(), { ...patient, env: { ...env, ...patient.env } });
          await tally(suites.defects(), { ...patient, concurrency: 1, signal: late.signal });
        });
      });
      // What a lane throws is thrown where it is waited for.
      spare.catch(() => undefined);
      await part('deployed', () => live(suites.deployed(), { env }));
      const trials = part('trials', () => live(suites.trials(), { env, concurrency: 2 }));
      trials.catch(() => undefined);
      try {
        await part('architect', async () => {
          late.signal.throwIfAborted();
          await deploy('architect-rehearsal');
          await live(suites.architect(), { env });
          await destroy('architect-rehearsal');
        });
        await trials;
        late.signal.throwIfAborted();
        await part('make up of the rehearsal', () => deploy('rehearsal'));
        await part('rehearsed', async () => {
          for (const files of suites.rehearsed()) await live(files, { env, concurrency: files.length });
        });
      } finally {
        await Promise.allSettled([trials, spare]);
      }
      await Promise.all([trials, spare]);
    });
  } finally {
    await clearGroups(name);
  }
  await part('last', () => live(suites.last()));
}

const only = (files: readonly string[]): Promise<Count> => tally(files, { concurrency: 1, timeout: 10 * MINUTE });

/** What the end of the output has to say: who looks at a long run often has only that. */
function sum(): void {
  for (const line of reds.slice(0, REDS)) say(`  ✗ ${line}`);
  if (reds.length > REDS) say(`  ✗ and ${reds.length - REDS} more`);
  if (times.length > 1) say(`  slowest: ${slowest()}`);
  if (parts.length > 0) say(`  minutes: ${parts.join(', ')}`);
  say(`  in ${minutes(performance.now() - began)} min`);
  const { skipped } = total();
  if (skipped > 0) say(`  ${skipped} tests need what this machine lacks, and were not run`);
}

/**
 * Whoever waits for all tests stops after 90 minutes, and would lose what came out: so this one ends before, what runs in red
 * and what waits not run, takes its sandbox down and says what came out.
 */
const LAST_MINUTE = 86 * MINUTE;
function stopInTime(): void {
  setTimeout(() => {
    tools.failed++;
    reds.push(`not ended by minute ${minutes(LAST_MINUTE)}: the parts that are not among those below are not whole`);
    late.abort();
  }, LAST_MINUTE).unref();
}

const began = performance.now();
const [what, ...rest] = process.argv.slice(2);
try {
  if (what === 'check') await check();
  else if (what === 'test') await all();
  else if (what === 'engine') {
    await part('engine by the clock', timedEngineTests);
    await part('engine', () => sharingPlans((env) => engineTests({ env })));
  } else if (what === 'running') await running();
  else if (what === 'only' && rest.length > 0) await only(rest);
  else throw new Error('usage: node test/run.ts check | test | engine | running | only FILE…');
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  tools.failed++;
}
sum();
const { passed, failed } = total();
process.stdout.write(`\n${passed} passed, ${failed} failed\n`, () => {
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
});
