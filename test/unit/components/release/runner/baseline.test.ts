/** What a rolling update compares with. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RULES } from '../../../../../components/release/runner/analysis.ts';
import { baselineOf, patienceFor } from '../../../../../components/release/runner/baseline.ts';

const of = (good: number, failed: number, stable: number | undefined, waited: number) =>
  baselineOf({ baseline: { good, failed }, stable }, { analysis: RULES, interval: 200, waited });

test('one pod asked each 200 ms has time for the sixty answers that are needed, twice over', () => {
  assert.equal(patienceFor(60, 1, 200), 24_000);
  assert.equal(patienceFor(60, 2, 200), 12_000);
  assert.deepEqual([patienceFor(60, 10, 200), patienceFor(60, 1, 5000)], [10_000, 60_000]);
  assert.deepEqual(of(50, 0, 1, 10_000), { enough: false });
  assert.deepEqual(of(60, 0, 1, 12_000), { enough: true });
});

test('what stays too little is not waited for without end, and why is said', () => {
  assert.deepEqual(of(50, 1, 1, 24_001), {
    enough: false,
    why: 'stable gave too little in 24 s (50 good answers of 51 before it was replaced; 60 are needed)',
  });
});

test('a stable version that is down is not waited for; one that answers now and then is', () => {
  assert.match(of(3, 9, 0, 2001).why!, /^stable has no ready pod \(3 good answers of 12/);
  assert.match(of(0, 5, 2, 500).why!, /^stable is broken \(0 good answers of 5/);
  // A moment without a ready pod, a few failures, nobody who could look: none of it is the end.
  const some = [of(0, 0, 0, 1900), of(0, 4, 2, 5000), of(3, 9, 2, 5000), of(0, 0, undefined, 5000)];
  assert.deepEqual(some, Array(4).fill({ enough: false }));
});

test('without a gate for latency nothing is waited for', () => {
  const analysis = { ...RULES, latency: null };
  const seen = { baseline: { good: 0, failed: 0 }, stable: undefined };
  assert.deepEqual(baselineOf(seen, { analysis, interval: 200, waited: 0 }), { enough: true });
});
