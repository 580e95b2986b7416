/** The replicated PostgreSQL replaces a lost leader by itself, in time and without losing what it acknowledged (D-HELM-3). */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { say } from '../../infra/sandbox/host/progress.ts';
import { figures, inTurn, Rehearsal, type Report } from './support/failover.ts';
import { rehearsal } from './support/rehearsal.ts';

/** `make bench` loses it 20 times. */
const LOSSES = 4;
const LIMIT_MS = 30_000;

let losing: Rehearsal;
let report: Report;

before(async () => {
  losing = await Rehearsal.open(rehearsal);
  report = await losing.lose(inTurn(LOSSES));
  say(`  ${figures(report)}`);
});

after(() => losing.close());

test('each time, a write is acknowledged again in under 30 s: leaders deleted by force, and leaders cut off', () => {
  assert.equal(report.losses.length, LOSSES);
  assert.deepEqual(
    report.losses.filter(({ back }) => back >= LIMIT_MS),
    [],
  );
});

test('no write that was acknowledged is gone afterwards', () => {
  assert.ok(report.acknowledged > 500, `only ${report.acknowledged} writes were acknowledged`);
  assert.deepEqual(report.missing.slice(0, 10), []);
});

test('at no time did two servers acknowledge, and a leader that was cut off acknowledged nothing', () => {
  assert.deepEqual(report.overlaps, []);
  assert.equal(report.acknowledgedWhileCut, 0);
});

test('a leader that was cut off has been replaced by another member', () => {
  const cut = report.losses.filter(({ way }) => way === 'cut');
  assert.ok(cut.length >= LOSSES / 2);
  assert.deepEqual(
    cut.filter(({ lost, successor }) => lost === successor),
    [],
  );
});
