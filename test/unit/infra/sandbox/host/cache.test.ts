import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

// The cache's place is read once, on import.
const cache = mkdtempSync(join(tmpdir(), 'platform-cache-'));
process.env.PLATFORM_CACHE = cache;
const { artifact, folderOf, keyOf } = await import('../../../../../infra/sandbox/host/cache.ts');
const { locked } = await import('../../../../../infra/sandbox/host/lock.ts');
after(() => rmSync(cache, { recursive: true }));

test('an artifact is built once, and found by every later call', async () => {
  let built = 0;
  const build = (dir: string): Promise<void> => {
    built++;
    writeFileSync(join(dir, 'file'), 'content');
    return Promise.resolve();
  };
  const first = await artifact('once', 'k', build);
  assert.equal(await artifact('once', 'k', build), first);
  assert.equal(built, 1);
  assert.equal(readFileSync(join(first, 'file'), 'utf8'), 'content');
});

test('callers at the same time share one build', async () => {
  let running = 0;
  let built = 0;
  const build = async (): Promise<void> => {
    assert.equal(++running, 1, 'two builds at once');
    await sleep(50);
    running--;
    built++;
  };
  await Promise.all(Array.from({ length: 5 }, () => artifact('shared', 'k', build)));
  assert.equal(built, 1);
});

test('a build that throws leaves nothing, and the next call builds again', async () => {
  const failing = artifact('failing', 'k', (dir) => {
    writeFileSync(join(dir, 'half'), '');
    throw new Error('out of luck');
  });
  await assert.rejects(failing, /out of luck/);
  assert.deepEqual(
    readdirSync(cache).filter((name) => name.startsWith('failing')),
    [],
  );
  const dir = await artifact('failing', 'k', () => Promise.resolve());
  assert.deepEqual(readdirSync(dir), []);
});

test('a build that was killed is begun anew, on an empty folder, without waiting for its lock', async () => {
  const child = fork(
    '-e',
    [
      `import { writeFileSync } from 'node:fs';
       const { artifact } = await import(${JSON.stringify(import.meta.resolve('../../../../../infra/sandbox/host/cache.ts'))});
       await artifact('killed', 'k', async (dir) => {
         writeFileSync(dir + '/half', '');
         process.send('building');
         await new Promise((resolve) => setTimeout(resolve, 60_000));
       });`,
    ],
    { execArgv: ['--input-type=module'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  );
  await once(child, 'message');
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.ok(!existsSync(folderOf('killed', 'k')), 'a half-made artifact counts as made');
  const began = performance.now();
  const dir = await artifact('killed', 'k', (folder) => {
    assert.deepEqual(readdirSync(folder), []);
    return Promise.resolve();
  });
  assert.ok(existsSync(dir));
  assert.ok(performance.now() - began < 5000);
});

test('a lock is held by one at a time, and freed by work that throws', async () => {
  const file = join(cache, 'lock');
  let inside = 0;
  const work = async (): Promise<void> => {
    assert.equal(++inside, 1, 'two hold it');
    await sleep(20);
    inside--;
    throw new Error('done');
  };
  const results = await Promise.allSettled(Array.from({ length: 4 }, () => locked(file, work)));
  assert.deepEqual(
    results.map((result) => result.status === 'rejected' && (result.reason as Error).message),
    Array(4).fill('done'),
  );
});

test('a key tells what was joined from what was apart', () => {
  assert.notEqual(keyOf('ab', 'c'), keyOf('a', 'bc'));
  assert.notEqual(keyOf('a'), keyOf('a', ''));
  assert.equal(keyOf('a', 'b'), keyOf('a', 'b'));
});
