import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, test } from 'node:test';
import { CHECKOUT } from '../../../infra/sandbox/host/paths.ts';
import { CommandFailed, run } from '../../../infra/sandbox/host/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'tally-'));
after(() => rmSync(folder, { recursive: true }));

/** The last line that the runner prints about a file with this text, and whether it was content. */
async function verdict(text: string): Promise<{ last: string; content: boolean }> {
  const file = join(folder, `${process.hrtime.bigint()}.test.mjs`);
  writeFileSync(file, `import { test } from 'node:test';\n${text}\n`);
  const command = [process.execPath, 'test/run.ts', 'only', relative(CHECKOUT, file)];
  const last = (output: string): string => output.trimEnd().split('\n').at(-1)!;
  try {
    const output = await run(command, { cwd: CHECKOUT, env: { NODE_TEST_CONTEXT: undefined } });
    return { last: last(output), content: true };
  } catch (error) {
    assert.ok(error instanceof CommandFailed);
    return { last: error.output.split('\n').find((line) => / passed, /.test(line))!, content: false };
  }
}

for (const [claim, text, last, content] of [
  ['a test that passes is counted', `test('a', () => {});`, '1 passed, 0 failed', true],
  ['a test that fails fails the run', `test('a', () => { throw new Error(); });`, '0 passed, 1 failed', false],
  [
    'a test skipped without a reason fails the run',
    `test('a', { skip: true }, () => {});`,
    '0 passed, 1 failed',
    false,
  ],
  ['an unfinished test fails the run', `test('a', { todo: true }, () => {});`, '0 passed, 1 failed', false],
  ['a file without a test fails the run', ``, '0 passed, 1 failed', false],
  [
    'a test that says what the machine lacks is counted apart',
    `test('a', () => {}); test('b', { skip: 'no plugins' }, () => {});`,
    '1 passed, 0 failed',
    true,
  ],
] as const) {
  test(claim, async () => {
    assert.deepEqual(await verdict(text), { last, content });
  });
}
