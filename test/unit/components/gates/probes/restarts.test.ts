import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../../../../../components/gates/probes/restarts.ts';
import { pod, type PodOptions } from '../support/cluster.ts';

const API = { namespace: 'n', kind: 'Deployment', name: 'api' } as const;
const NOW = Date.parse('2025-10-02T10:00:00Z');

const ask = (...pods: readonly Partial<PodOptions>[]) =>
  judge(
    API,
    pods.map((over, i) => pod(`api-${i}`, { now: NOW, ...over })),
    'new',
    '10m',
    NOW,
  );

test('opens when every container has run through the whole window, also after an older restart', () => {
  assert.equal(ask({ upFor: 600 }, { upFor: 3600, restarts: 4 }).verdict, 'pass');
});

test('a restart in the window shuts, and says when and with which exit code', () => {
  assert.deepEqual(ask({ upFor: 3600 }, { upFor: 599, restarts: 1 }).reasons, [
    'api-1/main restarted 599 s ago after exit code 137; the window is 10m',
  ]);
  assert.equal(ask({ upFor: 599, restarts: 1 }).verdict, 'fail');
});

test('a container younger than the window decides nothing yet', () => {
  const { verdict, reasons } = ask({ upFor: 30 });
  assert.deepEqual([verdict, ...reasons], ['inconclusive', 'api-0/main has run for 30 s of the window of 10m']);
});

test('a container that does not run, a pod that is not ready, no pod and a stranger never pass', () => {
  assert.deepEqual(ask({ waiting: 'CrashLoopBackOff' }).reasons, ['api-0/main is not running: CrashLoopBackOff']);
  assert.equal(ask({ isReady: false }).verdict, 'fail');
  assert.equal(ask().verdict, 'error');
  assert.equal(ask({ subject: 'old' }).verdict, 'error');
});

test('a pod that was just added and is not ready yet decides nothing; one that is not ready for the whole window shuts', () => {
  const added = (secondsAgo: number) => {
    const one = pod('api-1', { now: NOW, isReady: false, upFor: secondsAgo });
    one.status = { ...one.status, startTime: new Date(NOW - secondsAgo * 1000) };
    return judge(API, [one], 'new', '10m', NOW).verdict;
  };
  assert.deepEqual([added(5), added(601)], ['inconclusive', 'fail']);
});
