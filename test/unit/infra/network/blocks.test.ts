import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseCidr, blockSize, type Block } from '../../../../components/core/index.ts';
import { isNetworkBlock, letterOf, zoneBlocks } from '../../../../infra/network/blocks.ts';

const REGION = 'us-east-1';
const block = fc
  .tuple(fc.integer({ min: 16, max: 20 }), fc.nat())
  .map(([bits, seed]): Block => ({ first: 10 * 2 ** 24 + (seed % 2 ** (bits - 8)) * 2 ** (32 - bits), bits }));
const zones = fc
  .subarray([...'abcdefgh'], { minLength: 1 })
  .chain((letters) => fc.shuffledSubarray(letters, { minLength: letters.length }))
  .map((letters) => letters.map((letter) => `${REGION}${letter}`));

const within = (outer: Block, inner: Block): boolean =>
  inner.first >= outer.first && inner.first + blockSize(inner) <= outer.first + blockSize(outer);
const apart = (a: Block, b: Block): boolean => a.first + blockSize(a) <= b.first || b.first + blockSize(b) <= a.first;

test('subnets lie in the block, apart from each other, private ones a sixteenth of it and public ones a 256th', () => {
  fc.assert(
    fc.property(block, zones, (whole, asked) => {
      const made = zoneBlocks(whole, REGION, asked);
      const all = made.flatMap((zone) => [parseCidr(zone.private)!, parseCidr(zone.public)!]);
      assert.ok(all.every((one) => within(whole, one)));
      all.forEach((one, i) => all.slice(i + 1).forEach((other) => assert.ok(apart(one, other))));
      for (const zone of made) {
        assert.equal(blockSize(whole) / blockSize(parseCidr(zone.private)!), 16);
        assert.equal(blockSize(whole) / blockSize(parseCidr(zone.public)!), 256);
        assert.ok(parseCidr(zone.public)!.bits <= 28, 'AWS makes no smaller subnet');
      }
    }),
  );
});

test('a zone has the same subnets in any order, and whoever its neighbours are', () => {
  fc.assert(
    fc.property(block, zones, (whole, asked) => {
      const made = zoneBlocks(whole, REGION, asked);
      assert.deepEqual(made, zoneBlocks(whole, REGION, asked.toReversed()));
      for (const zone of made) assert.deepEqual(zoneBlocks(whole, REGION, [zone.zone]), [zone]);
    }),
  );
});

test('an ordinary zone of the region has a letter, and nothing else has', () => {
  assert.equal(letterOf(REGION, 'us-east-1c'), 'c');
  for (const other of ['us-east-2a', 'us-east-1-bos-1a', 'us-east-1', 'us-east-1z', 'a']) {
    assert.equal(letterOf(REGION, other), undefined, other);
  }
});

test('a network is a private block with room for all of its subnets, and none that clusters and Docker use', () => {
  for (const good of ['10.1.0.0/16', '10.1.16.0/20', '192.168.0.0/16', '192.168.240.0/20'])
    assert.ok(isNetworkBlock(good), good);
  const bad = ['10.0.0.0/15', '10.1.0.0/21', '172.20.0.0/16', '8.8.0.0/16', '192.169.0.0/16', '10.1.0.1/16', 'none'];
  for (const other of bad) assert.ok(!isNetworkBlock(other), other);
});
