import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  covers,
  isCidr,
  parseCidr,
  subBlock,
  blockSize,
  formatCidr,
  type Block,
} from '../../../../components/core/index.ts';

const block = fc
  .tuple(fc.integer({ min: 0, max: 32 }), fc.nat(2 ** 32 - 1))
  .map(([bits, seed]): Block => ({ first: Math.floor(seed / blockSize({ bits })) * blockSize({ bits }), bits }));

test('a formatCidr block reads back as itself, and an address inside a block is none', () => {
  fc.assert(fc.property(block, (one) => assert.deepEqual(parseCidr(formatCidr(one)), one)));
  assert.equal(formatCidr({ first: 10 * 2 ** 24 + 2 ** 16, bits: 16 }), '10.1.0.0/16');
  for (const none of ['10.1.0.1/16', '10.1.0.0', '10.1.0.0/33', '10.256.0.0/16', '010', '10.1.0.0/16 ', '']) {
    assert.equal(parseCidr(none), undefined, none);
  }
});

test('pieces fill what they are cut from', () => {
  fc.assert(
    fc.property(block, fc.integer({ min: 1, max: 8 }), (whole, more) => {
      fc.pre(whole.bits + more <= 32);
      const last = subBlock(whole, more, 2 ** more - 1);
      assert.equal(last.first + blockSize(last), whole.first + blockSize(whole));
      assert.equal(subBlock(whole, more, 0).first, whole.first);
    }),
  );
});

test('a block covers those whose every address is one of its own, and no others', () => {
  const last = (one: Block): number => one.first + blockSize(one) - 1;
  fc.assert(
    fc.property(block, block, (one, other) => {
      const within = one.first <= other.first && last(other) <= last(one);
      assert.equal(covers(formatCidr(one), formatCidr(other)), within);
    }),
  );
  fc.assert(
    fc.property(block, fc.integer({ min: 0, max: 8 }), fc.nat(255), (whole, more, nth) => {
      fc.pre(whole.bits + more <= 32);
      assert.ok(covers(formatCidr(whole), formatCidr(subBlock(whole, more, nth % 2 ** more))));
    }),
  );
});

test('what is no block is none: a list of names, half a number, a number in another notation', () => {
  for (const none of ['localhost/8', '10.0.0/8', '0x0a.0.0.0/8', '10.0.0.0/', '10.0.0.0/8\n'])
    assert.ok(!isCidr(none), none);
});
