import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fits, judge } from '../../../../../components/gates/probes/exec.ts';

test('a command that ends with 0 and prints what it should opens the gate', () => {
  assert.equal(judge('pg_isready', 0, 'db:5432 - accepting connections', 'accepting connections').verdict, 'pass');
  assert.equal(fits('redis-cli', { reply: 'PONG' }, 'PONG').verdict, 'pass');
  assert.equal(
    fits('curl', { contains: ['X-Frame-Options: DENY'] }, 'HTTP/1.1 200\r\nX-Frame-Options: DENY').verdict,
    'pass',
  );
  assert.equal(fits('psql', { atLeast: 19 }, '19').verdict, 'pass');
  assert.equal(fits('curl', { json: { status: 'healthy' } }, '{"status":"healthy","version":"1.0.0"}').verdict, 'pass');
});

test('one that ends otherwise shuts it, whatever it printed', () => {
  const { verdict, reasons } = judge('pg_isready', 2, 'accepting connections', 'accepting connections');
  assert.equal(verdict, 'fail');
  assert.match(reasons[0]!, /pg_isready ended with 2/);
});

for (const [what, expect, printed] of [
  ['another reply', { reply: 'PONG' }, 'LOADING'],
  ['a header that is missing', { contains: ['A: 1', 'B: 2'] }, 'A: 1'],
  ['too few', { atLeast: 19 }, '18'],
  ['another value', { json: { status: 'healthy' } }, '{"status":"unhealthy"}'],
  ['no JSON', { json: {} }, '<html>'],
] as const) {
  test(`${what} shuts it, and says what was printed`, () => {
    const { verdict, reasons } = fits('asked', expect, printed);
    assert.equal(verdict, 'fail');
    assert.ok(reasons.length === 1 && reasons[0]!.startsWith('asked'));
  });
}

test('a count that is no number decides nothing', () => {
  assert.equal(fits('psql', { atLeast: 1 }, '').verdict, 'inconclusive');
});
