import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { V1Pod } from '@kubernetes/client-node';
import { reach } from '../../../../components/gates/index.ts';
import { clusterOf, pod } from './support/cluster.ts';

const API = { workload: { namespace: 'n', kind: 'Deployment', name: 'api' }, port: 8000 } as const;

const leaving = (name: string): V1Pod => {
  const it = pod(name);
  return { ...it, metadata: { ...it.metadata, deletionTimestamp: new Date() } };
};

/** Reaching must be refused before anything is opened. */
function refused(pods: readonly V1Pod[], subject?: string): Promise<string> {
  const signal = new AbortController().signal;
  const options = { cluster: clusterOf({ pods }), turn: 0, signal, ...(subject !== undefined && { subject }) };
  return reach(API, options, () => Promise.reject(new Error('used'))).then(
    () => 'reached',
    (thrown: unknown) => (thrown as Error).message,
  );
}

test('pods that are not ready or on their way out are not reached', async () => {
  assert.equal(await refused([]), 'Deployment/api has no ready pod');
  assert.equal(await refused([pod('a', { isReady: false }), leaving('b')]), 'Deployment/api has no ready pod');
});

test('one ready pod of another subject keeps all from being judged, one that is leaving does not', async () => {
  const wanted = 'what is live is not the subject: ready pods of Deployment/api carry old; wanted new';
  assert.equal(await refused([pod('a'), pod('b', { subject: 'old' })], 'new'), wanted);
  const none = await refused([pod('a', { subject: null })], 'new');
  assert.match(none, /carry no subject; wanted new$/);
});

test('an address outside is used as it is, and not after the try has ended', async () => {
  const target = { host: 'db.example.com', port: 5432 };
  const abort = new AbortController();
  const options = { cluster: clusterOf({}), turn: 0, signal: abort.signal };
  assert.deepEqual(await reach(target, options, (address) => Promise.resolve(address)), target);
  abort.abort();
  await assert.rejects(
    reach(target, options, (address) => Promise.resolve(address)),
    { name: 'AbortError' },
  );
});
