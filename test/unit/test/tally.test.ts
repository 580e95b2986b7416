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

test('what all tests of a suite fell with is told, and not that each of them did not end', async () => {
  const file = join(folder, 'fallen.test.mjs');
  const hook = `before(() => { throw new Error('the daemon is gone'); });`;
  const tests = `describe('a suite', () => { ${hook} test('one', () => {}); test('two', () => {}); });`;
  writeFileSync(file, `import { before, describe, test } from 'node:test';\n${tests}\n`);
  const command = [process.execPath, 'test/run.ts', 'only', relative(CHECKOUT, file)];
  await assert.rejects(
    run(command, { cwd: CHECKOUT, env: { NODE_TEST_CONTEXT: undefined } }),
    ({ output }: CommandFailed) => {
      const told = output.split('\n').filter((line) => /^ {2}✗ .*fallen/.test(line));
      assert.deepEqual(
        told.map((line) => line.replace(/^.*mjs: /, '')),
        ['a suite: the daemon is gone'],
      );
      return /^0 passed, 2 failed$/m.test(output);
    },
  );
});

/** What a file with this text comes to when it may be run a second time. */
async function twice(tests: string, allowed: boolean): Promise<{ said: string; count: unknown }> {
  const name = `${process.hrtime.bigint()}`;
  const file = join(folder, `${name}.test.mjs`);
  const marker = JSON.stringify(join(folder, name));
  const first = `const first = !existsSync(${marker}); writeFileSync(${marker}, '');`;
  writeFileSync(
    file,
    `import { test } from 'node:test'; import { existsSync, writeFileSync } from 'node:fs'; ${first}\n${tests}\n`,
  );
  const script = join(folder, `${name}.mts`);
  const text = `
    import { tallyAgain } from ${JSON.stringify(join(CHECKOUT, 'test/tally.ts'))};
    const options = { concurrency: 1, timeout: 60_000 };
    const count = await tallyAgain([${JSON.stringify(relative(CHECKOUT, file))}], options, () => ${allowed});
    process.stdout.write('\\n' + JSON.stringify(count) + '\\n', () => process.exit());
  `;
  writeFileSync(script, text);
  const said = await run(['sh', '-c', 'exec "$0" "$1" 2>&1', process.execPath, script], {
    cwd: CHECKOUT,
    env: { NODE_TEST_CONTEXT: undefined },
  });
  return { said, count: JSON.parse(said.split('\n').findLast((line) => line.startsWith('{"passed"'))!) };
}

const UNSTEADY = `test('a', () => {}); test('b', () => { if (first) throw new Error(); });`;

test('what is red once and green the second time counts as it was the second time, and is said', async () => {
  const { said, count } = await twice(UNSTEADY, true);
  assert.deepEqual(count, { passed: 2, failed: 0, skipped: 0 });
  assert.match(said, /1 failed the first time, 0 the second/);
});

test('the end of a run says of each red test its file, its name and why, so that the end is enough', async () => {
  const file = join(folder, 'reason.test.mjs');
  writeFileSync(file, `import { test } from 'node:test';\ntest('a', () => { throw new Error('no\\nanswer'); });\n`);
  const name = relative(CHECKOUT, file);
  const command = ['sh', '-c', 'exec "$0" test/run.ts only "$1" 2>&1', process.execPath, name];
  const output = await run(command, { cwd: CHECKOUT, env: { NODE_TEST_CONTEXT: undefined } }).catch((error: unknown) =>
    error instanceof CommandFailed ? error.output : Promise.reject(error as Error),
  );
  assert.ok(output.split('\n').includes(`  ✗ ${name}: a: no answer`), output);
});

test('what is red twice is red', async () => {
  const { count } = await twice(`test('a', () => { throw new Error(); });`, true);
  assert.deepEqual(count, { passed: 0, failed: 1, skipped: 0 });
});

test('without time for a second run the first one counts', async () => {
  assert.deepEqual((await twice(UNSTEADY, false)).count, { passed: 1, failed: 1, skipped: 0 });
});

/** What files with these texts come to when they share a process. */
async function together(texts: readonly string[]): Promise<{ said: string; count: unknown }> {
  const stamp = `${process.hrtime.bigint()}`;
  const files = texts.map((text, nth) => {
    const file = join(folder, `${stamp}-${nth}.test.mjs`);
    writeFileSync(file, `import { before, test } from 'node:test';\n${text}\n`);
    return relative(CHECKOUT, file);
  });
  const script = join(folder, `${stamp}.mts`);
  writeFileSync(
    script,
    `
    import { tally } from ${JSON.stringify(join(CHECKOUT, 'test/tally.ts'))};
    const count = await tally(${JSON.stringify(files)}, { concurrency: 1, timeout: 60_000, together: 5 });
    process.stdout.write('\\n' + JSON.stringify(count) + '\\n', () => process.exit());
  `,
  );
  const said = await run(['sh', '-c', 'exec "$0" "$1" 2>&1', process.execPath, script], {
    cwd: CHECKOUT,
    env: { NODE_TEST_CONTEXT: undefined },
  });
  return { said, count: JSON.parse(said.split('\n').findLast((line) => line.startsWith('{"passed"'))!) };
}

test('files that share a process are counted each for itself, and set up before any of their tests begins', async () => {
  const later = `globalThis.order = []; test('a', () => order.push('a'));`;
  const slow = `await new Promise((go) => setTimeout(go, 50)); order.push('set up'); test('b', () => { if (order.join() !== 'set up,a') throw new Error(order.join()); });`;
  const { count, said } = await together([later, slow]);
  assert.deepEqual(count, { passed: 2, failed: 0, skipped: 0 }, said);
});

test('a file without a test is red among others that have some', async () => {
  const { count, said } = await together([`test('a', () => {});`, '']);
  assert.deepEqual(count, { passed: 1, failed: 1, skipped: 0 });
  assert.match(said, /1\.test\.mjs: no test ran in it/);
});

test('a file that cannot be loaded is red, and so are those that would have come after it', async () => {
  const { count } = await together([`test('a', () => {});`, `throw new Error('no');`, `test('c', () => {});`]);
  assert.equal((count as { failed: number }).failed >= 2, true, JSON.stringify(count));
});

test('a run that is ended says what had come out by then: what ran is red, what waited is not run', async () => {
  const stamp = `${process.hrtime.bigint()}`;
  const texts = [
    `test('a', () => {}); test('endless', () => new Promise(() => setInterval(() => {}, 1000)));`,
    `test('c', () => {});`,
  ];
  const files = texts.map((text, nth) => {
    const file = join(folder, `${stamp}-${nth}.test.mjs`);
    writeFileSync(file, `import { test } from 'node:test';\n${text}\n`);
    return relative(CHECKOUT, file);
  });
  const script = join(folder, `${stamp}.mts`);
  writeFileSync(
    script,
    `
    import { soFar, tallyAgain, times } from ${JSON.stringify(join(CHECKOUT, 'test/tally.ts'))};
    const late = new AbortController();
    setTimeout(() => late.abort(), 1500);
    await tallyAgain(${JSON.stringify(files)}, { concurrency: 1, timeout: 60_000, signal: late.signal });
    process.stdout.write('\\n' + JSON.stringify({ ...soFar(), files: times.length }) + '\\n', () => process.exit());
  `,
  );
  const said = await run(['sh', '-c', 'exec "$0" "$1" 2>&1', process.execPath, script], {
    cwd: CHECKOUT,
    env: { NODE_TEST_CONTEXT: undefined },
    timeout: 30_000,
  });
  const {
    passed,
    failed,
    files: ran,
  } = JSON.parse(said.split('\n').findLast((line) => line.startsWith('{"passed"'))!) as {
    passed: number;
    failed: number;
    files: number;
  };
  assert.deepEqual([passed, failed > 0, ran], [1, true, 1], said);
});
