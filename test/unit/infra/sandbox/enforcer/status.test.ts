import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enforcerProblem, HEARTBEAT, type Status } from '../../../../../infra/sandbox/enforcer/status.ts';

const NOW = Date.parse('2026-01-01T00:01:00Z');
const healthy: Status = {
  at: '2026-01-01T00:00:59Z',
  applied: { at: '2026-01-01T00:00:00Z', pods: 3, policies: 2, resourceVersions: { pods: '7' } },
  lost: {},
};
const problem = (status: Partial<Status>) => enforcerProblem(JSON.stringify({ ...healthy, ...status }), NOW);

test('an enforcer that reports, follows everything and has applied it is well, however long ago it applied', () => {
  assert.equal(problem({}), undefined);
});

test('a missing, silent, deaf, refused or undecided enforcer is reported, each by its own sentence', () => {
  assert.match(enforcerProblem(undefined, NOW)!, /has not started/);
  assert.match(problem({ at: new Date(NOW - 6 * HEARTBEAT).toISOString() })!, /has not reported for 12 s/);
  assert.match(problem({ lost: { pods: 'ECONNREFUSED' } })!, /does not follow pods: ECONNREFUSED/);
  assert.match(problem({ refused: 'nft ended with 1' })!, /refused the NetworkPolicies: nft ended with 1/);
  const { applied: _, ...undecided } = healthy;
  assert.match(enforcerProblem(JSON.stringify(undecided), NOW)!, /has not judged yet/);
});
