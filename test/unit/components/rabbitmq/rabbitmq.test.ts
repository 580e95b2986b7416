import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { passwordHash } from '../../../../components/rabbitmq/configuration.ts';
import { RabbitMq, type RabbitMqArgs } from '../../../../components/rabbitmq/index.ts';
import { named, passwordOf, planned, podOf, secretsIn, type Made } from '../../support/mocks.ts';

const ARGS: RabbitMqArgs = {
  namespace: 'shop',
  partOf: 'shop',
  image: { reference: 'docker.io/library/rabbitmq:3.10.8', uid: 999 },
  cpu: { request: '50m', limit: '1' },
  memory: '500Mi',
  storage: '1Gi',
  replicas: 3,
  vhost: 'orders',
  user: 'shop',
  diskFreeLimit: '64Mi',
  silence: '20s',
  startDeadline: '5m',
  fingerprintKey: pulumi.secret('the key'),
};

const plan = (change: Partial<RabbitMqArgs> = {}) =>
  planned(() => new RabbitMq('rabbitmq', { ...ARGS, ...change }, {}));

const conf = (made: readonly Made[]): string[] =>
  (made.find(({ type }) => type.endsWith(':ConfigMap'))!.inputs['data'] as Record<string, string>)[
    'rabbitmq.conf'
  ]!.split('\n');

test('three nodes find each other by names, and a minority of them stops', async () => {
  const lines = conf(await plan());
  assert.deepEqual(
    lines.filter((line) => line.startsWith('cluster_')),
    [
      'cluster_formation.peer_discovery_backend = classic_config',
      ...[1, 2, 3].map(
        (number) =>
          `cluster_formation.classic_config.nodes.${number} = rabbit@rabbitmq-${number - 1}.rabbitmq-members.shop.svc.cluster.local`,
      ),
      'cluster_partition_handling = pause_minority',
    ],
  );
});

test('one node has nobody to wait for: it starts in order and never counts a majority', async () => {
  const made = await plan({ replicas: 1 });
  assert.ok(!conf(made).some((line) => line.startsWith('cluster_partition_handling')));
  const spec = named(made, 'rabbitmq-set').inputs['spec'] as { replicas: number; podManagementPolicy: string };
  assert.deepEqual([spec.replicas, spec.podManagementPolicy], [1, 'OrderedReady']);
  assert.ok(!made.some(({ name }) => name === 'rabbitmq-budget'));
});

test('publishers are held back before memory or disk is used up', async () => {
  const lines = conf(await plan());
  assert.ok(lines.includes(`vm_memory_high_watermark.absolute = ${500 * 2 ** 20 * 0.6}`));
  assert.ok(lines.includes(`disk_free_limit.absolute = ${64 * 2 ** 20}`));
});

test('queues are quorum queues by default, and the only user has the only virtual host to itself', async () => {
  const { 'definitions.json': text } = secretsIn(named(await plan(), 'rabbitmq-auth'));
  const password = passwordOf('rabbitmq-password');
  assert.deepEqual(JSON.parse(text!), {
    users: [
      {
        name: 'shop',
        password_hash: passwordHash('shop', password, password),
        hashing_algorithm: 'rabbit_password_hashing_sha256',
        tags: [],
        limits: {},
      },
    ],
    vhosts: [{ name: 'orders', metadata: { description: '', tags: [], default_queue_type: 'quorum' } }],
    permissions: [{ user: 'shop', vhost: 'orders', configure: '.*', write: '.*', read: '.*' }],
  });
});

test('a password’s hash is four bytes of salt and the salted SHA-256, the same each time', () => {
  const bytes = Buffer.from(passwordHash('shop', 'open sesame', 'key'), 'base64');
  assert.equal(bytes.length, 36);
  const salted = createHash('sha256').update(Buffer.concat([bytes.subarray(0, 4), Buffer.from('open sesame')]));
  assert.deepEqual(bytes.subarray(4), salted.digest());
  assert.equal(passwordHash('shop', 'open sesame', 'key'), bytes.toString('base64'));
  assert.notEqual(passwordHash('shop', 'open sesame', 'another'), bytes.toString('base64'));
});

test('neither password nor cookie stands anywhere but in the Secret', async () => {
  const made = await plan();
  for (const { name, inputs } of made.filter((one) => one.name !== 'rabbitmq-auth')) {
    for (const word of ['rabbitmq-password', 'rabbitmq-cookie']) {
      assert.ok(!JSON.stringify(inputs).includes(passwordOf(word)), `${word} in ${name}`);
    }
  }
});

test('clients are offered AMQP and metrics; what the nodes use among themselves is not in their Service', async () => {
  const ports = (made: readonly Made[], service: string) =>
    (named(made, service).inputs['spec'] as { ports: { port: number }[] }).ports.map(({ port }) => port);
  const made = await plan();
  assert.deepEqual(ports(made, 'rabbitmq-service'), [5672, 15692]);
  assert.deepEqual(ports(made, 'rabbitmq-members'), [5672, 15692, 4369, 25672]);
});

test('with a certificate there is TLS and nothing else for clients', async () => {
  let broker: RabbitMq | undefined;
  const made = await planned(
    () => (broker = new RabbitMq('rabbitmq', { ...ARGS, tls: { secretName: 'rabbitmq-tls' } }, {})),
  );
  assert.equal(broker!.port, 5671);
  const lines = conf(made);
  assert.ok(lines.includes('listeners.tcp = none') && lines.includes('listeners.ssl.default = 5671'));
  const volume = podOf(named(made, 'rabbitmq-set')).spec.volumes.find(({ name }) => name === 'tls');
  assert.equal(volume?.secret?.secretName, 'rabbitmq-tls');
});

test('a node that waits for the others is not ready, and has five minutes to begin serving, and three to be back', async () => {
  const [container] = podOf(named(await plan(), 'rabbitmq-set')).spec.containers as unknown as {
    readinessProbe: { tcpSocket: { port: string } };
    startupProbe: { tcpSocket: { port: string }; periodSeconds: number; failureThreshold: number };
    livenessProbe: { tcpSocket: { port: string }; periodSeconds: number; failureThreshold: number };
  }[];
  const { startupProbe, readinessProbe, livenessProbe } = container!;
  assert.equal(startupProbe.tcpSocket.port, 'amqp');
  assert.equal(startupProbe.periodSeconds * startupProbe.failureThreshold, 300);
  assert.equal(readinessProbe.tcpSocket.port, 'amqp');
  assert.equal(livenessProbe.tcpSocket.port, 'amqp');
  assert.equal(livenessProbe.periodSeconds * livenessProbe.failureThreshold, 180);
});

test('an even number of nodes is refused, and so is another number once there are data', async () => {
  assert.throws(
    () => new RabbitMq('rabbitmq', { ...ARGS, replicas: 2 }, {}),
    /RabbitMq "rabbitmq" has one problem.*\n.*replicas: found 2; wanted 1, or an odd number from 3 on/,
  );
  const { fixed } = named(await plan(), 'rabbitmq-anchor').inputs as { fixed: Record<string, unknown> };
  assert.equal(fixed['replicas'], 3);
});
