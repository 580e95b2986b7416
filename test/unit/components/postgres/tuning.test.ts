import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { tune, type Tuning } from '../../../../components/postgres/index.ts';
import type { Bytes } from '../../../../components/core/index.ts';

/** What the pod needs at most, in MiB: every connection sorting, every autovacuum worker at work. */
const worstCase = (tuned: Tuning, connections: number): number =>
  tuned.sharedBuffers + 3 * tuned.maintenanceWorkMem + connections * (tuned.workMem + 2);

const memories = fc.integer({ min: 256, max: 1024 * 1024 });

test('with as many connections as there is room for, the worst case stays within the pod’s memory', () => {
  fc.assert(
    fc.property(memories, fc.double({ min: 0, max: 1, noNaN: true }), (memory, share) => {
      const text: Bytes = `${memory}Mi`;
      const connections = 1 + Math.floor(share * (tune(text, 1).mostConnections - 1));
      assert.ok(worstCase(tune(text, connections), connections) <= memory);
    }),
  );
});

test('more memory never makes a setting smaller, more connections never make working memory larger', () => {
  fc.assert(
    fc.property(memories, fc.nat(4096), fc.integer({ min: 1, max: 5000 }), (memory, more, connections) => {
      const [less, bigger] = [tune(`${memory}Mi`, connections), tune(`${memory + more}Mi`, connections)];
      for (const key of Object.keys(less) as (keyof Tuning)[]) assert.ok(bigger[key] >= less[key], key);
      assert.ok(tune(`${memory}Mi`, connections + 1).workMem <= less.workMem);
    }),
  );
});

test('512 MiB and 60 connections give these figures', () => {
  assert.deepEqual(tune('512Mi', 60), {
    sharedBuffers: 128,
    effectiveCacheSize: 320,
    maintenanceWorkMem: 21,
    workMem: 2,
    mostConnections: 85,
  });
});

test('no setting is ever below what PostgreSQL accepts', () => {
  for (const connections of [1, 85, 5000]) {
    for (const value of Object.values(tune('256Mi', connections))) assert.ok(Number.isInteger(value) && value >= 1);
  }
});
