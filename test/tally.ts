/** Runs test files through Node's own runner and counts what came out. */
import { run as runTests } from 'node:test';
import { spec } from 'node:test/reporters';
import { join, resolve } from 'node:path';
import { CHECKOUT } from '../infra/sandbox/host/paths.ts';
import { say } from '../infra/sandbox/host/progress.ts';

export interface Count {
  passed: number;
  failed: number;
  /** Tests that said why they cannot run on this machine. */
  skipped: number;
}

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

/**
 * An unfinished test counts as failed, and so does one that is skipped without a reason, and a file in which no test ran.
 * A test that needs what a machine may lack says so as its reason; it is counted apart and shown.
 */
export async function tally(files: readonly string[], options: Options): Promise<Count> {
  const count: Count = { passed: 0, failed: 0, skipped: 0 };
  const ran = new Set<string>();
  Object.assign(process.env, options.env);
  const stream = runTests({
    files: files.map((file) => join(CHECKOUT, file)),
    concurrency: options.concurrency,
    timeout: options.timeout,
    ...(options.pattern && { testNamePatterns: [options.pattern] }),
  });
  const settle = (event: Event, passed: boolean): void => {
    // A file that ends well without any test is reported as a test of its own name.
    if (passed && event.file !== undefined && resolve(event.name) === event.file) return;
    if (event.file) ran.add(event.file);
    if (event.details.type === 'suite') return;
    if (typeof event.skip === 'string' && event.skip !== '') {
      say(`  not run: ${event.name}: ${event.skip}`);
      count.skipped++;
    } else if (passed && event.skip === undefined && event.todo === undefined) count.passed++;
    else count.failed++;
  };
  stream.on('test:pass', (event) => settle(event, true));
  stream.on('test:fail', (event) => settle(event, false));
  stream.compose(spec).pipe(process.stdout, { end: false });
  await new Promise<void>((resolve, reject) => stream.on('end', resolve).on('error', reject));
  if (!options.pattern) {
    for (const file of files.filter((name) => !ran.has(join(CHECKOUT, name)))) {
      say(`  ✗ ${file}: no test ran in it`);
      count.failed++;
    }
  }
  return count;
}
