/** Runs test files through Node's own runner and counts what came out. */
import { run as runTests } from 'node:test';
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

interface Event {
  readonly name: string;
  readonly nesting: number;
  readonly file?: string;
  readonly skip?: string | boolean;
  readonly todo?: string | boolean;
  readonly details: { readonly type?: string; readonly duration_ms: number; readonly error?: Error };
}

export interface Options {
  /** How many files run at the same time. */
  readonly concurrency: number;
  /** Added to the environment of the tests. */
  readonly env?: Record<string, string>;
  /** Milliseconds that one test may take. */
  readonly timeout: number;
  /** Only tests whose name matches. */
  readonly pattern?: RegExp;
}

/** What was red, a line each in the order it came, also what was green the second time: for the end of the run. */
export const reds: string[] = [];

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
    if (!allowed()) break;
    say(`  ↻ ${file}: ${first.failed} failed; once more`);
    const second = (await counted([file], options)).get(file)!;
    say(`  ↻ ${file}: ${first.failed} failed the first time, ${second.failed} the second`);
    reds.push(`${file}: run once more: ${second.failed} failed`);
    counts.set(file, second);
  }
  return sum(counts.values());
}

async function counted(files: readonly string[], options: Options): Promise<Counts> {
  const counts = new Map(files.map((file) => [join(CHECKOUT, file), none()]));
  const ran = new Set<string>();
  Object.assign(process.env, options.env);
  const stream = runTests({
    files: [...counts.keys()],
    concurrency: options.concurrency,
    timeout: options.timeout,
    ...(options.pattern && { testNamePatterns: [options.pattern] }),
  });
  const settle = (event: Event, passed: boolean): void => {
    // A file that ends well without any test is reported as a test of its own name.
    if (passed && event.file !== undefined && resolve(event.name) === event.file) return;
    if (event.file) ran.add(event.file);
    if (event.details.type === 'suite') return;
    // What cannot be laid to a file is laid to the first: it is not to be lost.
    const count = counts.get(event.file ?? '') ?? [...counts.values()][0]!;
    if (typeof event.skip === 'string' && event.skip !== '') {
      say(`  not run: ${event.name}: ${event.skip}`);
      count.skipped++;
    } else if (passed && event.skip === undefined && event.todo === undefined) count.passed++;
    else {
      count.failed++;
      reds.push(red(event));
    }
  };
  stream.on('test:pass', (event) => settle(event, true));
  stream.on('test:fail', (event) => settle(event, false));
  stream.compose(spec).pipe(process.stdout, { end: false });
  await new Promise<void>((resolve, reject) => stream.on('end', resolve).on('error', reject));
  if (!options.pattern) {
    for (const [file, count] of counts) {
      if (ran.has(file)) continue;
      say(`  ✗ ${file}: no test ran in it`);
      reds.push(`${relative(CHECKOUT, file)}: no test ran in it`);
      count.failed++;
    }
  }
  return new Map([...counts].map(([file, count]) => [relative(CHECKOUT, file), count]));
}
