import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  bytes,
  isBytes,
  isCpu,
  isDuration,
  mebibytes,
  milliCpu,
  milliseconds,
  seconds,
  type Bytes,
  type Cpu,
  type Duration,
} from '../../../../components/core/index.ts';

const whole = fc.integer({ min: 0, max: 100_000 });

test('durations mean what they say, in every unit', () => {
  for (const [text, expected] of [
    ['250ms', 250],
    ['90s', 90_000],
    ['15m', 900_000],
    ['6h', 21_600_000],
    ['30d', 2_592_000_000],
  ] as const) {
    assert.equal(milliseconds(text), expected);
  }
});

test('seconds are rounded up, so that no deadline gets shorter', () => {
  assert.equal(seconds('1ms'), 1);
  assert.equal(seconds('1500ms'), 2);
  fc.assert(fc.property(whole, (n) => seconds(`${n}ms`) * 1000 >= n));
});

test('sizes are binary, and mebibytes are rounded down, so that nothing is told more than there is', () => {
  assert.equal(bytes('384Mi'), 384 * 1024 * 1024);
  assert.equal(bytes('1.5Gi'), 1.5 * 1024 ** 3);
  assert.equal(mebibytes('1Gi'), 1024);
  assert.equal(mebibytes('1536Ki'), 1);
  fc.assert(fc.property(whole, (n) => mebibytes(`${n}Ki`) * 2 ** 20 <= n * 2 ** 10));
});

test('processor time is read in cores and in thousandths of one', () => {
  assert.equal(milliCpu('200m'), 200);
  assert.equal(milliCpu('2'), 2000);
  assert.equal(milliCpu('0.5'), 500);
});

test('a value without its unit, with another one, or with a sign is refused with an example', () => {
  for (const text of ['10', '', 's', '-1s', '1.5s', '1 s', '10sec', '1S']) {
    assert.equal(isDuration(text), false, text);
    assert.throws(() => milliseconds(text as Duration), /like "500ms", "90s"/);
  }
  for (const text of ['384', '384M', '384MB', 'Mi', '-1Gi', '1gi']) {
    assert.equal(isBytes(text), false, text);
    assert.throws(() => bytes(text as Bytes), /like "384Mi" or "1Gi"/);
  }
  for (const text of ['', 'm', '200mm', '-1', '1.2345', '1e3', 'two']) {
    assert.equal(isCpu(text), false, text);
    assert.throws(() => milliCpu(text as Cpu), /like "200m" or "2"/);
  }
});

test('what is recognised as a quantity can be read, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.msMGiTKdh-') }), (text) => {
      if (isDuration(text)) assert.ok(milliseconds(text) >= 0);
      if (isBytes(text)) assert.ok(Number.isSafeInteger(bytes(text)) || bytes(text) > Number.MAX_SAFE_INTEGER);
      if (isCpu(text)) assert.ok(Number.isInteger(milliCpu(text)));
    }),
  );
});
