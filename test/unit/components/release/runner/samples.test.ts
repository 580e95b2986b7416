import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  atTheSameTime,
  densest,
  longestRow,
  quantile,
  quantileBounds,
} from '../../../../../components/release/runner/samples.ts';
import { BEGIN, requests } from '../support/samples.ts';

const looks = fc.array(
  fc.boolean().map((ok) => ({ ok })),
  { maxLength: 40 },
);
const failures = (of: readonly { readonly ok: boolean }[]): number => of.filter(({ ok }) => !ok).length;

test('the densest stretch is the worst of all stretches of that length', () => {
  fc.assert(
    fc.property(looks, fc.integer({ min: 1, max: 12 }), (given, size) => {
      const stretches = given.map((_, end) => failures(given.slice(Math.max(0, end + 1 - size), end + 1)));
      assert.equal(densest(given, size), Math.max(0, ...stretches));
    }),
  );
});

test('the longest row of failures is the longest stretch that consists of nothing else', () => {
  fc.assert(
    fc.property(looks, (given) => {
      const rows = given
        .map(({ ok }) => (ok ? '.' : 'x'))
        .join('')
        .split('.');
      assert.equal(longestRow(given), Math.max(0, ...rows.map((row) => row.length)));
    }),
  );
});

test('a quantile is a value that was measured, and that share of the values does not exceed it', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.deepEqual(
    [0.5, 0.95, 0.99, 1].map((share) => quantile(hundred, share)),
    [50, 95, 99, 100],
  );
  assert.deepEqual([quantile([7], 0.95), quantile([3, 9], 0.5), quantile([], 0.5)], [7, 3, NaN]);
});

test('bounds hold the quantile between them, are values that were measured, and come closer with more of them', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 1 }), (values) => {
      const [low, high] = quantileBounds(values, 0.95);
      const middle = quantile(values, 0.95);
      assert.ok(low <= middle && middle <= high && values.includes(low) && values.includes(high));
    }),
  );
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => (i + 1) / count);
  assert.deepEqual(quantileBounds(upTo(100), 0.95), [0.92, 0.99]);
  assert.deepEqual(quantileBounds(upTo(10_000), 0.95), [0.9465, 0.9536]);
  assert.deepEqual(quantileBounds(upTo(4), 0.95), [1, 1]);
});

test('only seconds in which both were measured are compared', () => {
  const [a, b] = atTheSameTime(requests({ to: 4999 }), requests({ side: 'stable', from: 2500, to: 9000 }));
  assert.deepEqual([a[0]!.at - BEGIN, a.at(-1)!.at - BEGIN], [2000, 4900]);
  assert.deepEqual([b[0]!.at - BEGIN, b.at(-1)!.at - BEGIN], [2500, 4900]);
});
