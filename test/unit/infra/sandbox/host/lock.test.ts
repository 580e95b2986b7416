/** A lock is held by one at a time, and who waits for it is told so. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { locked } from '../../../../../infra/sandbox/host/lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'lock-'));
after(() => rmSync(folder, { recursive: true }));

test('the second waits until the first has ended, and is told once, after a second, that it waits', async () => {
  const file = join(folder, 'held');
  const events: string[] = [];
  let free: () => void = () => undefined;
  const first = locked(file, async () => {
    events.push('first');
    await new Promise<void>((resolve) => (free = resolve));
    events.push('first ends');
  });
  while (events.length === 0) await sleep(10);
  const second = locked(
    file,
    () => Promise.resolve(events.push('second')),
    () => void events.push('waits'),
  );
  await sleep(700);
  assert.deepEqual(events, ['first'], 'nothing is said of a wait that nobody would notice');
  while (events.length === 1) await sleep(10);
  assert.deepEqual(events, ['first', 'waits']);
  free();
  await Promise.all([first, second]);
  assert.deepEqual(events, ['first', 'waits', 'first ends', 'second']);
});

test('who gets it at once is told nothing, however long the work takes', async () => {
  let waits = 0;
  await locked(
    join(folder, 'free'),
    () => sleep(1200),
    () => {
      waits++;
    },
  );
  assert.equal(waits, 0);
});
