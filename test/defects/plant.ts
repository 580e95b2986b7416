/**
 * Plants one defect at a time in a copy of the tree, and runs the one test that has to notice. A suite is worth what it
 * catches: a defect that stays green is a hole in the tests.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';
import { CommandFailed, run } from '../../infra/sandbox/host/run.ts';
import { patient } from '../e2e/support/until.ts';

export interface Defect {
  /** What the defect would do to somebody. */
  readonly harm: string;
  readonly file: string;
  /** A piece of the file that stands in it exactly once. */
  readonly right: string;
  readonly wrong: string;
  /** The test that must turn red: its file, and its whole name. */
  readonly caughtBy: { readonly file: string; readonly test: string };
  /** With it the test comes to no end: to be killed at {@link LIMIT} is red as well. */
  readonly endless?: true;
}

/** Milliseconds for one test. */
const LIMIT = patient(60_000);

/** A copy of what the tests of core and gates need, sharing the installed packages. */
export function copyOfTree(): string {
  const copy = mkdtempSync(join(tmpdir(), 'planted-'));
  for (const part of ['package.json', 'tsconfig.json', 'components', 'infra', 'stacks', 'test', 'docs']) {
    cpSync(join(CHECKOUT, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(CHECKOUT, 'node_modules'), join(copy, 'node_modules'));
  mkdirSync(join(copy, '.out'), { recursive: true });
  return copy;
}

export const removeCopy = (copy: string): void => rmSync(copy, { recursive: true, force: true });

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

/** Runs one named test in the copy. `undefined`: it passed; otherwise what it printed. */
async function verdict(copy: string, { file, test }: Defect['caughtBy'], endless = false): Promise<string | undefined> {
  // In one process: a test that a defect makes endless has to go with the process that is killed for it.
  const one = [
    '--test-isolation=none',
    '--test-force-exit',
    '--test-reporter=tap',
    `--test-name-pattern=^${escaped(test)}$`,
  ];
  try {
    // With this variable, the inner runner would take itself for a child of this one, and report to nobody.
    const output = await run([process.execPath, '--test', ...one, file], {
      cwd: copy,
      env: { NODE_TEST_CONTEXT: undefined },
      timeout: LIMIT,
    });
    if (!/^# pass [1-9]/m.test(output)) throw new Error(`no test named "${test}" in ${file}`);
    return undefined;
  } catch (error) {
    // Only the test itself counts: a defect that breaks the file before it runs proves nothing.
    const red = new RegExp(`^\\s*not ok \\d+ - ${escaped(test)}$`, 'm');
    if (!(error instanceof CommandFailed)) throw error;
    if (red.test(error.output) || (endless && error.code === null)) return error.output;
    if (error.code === null) throw new Error(`"${test}" was killed after ${LIMIT} ms, which proves nothing`);
    throw error;
  }
}

const green = new Map<string, Promise<string | undefined>>();

/** What the test says on the tree as it is; asked once, however many defects it has to catch. */
function withoutDefect(copy: string, { file, test }: Defect['caughtBy']): Promise<string | undefined> {
  const key = `${file} ${test}`;
  const known = green.get(key) ?? verdict(copy, { file, test });
  green.set(key, known);
  return known;
}

/** The file that a defect goes into, as it is. Throws unless the defect has exactly one place in it. */
export function placeOf(tree: string, { file, right }: Defect): string {
  const text = readFileSync(join(tree, file), 'utf8');
  const places = text.split(right).length - 1;
  if (places !== 1) throw new Error(`${file} holds ${places} times: ${right}`);
  return text;
}

/** Throws unless the test is green on the tree as it is, and red with the defect in it. */
export async function provesItself(copy: string, defect: Defect): Promise<void> {
  const path = join(copy, defect.file);
  const text = placeOf(copy, defect);
  const before = await withoutDefect(copy, defect.caughtBy);
  if (before !== undefined) throw new Error(`"${defect.caughtBy.test}" is red without any defect:\n${before}`);
  writeFileSync(
    path,
    text.replace(defect.right, () => defect.wrong),
  );
  try {
    if ((await verdict(copy, defect.caughtBy, defect.endless)) === undefined) {
      throw new Error(`"${defect.caughtBy.test}" stays green, although ${defect.harm}`);
    }
  } finally {
    writeFileSync(path, text);
  }
}
