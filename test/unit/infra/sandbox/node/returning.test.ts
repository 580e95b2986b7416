import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Client } from '../../../../../infra/sandbox/node/client.ts';
import { comeBack, notBack, type Pod } from '../../../../../infra/sandbox/node/returning.ts';

const STARTED = new Date('2026-01-01T10:00:00.700Z');
const container = (startedAt: string, ready = true) => ({ ready, state: { running: { startedAt } } });
const pod = (name: string, containerStatuses: Pod['status']['containerStatuses'], phase = 'Running'): Pod => ({
  metadata: { namespace: 'shop', name },
  spec: { nodeName: 'sandbox' },
  status: { phase, ...(containerStatuses && { containerStatuses }) },
});
const [before, since] = ['2026-01-01T09:59:59Z', '2026-01-01T10:00:00Z'];

test('a pod is back when each of its containers was started in this life of the node, and is ready', () => {
  assert.deepEqual(notBack([pod('api', [container(since), container(since)])], STARTED), []);
  assert.deepEqual(notBack([pod('api', [container(since), container(since, false)])], STARTED), ['shop/api']);
});

test('a pod that is ready by what etcd remembers is not back', () => {
  assert.deepEqual(notBack([pod('b', [container(before)]), pod('a', [container(before)])], STARTED), [
    'shop/a',
    'shop/b',
  ]);
  assert.deepEqual(notBack([pod('api', [{ ready: true }]), pod('web', undefined)], STARTED), ['shop/api', 'shop/web']);
});

test('nobody waits for a pod that has ended, that goes, or that no node has', () => {
  const going = pod('going', [container(before)]);
  assert.deepEqual(
    notBack(
      [
        pod('done', [container(before, false)], 'Succeeded'),
        pod('failed', [container(before, false)], 'Failed'),
        { ...going, metadata: { ...going.metadata, deletionTimestamp: since } },
        { ...pod('waits', undefined, 'Pending'), spec: {} },
      ],
      STARTED,
    ),
    [],
  );
});

test('the wait ends with the last pod, or with the patience', async () => {
  const answers = [[pod('api', [container(before)])], [pod('api', [container(since)])]];
  const client = { get: () => Promise.resolve({ items: answers.length > 1 ? answers.shift() : answers[0] }) };
  assert.deepEqual(await comeBack(client as unknown as Client, STARTED, 5000), []);
  const never = { get: () => Promise.resolve({ items: [pod('api', [container(before)])] }) };
  assert.deepEqual(await comeBack(never as unknown as Client, STARTED, 0), ['shop/api']);
});
