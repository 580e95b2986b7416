import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { leaveWithTheEngine } from '../../../../components/gates/orphan.ts';

test('leaves within a second when those that started it change, and not before', () => {
  mock.timers.enable({ apis: ['setInterval'] });
  let lineage = '100';
  const leave = mock.fn();
  const stay = leaveWithTheEngine(() => lineage, leave);
  mock.timers.tick(60_000);
  assert.equal(leave.mock.callCount(), 0);
  lineage = '1';
  mock.timers.tick(1000);
  assert.ok(leave.mock.callCount() >= 1);
  stay();
  const calls = leave.mock.callCount();
  mock.timers.tick(60_000);
  assert.equal(leave.mock.callCount(), calls);
  mock.timers.reset();
});

test('the real lineage holds still while nothing happens', () => {
  mock.timers.enable({ apis: ['setInterval'] });
  const leave = mock.fn();
  const stay = leaveWithTheEngine(undefined, leave);
  mock.timers.tick(5000);
  stay();
  assert.equal(leave.mock.callCount(), 0);
  mock.timers.reset();
});
