/** Runs test files through Node's own runner and counts what came out. */
import { run as runTests } from 'node:test';
import { Readable } from 'node:stream';
import { spec } from 'node:test/reporters';
import { join, relative, resolve } from 'node:path';
import { CHECKOUT } from '../infra/sandbox/host/paths.ts';
import { say } from '../infra/sandbox/host/progress.ts';

export interface Count {
  passed: number;
  failed: number;
  /** Tests that said why they cannot run on this machine. */
  skipped: number;
}

/** What came out of each file. */
type Counts = ReadonlyMap<string, Count>;

/** What has come out of each file so far, of its last run; also while it runs. */
const results = new Map<string, Count>();

interface Event {
  readonly name: string;
  readonly nesting: number;
  readonly file?: string;
  readonly skip?: string | boolean;
  readonly todo?: string | boolean;
  readonly details: {
    readonly type?: string;
    readonly duration_ms: number;
    readonly error?: Error & { readonly failureType?: string };
  };
}

export interface Options {
  /** How many files run at the same time. */
  readonly concurrency: number;
  /** Added to the environment of the tests. */
  readonly env?: Record<string, string>;
  /** Milliseconds that one test may take. */
  readonly timeout: number;
  /** How many files share a process, where they need nothing of it for themselves. Default: each has its own. */
  readonly together?: number;
  /** Only in the processor's spare time. */
  readonly idle?: true;
  /** Ends it: what runs is killed and red, what waits is not run. */
  readonly signal?: AbortSignal;
  /** Only tests whose name matches. */
  readonly pattern?: RegExp;
}

/** What was red, a line each in the order it came, also what was green the second time: for the end of the run. */
export const reds: string[] = [];

/** How long each file took, in the order they ended: for the end of the run. */
export const times: { readonly file: string; readonly seconds: number }[] = [];

/** The SDK notes a stack for every promise it makes; in full, that is a third of what the mocks of a large component take. */
const SHORT_STACKS = ['--stack-trace-limit=4', '--no-async-stack-traces'];

/** Several lanes with environments of their own run at a time, and the runner hands on that of this process. */
const environment = (env: Record<string, string> = {}): string[] => [
  '--import',
  `data:text/javascript,${encodeURIComponent(`Object.assign(process.env, ${JSON.stringify(env)})`)}`,
];

const IDLE = join(CHECKOUT, 'test/idle.ts');
const GROUP = join(CHECKOUT, 'test/group.ts');

/** As many characters of a reason as fit on two lines of a screen. */
const REASON = 240;

function red(event: Event): string {
  const { error } = event.details;
  const { message = '' } = error?.cause instanceof Error ? error.cause : (error ?? {});
  const reason = message.replace(/\s+/g, ' ').slice(0, REASON);
  return `${event.file === undefined ? '' : `${relative(CHECKOUT, event.file)}: `}${event.name}: ${reason}`;
}

const none = (): Count => ({ passed: 0, failed: 0, skipped: 0 });

const sum = (counts: Iterable<Count>): Count => {
  const total = none();
  for (const { passed, failed, skipped } of counts) {
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  return total;
};

/** What has come out of all files so far. */
export const soFar = (): Count => sum(results.values());

/**
 * An unfinished test counts as failed, and so does one that is skipped without a reason, and a file in which no test ran.
 * A test that needs what a machine may lack says so as its reason; it is counted apart and shown.
 */
export async function tally(files: readonly string[], options: Options): Promise<Count> {
  return sum((await counted(files, options)).values());
}

/**
 * For tests that break running systems on machines that others use as well. A file that was red is run once more, on its own,
 * and what comes out then counts. The first result is said, so that nobody takes what is unsteady for steady.
 * @param allowed asked before each second run: there may be no time left for it
 */
export async function tallyAgain(
  files: readonly string[],
  options: Options,
  allowed: () => boolean = () => true,
): Promise<Count> {
  const counts = new Map(await counted(files, options));
  for (const [file, first] of [...counts].filter(([, { failed }]) => failed > 0)) {
    if (!allowed() || options.signal?.aborted) break;
    say(`  ↻ ${file}: ${first.failed} failed; once more`);
    const second = (await counted([file], options)).get(file)!;
    say(`  ↻ ${file}: ${first.failed} failed the first time, ${second.failed} the second`);
    reds.push(`${file}: run once more: ${second.failed} failed`);
    counts.set(file, second);
  }
  return sum(counts.values());
}

/** Each file, or group of files, by a run of its own: so each is timed, and what was red in it is shown as soon as it ends. */
async function counted(files: readonly string[], options: Options): Promise<Counts> {
  process.env.NODE_COMPILE_CACHE ??= join(CHECKOUT, 'node_modules/.cache/node');
  const counts = new Map<string, Count>(files.map((file) => [file, none()]));
  const waiting = groups(files, options.together ?? 1).values();
  for (const [file, count] of counts) results.set(file, count);
  const worker = async (): Promise<void> => {
    for (const group of waiting) {
      if (options.signal?.aborted) return;
      const start = performance.now();
      await counting(group, options, counts);
      if (group.length === 1) times.push({ file: group[0]!, seconds: (performance.now() - start) / 1000 });
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.concurrency, files.length) }, worker));
  return counts;
}

/** Neighbours together: they import the same. */
const groups = (files: readonly string[], size: number): string[][] =>
  Array.from({ length: Math.ceil(files.length / size) }, (_, nth) => files.slice(nth * size, (nth + 1) * size));

async function counting(group: readonly string[], options: Options, counts: Map<string, Count>): Promise<void> {
  const paths = group.map((file) => join(CHECKOUT, file));
  const ran = new Set<string>();
  const alone = paths.length === 1;
  const shared = { PLATFORM_GROUP: JSON.stringify(paths) };
  const stream = runTests({
    files: alone ? paths : [GROUP],
    timeout: options.timeout,
    execArgv: [
      ...SHORT_STACKS,
      ...environment({ ...options.env, ...(!alone && shared) }),
      ...(options.idle ? ['--import', IDLE] : []),
    ],
    ...(options.signal && { signal: options.signal }),
    ...(options.pattern && { testNamePatterns: [options.pattern] }),
  });
  const settle = (event: Event, passed: boolean): void => {
    // A file that ends well without any test is reported as a test of its own name.
    if (passed && event.file !== undefined && resolve(event.name) === event.file) return;
    // What ends a whole group, like an import that is missing, is nobody's in particular.
    const file = event.file !== undefined && paths.includes(event.file) ? event.file : paths[0]!;
    ran.add(file);
    const why = event.details.error?.failureType;
    // Its tests say only that they did not end.
    if (event.details.type === 'suite' && why === 'hookFailed') reds.push(red(event));
    if (event.details.type === 'suite') return;
    const count = counts.get(relative(CHECKOUT, file))!;
    if (typeof event.skip === 'string' && event.skip !== '') {
      say(`  not run: ${event.name}: ${event.skip}`);
      count.skipped++;
    } else if (passed && event.skip === undefined && event.todo === undefined) count.passed++;
    else {
      count.failed++;
      // What it fell with has a line of its own.
      if (why !== 'cancelledByParent') reds.push(red(event));
    }
  };
  stream.on('test:pass', (event) => settle(event, true));
  stream.on('test:fail', (event) => settle(event, false));
  // Diagnostics are the counts of one file; the whole run's are said at its end.
  Readable.from(stream.filter(({ type }: { type: string }) => type !== 'test:diagnostic'))
    .compose(spec)
    .pipe(process.stdout, { end: false });
  await new Promise<void>((resolve, reject) => stream.on('end', resolve).on('error', reject));
  for (const path of options.pattern ? [] : paths.filter((one) => !ran.has(one))) {
    const file = relative(CHECKOUT, path);
    say(`  ✗ ${file}: no test ran in it`);
    reds.push(`${file}: no test ran in it`);
    counts.get(file)!.failed++;
  }
}
