import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { Redis, proxyIdentity, type RedisArgs, type Watched } from '../../../../components/redis/index.ts';
import { selector } from '../../../../components/core/index.ts';
import { named, passwordOf, planned, podOf, secretsIn, type Made } from '../../support/mocks.ts';

const CPU = { request: '10m', limit: '500m' } as const;
const TOPOLOGY: Watched = {
  kind: 'sentinel',
  members: 3,
  downAfter: '5s',
  sentinelCpu: CPU,
  sentinelMemory: '32Mi',
  proxy: { image: { reference: 'docker.io/library/haproxy:2.6.12', uid: 99 }, replicas: 2, cpu: CPU, memory: '64Mi' },
};
const ARGS: RedisArgs = {
  namespace: 'shop',
  partOf: 'shop',
  image: { reference: 'docker.io/library/redis:7.0.15', uid: 999 },
  cpu: CPU,
  memory: '96Mi',
  maxMemory: '64Mi',
  evictionPolicy: 'allkeys-lru',
  storage: '256Mi',
  startDeadline: '5m',
  fingerprintKey: pulumi.secret('the key'),
  topology: TOPOLOGY,
};

const plan = (change: Partial<Watched> = {}) =>
  planned(() => new Redis('redis', { ...ARGS, topology: { ...TOPOLOGY, ...change } }, {}));

const fileOf = (made: readonly Made[], prefix: string, file: string): string => {
  const map = made.find(({ type, name }) => type.endsWith(':ConfigMap') && name.startsWith(prefix))!;
  return (map.inputs['data'] as Record<string, string>)[file]!;
};
const spec = (made: Made) => made.inputs['spec'] as Record<string, unknown>;

test('three members start side by side, and one at a time may go', async () => {
  const made = await plan();
  const set = spec(named(made, 'redis-set'));
  assert.equal(set['replicas'], 3);
  assert.equal(set['podManagementPolicy'], 'Parallel');
  assert.deepEqual(
    (podOf(named(made, 'redis-set')).spec.containers as unknown as { name: string }[]).map(({ name }) => name),
    ['redis', 'sentinel'],
  );
  for (const budget of ['redis-budget', 'redis-proxy-budget']) {
    assert.equal(spec(named(made, budget))['maxUnavailable'], 1);
  }
});

test('a master without a replica that answers takes no writes', async () => {
  const conf = fileOf(await plan(), 'redis-config', 'redis.conf').split('\n');
  for (const line of ['min-replicas-to-write 1', 'min-replicas-max-lag 5', 'appendonly yes']) {
    assert.ok(conf.includes(line), line);
  }
});

test('the Service of the clients leads to the proxies, those of the members to one pod each, ready or not', async () => {
  const made = await plan();
  assert.deepEqual(spec(named(made, 'redis-service'))['selector'], selector(proxyIdentity('redis', 'shop')));
  const { labels } = podOf(named(made, 'redis-proxy-deployment')).metadata;
  for (const [key, value] of Object.entries(selector(proxyIdentity('redis', 'shop')))) assert.equal(labels[key], value);
  for (const member of ['redis-0', 'redis-1', 'redis-2']) {
    const { selector: picks, publishNotReadyAddresses } = spec(named(made, member));
    assert.equal((picks as Record<string, string>)['statefulset.kubernetes.io/pod-name'], member);
    assert.equal(publishNotReadyAddresses, true);
  }
  assert.deepEqual(spec(named(made, 'redis-sentinel'))['ports'], [
    { name: 'sentinel', port: 26379, targetPort: 'sentinel' },
  ]);
});

test('the proxies ask each member under a name that outlives its pod', async () => {
  const conf = fileOf(await plan({ members: 5 }), 'redis-proxy-config', 'haproxy.cfg');
  assert.deepEqual(
    conf.split('\n').filter((line) => line.startsWith('  server ')),
    [0, 1, 2, 3, 4].map((i) => `  server redis-${i} redis-${i}.shop.svc.cluster.local:6379`),
  );
  assert.match(conf, /on-marked-down shutdown-sessions/);
});

test('of three Sentinels two decide, of five three', async () => {
  for (const [members, quorum] of [
    [3, '2'],
    [5, '3'],
  ] as const) {
    const [, sentinel] = podOf(named(await plan({ members }), 'redis-set')).spec.containers as unknown as {
      env: { name: string; value?: string }[];
    }[];
    assert.equal(sentinel!.env.find(({ name }) => name === 'QUORUM')?.value, quorum);
  }
});

test('each helper has a user of its own, known by a hash, that may do no more than it has to', async () => {
  const made = await plan();
  const hash = (name: string) => createHash('sha256').update(passwordOf(name)).digest('hex');
  const { 'users.acl': acl, 'replication.conf': replication } = secretsIn(named(made, 'redis-auth'));
  assert.deepEqual(acl!.trimEnd().split('\n'), [
    `user default on #${hash('redis-password')} ~* &* +@all`,
    `user replica on #${hash('redis-replication-password')} +psync +replconf +ping`,
    `user sentinel on #${hash('redis-sentinel-user-password')} &* +multi +slaveof +ping +exec +subscribe ` +
      '+config|rewrite +role +publish +info +client|setname +client|kill +script|kill',
    `user probe on #${hash('redis-probe-password')} +ping +info`,
  ]);
  assert.equal(replication, `masteruser replica\nmasterauth ${passwordOf('redis-replication-password')}\n`);
});

test('no password is in a ConfigMap, an argument or a variable’s own text', async () => {
  const made = await plan();
  const words = ['password', 'sentinel-password', 'sentinel-user-password', 'replication-password', 'probe-password'];
  for (const { name, inputs } of made.filter((one) => one.name !== 'redis-auth')) {
    for (const word of words) assert.ok(!JSON.stringify(inputs).includes(passwordOf(`redis-${word}`)), name);
  }
});

test('numbers without a majority are refused, all at once', () => {
  const refused = (topology: RedisArgs['topology']) => () =>
    new Redis('redis', { ...ARGS, ...(topology && { topology }) }, {});
  assert.throws(
    refused({ ...TOPOLOGY, members: 2, proxy: { ...TOPOLOGY.proxy, replicas: 0 } }),
    /Redis "redis" has 2 problems.*\n.*topology\.members: found 2; wanted an odd number.*\n.*topology\.proxy\.replicas: found 0/,
  );
  assert.throws(
    refused({ kind: 'cluster', masters: 2, replicasPerMaster: -1, nodeTimeout: '5s' }),
    /topology\.masters: found 2; .*\n.*topology\.replicasPerMaster: found -1/,
  );
});

test('the entry is what clients connect to, and the parts are all that runs', async () => {
  let redis: Redis | undefined;
  await planned(() => (redis = new Redis('redis', ARGS, {})));
  assert.deepEqual(redis!.workload, { namespace: 'shop', kind: 'Deployment', name: 'redis-proxy' });
  assert.deepEqual(
    redis!.parts.map(({ workload }) => `${workload.kind}/${workload.name}`),
    ['StatefulSet/redis', 'Deployment/redis-proxy'],
  );
  assert.equal(redis!.sentinelPasswordRef?.key, 'sentinel-password');
});

test('a lost packet of DNS holds a Sentinel up for one second, not for the five after which it would trust no clock', async () => {
  const { dnsConfig } = podOf(named(await plan(), 'redis-set')).spec as unknown as {
    dnsConfig?: { options: { name: string; value: string }[] };
  };
  assert.deepEqual(Object.fromEntries((dnsConfig?.options ?? []).map(({ name, value }) => [name, value])), {
    ndots: '1',
    timeout: '1',
    attempts: '2',
  });
});
