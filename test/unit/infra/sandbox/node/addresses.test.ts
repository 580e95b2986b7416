import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressesOf, freeIndex, INDEXES, overlap } from '../../../../../infra/sandbox/node/addresses.ts';

const index = fc.integer({ min: 1, max: INDEXES.length });

test('no two instances share a name or an address', () => {
  fc.assert(
    fc.property(index, index, (one, other) => {
      fc.pre(one !== other);
      const [a, b] = [addressesOf(one), addressesOf(other)];
      assert.notEqual(a.name, b.name);
      for (const mine of [a.link, a.pods, a.services]) {
        for (const theirs of [b.link, b.pods, b.services]) assert.ok(!overlap(mine, theirs), `${mine} ${theirs}`);
      }
    }),
  );
});

test('networks overlap from their first address to their last, and not beyond', () => {
  for (const address of ['10.0.0.0', '10.0.0.255']) {
    assert.ok(overlap('10.0.0.0/24', address) && overlap(address, '10.0.0.0/24'), address);
  }
  for (const address of ['9.255.255.255', '10.0.1.0']) {
    assert.ok(!overlap('10.0.0.0/24', address) && !overlap(address, '10.0.0.0/24'), address);
  }
});

test('what an instance names lies in its own networks', () => {
  for (const at of INDEXES) {
    const own = addressesOf(at);
    for (const address of [own.host, own.node]) assert.ok(overlap(address, own.link));
    for (const address of [own.serviceApi, own.dns]) assert.ok(overlap(address, own.services));
    assert.ok(overlap(own.podsOfNode, own.pods));
  }
});

test('indexes outside 1 to 50 are refused', () => {
  for (const wrong of [0, 51, 1.5, Number.NaN]) assert.throws(() => addressesOf(wrong), /want 1 to 50/);
});

test('the index chosen is the lowest that nobody has', () => {
  assert.equal(freeIndex(new Set(), new Set(), []), 1);
  assert.equal(freeIndex(new Set([1, 2]), new Set(), []), 3);
  assert.equal(freeIndex(new Set([2]), new Set(['sbx1', 'eth0']), []), 3);
});

test('an index is passed over when the host has a route into one of its networks', () => {
  assert.equal(freeIndex(new Set(), new Set(), ['10.101.0.0/16']), 2);
  assert.equal(freeIndex(new Set(), new Set(), ['10.201.7.0/24', '10.199.2.0/24']), 3);
  assert.equal(freeIndex(new Set(), new Set(), ['10.102.0.7', '192.168.0.0/16', '10.100.0.0/16']), 1);
  assert.equal(freeIndex(new Set(), new Set(), ['10.200.0.0/14']), 4);
});

test('the chosen index is never taken, whatever is', () => {
  fc.assert(
    fc.property(fc.uniqueArray(index, { maxLength: INDEXES.length - 1 }), (taken) => {
      const free = freeIndex(new Set(taken), new Set(), []);
      assert.ok(!taken.includes(free));
      assert.ok(INDEXES.slice(0, free - 1).every((lower) => taken.includes(lower)));
    }),
  );
});

test('a full host is an error that says what to remove', () => {
  assert.throws(() => freeIndex(new Set(INDEXES), new Set(), []), /no room.*make down/s);
  assert.throws(() => freeIndex(new Set(), new Set(), ['10.0.0.0/8']), /no room/);
});
