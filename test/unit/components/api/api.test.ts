import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { Api, type ApiArgs } from '../../../../components/api/index.ts';
import { named, planned, podOf, secretsIn, type Made } from '../../support/mocks.ts';
import { SECRETS, SETTINGS } from './support/settings.ts';

const ARGS: ApiArgs = {
  namespace: 'shop',
  partOf: 'shop',
  version: '1.0.0',
  image: { reference: 'corporate-intel-api:1.0.0', uid: 10001 },
  replicas: 2,
  cpu: { request: '50m', limit: '1' },
  memory: '256Mi',
  exposure: { kind: 'none' },
  settings: SETTINGS,
  secrets: Object.fromEntries(
    Object.entries(SECRETS).map(([name, value]) => [name, pulumi.secret(value)]),
  ) as unknown as ApiArgs['secrets'],
  extraEnvironment: {},
  rolloutDeadline: '180s',
  fingerprintKey: pulumi.secret('the key'),
};

const plan = (change: Partial<ApiArgs> = {}) => planned(() => new Api('api', { ...ARGS, ...change }, {}));
const configOf = (made: readonly Made[]): Made => made.find(({ type }) => type === 'kubernetes:core/v1:ConfigMap')!;
const pod = (made: readonly Made[]) => podOf(named(made, 'api-deployment'));
const subject = (made: readonly Made[]) => pod(made).metadata.annotations['platform/subject'];

test('the 35 variables are in one ConfigMap and one Secret, and the pod reads both', async () => {
  const made = await plan();
  const plain = configOf(made).inputs['data'] as Record<string, string>;
  const secret = secretsIn(named(made, 'api-secrets'));
  assert.deepEqual([Object.keys(plain).length, Object.keys(secret).length], [25, 10]);
  assert.equal(new Set([...Object.keys(plain), ...Object.keys(secret)]).size, 35);
  assert.deepEqual(pod(made).spec.containers[0].envFrom, [
    { configMapRef: { name: configOf(made).name } },
    { secretRef: { name: 'api-secrets' } },
  ]);
});

test('no secret value is outside the Secret', async () => {
  for (const { name, inputs } of (await plan()).filter((one) => one.name !== 'api-secrets')) {
    for (const value of Object.values(SECRETS)) assert.ok(!JSON.stringify(inputs).includes(String(value)), name);
  }
});

test('a changed setting is another ConfigMap, a changed secret the same Secret; both are another subject', async () => {
  const before = await plan();
  const setting = await plan({ settings: { ...SETTINGS, rateLimitPerMinute: 50 } });
  const secret = await plan({ secrets: { ...ARGS.secrets, newsApiKey: pulumi.secret('another') } });
  assert.notEqual(configOf(setting).name, configOf(before).name);
  assert.equal(configOf(secret).name, configOf(before).name);
  assert.equal(new Set([before, setting, secret].map(subject)).size, 3);
});

test('what is not the pods’ business leaves their subject alone', async () => {
  const [before, after] = [await plan(), await plan({ replicas: 3, rolloutDeadline: '60s' })];
  assert.equal(subject(after), subject(before));
});

test('a release changes labels and image, never the selector', async () => {
  const selectorOf = (made: readonly Made[]) =>
    (named(made, 'api-deployment').inputs['spec'] as { selector: { matchLabels: Record<string, string> } }).selector;
  const [before, after] = [
    await plan(),
    await plan({ version: '1.1.0', image: { reference: 'api:1.1.0', uid: 10001 } }),
  ];
  assert.deepEqual(selectorOf(after), selectorOf(before));
  assert.equal(pod(after).metadata.labels['app.kubernetes.io/version'], '1.1.0');
  assert.notEqual(subject(after), subject(before));
});

test('a rollout takes no pod away before a new one is ready, and fails within its deadline', async () => {
  const spec = named(await plan(), 'api-deployment').inputs['spec'] as Record<string, unknown>;
  assert.deepEqual(spec['strategy'], { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
  assert.equal(spec['progressDeadlineSeconds'], 180);
  assert.equal(spec['replicas'], 2);
  assert.deepEqual(pod(await plan()).spec.containers[0].lifecycle, { preStop: { sleep: { seconds: 3 } } });
});

test('inside the cluster the API is always `api`; outside it is what was asked for', async () => {
  const outside = async (exposure: ApiArgs['exposure']) => {
    const services = (await plan({ exposure })).filter(({ type }) => type === 'kubernetes:core/v1:Service');
    assert.equal((named(services, 'api-service').inputs['metadata'] as { name: string }).name, 'api');
    const other = services.filter(({ name }) => name !== 'api-service');
    return other.map(({ inputs }) => {
      const { selector: _selector, ...spec } = inputs['spec'] as Record<string, unknown>;
      return spec;
    });
  };
  const port = { name: 'http', port: 8000, targetPort: 'http' };
  assert.deepEqual(await outside({ kind: 'none' }), []);
  assert.deepEqual(await outside({ kind: 'nodePort', port: 30080 }), [
    { type: 'NodePort', externalTrafficPolicy: 'Local', ports: [{ ...port, nodePort: 30080 }] },
  ]);
  assert.deepEqual(await outside({ kind: 'loadBalancer', port: 80, clients: ['192.0.2.0/24', '10.0.0.0/8'] }), [
    {
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      loadBalancerSourceRanges: ['10.0.0.0/8', '192.0.2.0/24'],
      ports: [{ ...port, port: 80 }],
    },
  ]);
});

test('faults are added to the plain variables', async () => {
  const made = await plan({ extraEnvironment: { FAULT_NEVER_READY: 'true' } });
  assert.equal((configOf(made).inputs['data'] as Record<string, string>)['FAULT_NEVER_READY'], 'true');
});
