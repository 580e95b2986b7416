import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  atLeast,
  bounded,
  error,
  fail,
  inconclusive,
  pass,
  together,
  type Reading,
} from '../../../../components/gates/judge.ts';

test('a number opens only when it is one, finite, and not below the limit', () => {
  const cases: readonly (readonly [values: readonly unknown[], verdict: Reading['verdict'], reason?: string])[] = [
    [[5], 'pass'],
    [['5'], 'pass'],
    [[6.5], 'pass'],
    [[4], 'fail', 'the query gave 4; wanted at least 5'],
    [[], 'inconclusive', 'the query gave no value; wanted at least 5'],
    [[5, 5], 'inconclusive', 'the query gave 2 values; wanted one'],
    [['NaN'], 'inconclusive', 'the query gave NaN; wanted a finite number'],
    [[NaN], 'inconclusive', 'the query gave NaN; wanted a finite number'],
    [['Infinity'], 'inconclusive', 'the query gave Infinity; wanted a finite number'],
    [[null], 'inconclusive', 'the query gave null; wanted a finite number'],
    [[undefined], 'inconclusive', 'the query gave nothing; wanted a finite number'],
    [[''], 'inconclusive', 'the query gave ; wanted a finite number'],
    [['many'], 'inconclusive', 'the query gave many; wanted a finite number'],
  ];
  for (const [values, verdict, reason] of cases) {
    const reading = atLeast(values, 5, 'the query');
    assert.deepEqual([reading.verdict, ...reading.reasons], [verdict, ...(reason === undefined ? [] : [reason])]);
  }
});

test('of several readings the heaviest decides: fail, error, inconclusive, pass', () => {
  const [open, wrong, undecided, silent] = [
    pass('a'),
    fail('b', 'wrong'),
    inconclusive('c', 'undecided'),
    error('silent'),
  ];
  assert.equal(together([open, open]).verdict, 'pass');
  assert.equal(together([open, undecided]).verdict, 'inconclusive');
  assert.equal(together([undecided, silent, open]).verdict, 'error');
  assert.deepEqual(together([silent, wrong, open]), { verdict: 'fail', seen: 'b; a', reasons: ['silent', 'wrong'] });
});

test('nothing read at all is not a pass', () => {
  assert.equal(together([]).verdict, 'inconclusive');
});

test('evidence is one line of bounded length, whatever came from outside', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 1000 }), (text) => {
      const line = bounded(text);
      assert.ok(line.length <= 200);
      assert.doesNotMatch(line, /[\n\r\t]/);
    }),
  );
  assert.equal(bounded(' a\n b '), 'a b');
});
