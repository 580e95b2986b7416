import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { Redis, type Sharded } from '../../../../components/redis/index.ts';
import { named, planned, podOf, type Made } from '../../support/mocks.ts';

const plan = (change: Partial<Sharded> = {}) =>
  planned(
    () =>
      new Redis(
        'shards',
        {
          namespace: 'shop',
          partOf: 'shop',
          image: { reference: 'docker.io/library/redis:7.0.15', uid: 999 },
          cpu: { request: '25m', limit: '500m' },
          memory: '96Mi',
          maxMemory: '64Mi',
          evictionPolicy: 'allkeys-lru',
          storage: '256Mi',
          startDeadline: '5m',
          fingerprintKey: pulumi.secret('the key'),
          topology: { kind: 'cluster', masters: 3, replicasPerMaster: 0, nodeTimeout: '5s', ...change },
        },
        {},
      ),
  );

const env = (made: readonly Made[], container: number): Record<string, string | undefined> =>
  Object.fromEntries(
    (podOf(named(made, 'shards-set')).spec.containers as unknown as { env: { name: string; value?: string }[] }[])[
      container
    ]!.env.map(({ name, value }) => [name, value]),
  );

test('three masters are three nodes, with a replica each they are six, and each keeps its append-only file', async () => {
  for (const [replicasPerMaster, nodes] of [
    [0, 3],
    [1, 6],
  ] as const) {
    const made = await plan({ replicasPerMaster });
    assert.equal((named(made, 'shards-set').inputs['spec'] as { replicas: number }).replicas, nodes);
    assert.equal(env(made, 1)['MEMBERS']?.split(' ').length, nodes);
    assert.equal(env(made, 1)['MASTERS'], '3');
  }
  const [map] = (await plan()).filter(({ type }) => type.endsWith(':ConfigMap'));
  const conf = (map!.inputs['data'] as Record<string, string>)['redis.conf']!.split('\n');
  for (const line of ['appendonly yes', 'cluster-enabled yes', 'cluster-node-timeout 5000']) {
    assert.ok(conf.includes(line), line);
  }
});

test('a node names itself to clients by a name that outlives its pod', async () => {
  const made = await plan();
  assert.deepEqual(podOf(named(made, 'shards-set')).spec.containers[0].args.slice(-2), [
    '--cluster-announce-hostname',
    '$(SELF)',
  ]);
  assert.equal(env(made, 0)['SELF'], '$(POD).shards-members.shop.svc.cluster.local');
});

test('how many share the slots, and how many copy them, is fixed once there are data', async () => {
  const { fixed } = named(await plan(), 'shards-anchor').inputs as { fixed: Record<string, unknown> };
  assert.deepEqual([fixed['topology'], fixed['masters'], fixed['replicasPerMaster']], ['cluster', 3, 0]);
});
