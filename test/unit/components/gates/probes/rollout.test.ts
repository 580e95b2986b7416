import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, subjectFor } from '../../../../../components/gates/probes/rollout.ts';
import { deployment, pod } from '../support/cluster.ts';

const API = { namespace: 'n', kind: 'Deployment', name: 'api' } as const;

test('a workload that has rolled out as its subject opens', () => {
  assert.deepEqual(judge(API, deployment(), [pod('a'), pod('b')], 'new'), {
    verdict: 'pass',
    seen: 'Deployment/api 2/2',
    reasons: [],
  });
});

test('what is live but not the subject is never judged: template, or one of the ready pods', () => {
  const undone = judge(API, deployment({ subject: 'old' }), [pod('a'), pod('b')], 'new');
  assert.equal(undone.verdict, 'error');
  assert.match(
    undone.reasons[0]!,
    /^what is live is not the subject: the template of Deployment\/api carries old; wanted new$/,
  );
  const mixed = judge(API, deployment(), [pod('a'), pod('b'), pod('c', { subject: 'old' })], 'new');
  assert.equal(mixed.verdict, 'error');
  assert.match(mixed.reasons[0]!, /ready pods of Deployment\/api carry old; wanted new/);
  assert.equal(judge(API, deployment(), [pod('a'), pod('b', { subject: null })], 'new').verdict, 'error');
});

test('counts of an older generation are not taken for the newest', () => {
  const { verdict, reasons } = judge(API, deployment({ observed: 1 }), [pod('a'), pod('b')], 'new');
  assert.deepEqual(
    [verdict, ...reasons],
    ['error', 'Deployment/api: the controller has not taken up its newest template yet'],
  );
});

test('every count that lags behind is named, with what the pods say themselves', () => {
  const pods = [pod('a'), pod('b', { isReady: false, waiting: 'ImagePullBackOff' })];
  const { verdict, reasons } = judge(API, deployment({ updated: 1, available: 1 }), pods, 'new');
  assert.deepEqual(
    [verdict, ...reasons],
    ['fail', 'Deployment/api: 1 updated, 1 ready, 1 available of 2 (main: ImagePullBackOff)'],
  );
});

test('a gate that was not told a workload’s subject throws, it does not pass', () => {
  assert.throws(() => subjectFor(API, { subjects: {} }), /subjects\["Deployment\/api"\] is missing/);
  assert.equal(subjectFor(API, { subjects: { 'Deployment/api': 's' } }), 's');
});
