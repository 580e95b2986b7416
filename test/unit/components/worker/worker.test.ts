import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { Worker, type QueueScaling, type WorkerArgs } from '../../../../components/worker/index.ts';
import { named, planned, podOf, secretsIn, type Made } from '../../support/mocks.ts';
import { SECRETS, SETTINGS } from '../api/support/settings.ts';

const PASSWORD = 'the-broker-password';
const BROKER = { host: 'rabbitmq.shop.svc', port: 5672, vhost: 'shop', user: 'worker', queue: 'reports' };
const SCALED: QueueScaling = {
  ...{ min: 0, max: 6, messagesPerWorker: 5, every: '15s', cooldown: '5m' },
  down: { calm: '5m', percent: 20, every: '60s' },
};
const ARGS: WorkerArgs = {
  namespace: 'shop',
  partOf: 'shop',
  version: '1.0.0',
  image: { reference: 'corporate-intel-api:1.0.0', uid: 10001 },
  concurrency: 2,
  replicas: SCALED,
  recommendations: false,
  cpu: { request: '50m', limit: '1' },
  memory: { request: '256Mi', limit: '512Mi' },
  settings: { ...SETTINGS, broker: BROKER },
  secrets: { ...SECRETS, brokerPassword: pulumi.secret(PASSWORD) },
  extraEnvironment: {},
  grace: '5m',
  rolloutDeadline: '180s',
  fingerprintKey: pulumi.secret('the key'),
};

const plan = (change: Partial<WorkerArgs> = {}) => planned(() => new Worker('worker', { ...ARGS, ...change }, {}));
const specOf = (made: readonly Made[], name: string) => named(made, name).inputs['spec'] as Record<string, unknown>;
const ADDRESS = `amqp://worker:${PASSWORD}@rabbitmq.shop.svc:5672/shop`;

test('a worker runs the API’s image on its queue, once database, cache and broker answer', async () => {
  const made = await plan();
  const { containers, initContainers } = podOf(named(made, 'worker-deployment')).spec as unknown as {
    containers: { args: string[] }[];
    initContainers: { args: string[] }[];
  };
  assert.deepEqual(containers[0]!.args, ['worker']);
  assert.deepEqual(initContainers[0]!.args, ['wait', 'database', 'redis', 'broker']);
  const plain = made.find(({ type }) => type === 'kubernetes:core/v1:ConfigMap')!.inputs['data'] as object;
  assert.partialDeepStrictEqual(plain, {
    CELERY_QUEUE: 'reports',
    WORKER_CONCURRENCY: '2',
    WORKER_METRICS_PORT: '9808',
  });
  assert.equal(secretsIn(named(made, 'worker-secrets'))['CELERY_BROKER_URL'], ADDRESS);
});

test('one that is to go may end what it has begun', async () => {
  const spec = podOf(named(await plan(), 'worker-deployment')).spec as unknown as Record<string, unknown>;
  assert.equal(spec['terminationGracePeriodSeconds'], 300);
});

test('its probes look at what its loop leaves, and start no client of their own', async () => {
  const { livenessProbe, readinessProbe } = podOf(named(await plan(), 'worker-deployment')).spec.containers[0];
  assert.deepEqual(readinessProbe.exec, { command: ['test', '-e', '/tmp/worker-ready'] });
  assert.match(livenessProbe.exec!.command.at(-1)!, /find \/tmp\/worker-alive -mmin -1/);
});

test('scaled, the Deployment leaves its number open, and KEDA counts what waits in the queue', async () => {
  const made = await plan();
  assert.equal('replicas' in specOf(made, 'worker-deployment'), false);
  const spec = specOf(made, 'worker-scaler');
  assert.deepEqual(spec['scaleTargetRef'], { apiVersion: 'apps/v1', kind: 'Deployment', name: 'worker' });
  assert.deepEqual([spec['minReplicaCount'], spec['maxReplicaCount']], [0, 6]);
  assert.deepEqual([spec['pollingInterval'], spec['cooldownPeriod']], [15, 300]);
  assert.deepEqual(spec['triggers'], [
    {
      type: 'rabbitmq',
      metadata: { protocol: 'amqp', mode: 'QueueLength', queueName: 'reports', value: '5' },
      authenticationRef: { name: 'worker' },
    },
  ]);
});

test('KEDA is named a Secret with the broker’s address alone', async () => {
  const made = await plan();
  assert.deepEqual(specOf(made, 'worker-authentication')['secretTargetRef'], [
    { parameter: 'host', name: 'worker-broker', key: 'host' },
  ]);
  assert.deepEqual(secretsIn(named(made, 'worker-broker')), { host: ADDRESS });
});

test('with TLS KEDA checks the broker against the same authority as the workers do', async () => {
  const settings = { ...SETTINGS, broker: { ...BROKER, port: 5671, tls: true } };
  const made = await plan({ settings, tls: { secretName: 'rabbitmq-tls' } });
  assert.deepEqual(specOf(made, 'worker-authentication')['secretTargetRef'], [
    { parameter: 'host', name: 'worker-broker', key: 'host' },
    { parameter: 'tls', name: 'worker-broker', key: 'tls' },
    { parameter: 'ca', name: 'rabbitmq-tls', key: 'ca.crt' },
  ]);
  assert.deepEqual(secretsIn(named(made, 'worker-broker')), {
    host: ADDRESS.replace('amqp:', 'amqps:').replace('5672', '5671'),
    tls: 'enable',
  });
});

test('by a number, nothing of KEDA is needed', async () => {
  const made = await plan({ replicas: 3 });
  assert.equal(specOf(made, 'worker-deployment')['replicas'], 3);
  assert.deepEqual(
    made.filter(({ type }) => type.startsWith('kubernetes:keda.sh/')),
    [],
  );
});

test('the broker’s password stands in Secrets and nowhere else', async () => {
  for (const { name, type, inputs } of await plan()) {
    if (type === 'kubernetes:core/v1:Secret') continue;
    assert.ok(!JSON.stringify(inputs).includes(PASSWORD), name);
  }
});
