import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { normal, quantity } from '../../../../../infra/sandbox/providers/kubernetes/check.ts';
import type { Cluster } from '../../../../../infra/sandbox/providers/kubernetes/cluster.ts';
import { respectIgnored } from '../../../../../infra/sandbox/providers/kubernetes/fields.ts';
import { accessOf, refuseOthers } from '../../../../../infra/sandbox/providers/kubernetes/kubeconfig.ts';
import type { KubeObject } from '../../../../../infra/sandbox/providers/kubernetes/objects.ts';
import { readiness } from '../../../../../infra/sandbox/providers/kubernetes/ready.ts';
import { checkpoint } from '../../../../../infra/sandbox/providers/kubernetes/state.ts';
import { isSecret } from '../../../../../infra/sandbox/providers/shared/values.ts';

describe('a quantity is spelled as the API server spells it', () => {
  const table: [unknown, unknown][] = [
    ['1000m', '1'],
    ['100m', '100m'],
    ['1500m', '1500m'],
    ['1.5', '1500m'],
    ['2', '2'],
    [2, '2'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['1000Mi', '1000Mi'],
    ['0.5', '500m'],
    ['1000k', '1M'],
    ['1e3', '1e3'],
    ['a lot', 'a lot'],
  ];
  for (const [given, wanted] of table)
    test(`${String(given)}: ${String(wanted)}`, () => assert.equal(quantity(given), wanted));
});

test("a Secret's stringData is stored as data, over what data has", () => {
  const object = normal({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's' },
    data: { a: 'b2xk', b: 'Yg==' },
    stringData: { a: 'new' },
  });
  assert.deepEqual(object.data, { a: 'bmV3', b: 'Yg==' });
  assert.equal(object.stringData, undefined);
});

test('the contents of a Secret are secret in the state, inputs and outputs alike, even when the program said nothing', () => {
  const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { a: 'YQ==' } };
  const state = checkpoint(object, { inputs: object, model: {}, apiVersion: 'v1', manager: 'm' });
  assert.ok(isSecret(state.data));
  assert.ok(isSecret((state.__inputs as { data: never }).data));
});

describe('a kubeconfig', () => {
  const config = (context: string, server: string, user: object = { token: 't' }) =>
    JSON.stringify({
      'current-context': context,
      contexts: [{ name: context, context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server } }],
      users: [{ name: 'u', user }],
    });
  const judge = (context: string, server: string) => () =>
    refuseOthers(accessOf({ kubeconfig: config(context, server) }));
  afterEach(() => {
    delete process.env.ALLOW_FALLBACK;
  });

  for (const server of [
    'https://10.199.7.2:6443',
    'https://127.0.0.1:6443',
    'https://[::1]:6443',
    'https://localhost',
  ]) {
    test(`of the sandbox at ${server} is served`, () => assert.doesNotThrow(judge('sandbox', server)));
  }
  const others: [string, string][] = [
    ['sandbox', 'https://10.198.0.2:6443'],
    ['sandbox', 'https://10.199.0.2.example.com'],
    ['sandbox', 'https://kubernetes.example.com'],
    ['production', 'https://10.199.7.2:6443'],
    ['kind-kind', 'https://127.0.0.1:40001'],
  ];
  for (const [context, server] of others) {
    test(`of "${context}" at ${server} is refused, with both ways out`, () => {
      assert.throws(judge(context, server), /serves the sandbox only.*official plugin.*ALLOW_FALLBACK=1/);
    });
    test(`of "${context}" at ${server} is served with ALLOW_FALLBACK=1`, () => {
      process.env.ALLOW_FALLBACK = '1';
      assert.doesNotThrow(judge(context, server));
    });
  }

  const broken: [string, string | undefined, RegExp][] = [
    ['that is not there', '/no/such/file', /no kubeconfig at \/no\/such\/file/],
    ['without the named context', config('a', 'https://x').replace('"name":"a"', '"name":"b"'), /no context named "a"/],
    ['that signs in through a program', config('a', 'https://x', { exec: {} }), /a token or a certificate only/],
  ];
  for (const [title, kubeconfig, message] of broken) {
    test(`${title} is refused`, () => assert.throws(() => accessOf({ kubeconfig }), message));
  }
});

describe('an ignored field', () => {
  const inputs: KubeObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'c' },
    data: { a: 'ours', b: 'ours' },
  };
  const live = (manager: string): KubeObject => ({
    ...inputs,
    data: { a: 'theirs', b: 'ours' },
    metadata: {
      name: 'c',
      managedFields: [{ manager, operation: 'Apply', fieldsV1: { 'f:data': { 'f:a': {} } } }],
    },
  });

  test('that we manage keeps its live value', () => {
    assert.deepEqual(respectIgnored(inputs, live('us'), 'us', ['data.a']).data, { a: 'theirs', b: 'ours' });
  });

  test('that only others manage is left out of what is applied', () => {
    assert.deepEqual(respectIgnored(inputs, live('them'), 'us', ['data.a']).data, { b: 'ours' });
  });
});

describe('readiness', () => {
  const cluster = {} as Cluster;
  const of = (apiVersion: string, kind: string, spec: object, status: object, generation = 1) =>
    readiness({ apiVersion, kind, metadata: { name: 'x', namespace: 'n', generation }, spec, status }, cluster);

  test('of a Deployment is all replicas updated and available, and no old one left', async () => {
    const full = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
    const judge = (status: object) => of('apps/v1', 'Deployment', { replicas: 2 }, status);
    assert.deepEqual(await judge(full), {});
    assert.match((await judge({ ...full, observedGeneration: 0 })).waiting!, /not yet seen/);
    assert.match((await judge({ ...full, updatedReplicas: 1 })).waiting!, /1 of 2 replicas updated/);
    assert.match((await judge({ ...full, replicas: 3 })).waiting!, /old replicas/);
    assert.match((await judge({ ...full, availableReplicas: 1 })).waiting!, /1 of 2 replicas available/);
  });

  test('of a Deployment past its progress deadline, and of a Job that failed, will not come', async () => {
    const stuck = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' };
    assert.equal((await of('apps/v1', 'Deployment', {}, { observedGeneration: 1, conditions: [stuck] })).final, true);
    const failed = { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' };
    assert.equal((await of('batch/v1', 'Job', {}, { conditions: [failed] })).final, true);
  });

  test('of a StatefulSet waits for the new revision', async () => {
    const status = { observedGeneration: 1, readyReplicas: 1, updateRevision: 'b', currentRevision: 'a' };
    assert.match((await of('apps/v1', 'StatefulSet', {}, status)).waiting!, /updated/);
    assert.deepEqual(await of('apps/v1', 'StatefulSet', {}, { ...status, currentRevision: 'b' }), {});
  });

  test('is not asked of an object that says so', async () => {
    const metadata = { name: 'x', annotations: { 'pulumi.com/skipAwait': 'true' } };
    assert.deepEqual(await readiness({ apiVersion: 'batch/v1', kind: 'Job', metadata }, cluster), {});
  });
});
