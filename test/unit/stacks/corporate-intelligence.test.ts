import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import * as pulumi from '@pulumi/pulumi';
import { parse } from '../../../stacks/config/load.ts';
import { corporateIntelligence } from '../../../stacks/corporate-intelligence.ts';
import { named, podOf, type Made } from '../support/mocks.ts';
import { composed, local } from './support/compose.ts';
import { changed, environmentOf, groupsOf, rawOf, STACKS, type Groups } from './support/raw.ts';

const gatesIn = (made: readonly Made[]): Made[] =>
  made.filter(({ type }) => type.startsWith('pulumi-nodejs:dynamic/gates:'));

test('every health requirement of A that this stack can ask has a gate', async () => {
  const { made } = await composed(local());
  const asked = gatesIn(made).flatMap(
    ({ inputs }) => (inputs as { requirement?: string }).requirement?.split(', ') ?? [],
  );
  const wanted = [
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => `A-GATE-${n}`),
    // A-SMOKE-7 asks for TLS at the edge, which this stack has not.
    ...[1, 2, 3, 4, 5, 6, 8, 9].map((n) => `A-SMOKE-${n}`),
    ...['A-MIG-1', 'A-MIG-3', 'A-STOR-4', 'A-OK-1'],
  ];
  assert.deepEqual(
    wanted.filter((id) => !asked.includes(id)),
    [],
  );
});

test('A’s patience is the gates’: 60 s every 2 s for the database, 180 s every 5 s for four pods, 10 s an answer', async () => {
  const { made } = await composed(groupsOf('staging'));
  const { patience: database } = named(made, 'database-ready').inputs as { patience: Record<string, unknown> };
  assert.deepEqual([database['deadline'], database['interval'], database['failureLimit']], ['60s', '2s', 'none']);
  const { patience: healthy, atLeastReady } = named(made, 'healthy').inputs as never as {
    patience: Record<string, unknown>;
    atLeastReady: number;
  };
  assert.deepEqual([healthy['deadline'], healthy['interval'], atLeastReady], ['180s', '5s', 4]);
  const { patience: endpoint } = named(made, 'endpoint-health').inputs as { patience: Record<string, unknown> };
  assert.equal(endpoint['perTry'], '10s');
  assert.equal(named(made, 'no-restarts').inputs['window'], '10m');
});

test('/health has to answer the stack’s own environment and version', async () => {
  for (const stack of STACKS) {
    const { made } = await composed(groupsOf(stack));
    const { expect } = named(made, 'endpoint-health').inputs as { expect: { json: Record<string, unknown> } };
    assert.equal(expect.json['environment'], environmentOf(stack));
    assert.equal(expect.json['version'], '1.0.0');
    assert.equal(expect.json['status'], 'healthy');
  }
});

/** When each resource began and was there, with every gate taking its time. */
async function timeline(): Promise<Map<string, { type: string; began: number; there: number }>> {
  const times = new Map<string, { type: string; began: number; there: number }>();
  let tick = 0;
  await pulumi.runtime.setMocks(
    {
      newResource: async ({ type, name, inputs }) => {
        const entry = { type, began: tick++, there: 0 };
        times.set(name, entry);
        await sleep(type.startsWith('pulumi-nodejs:dynamic') ? 15 : 1);
        entry.there = tick++;
        return { id: name, state: { ...(inputs as object), result: 'x' } };
      },
      call: () => assert.fail('nothing is looked up'),
    },
    'platform',
    'test',
    false,
  );
  corporateIntelligence({ settings: parse(rawOf(local()), 'test'), secrets: {} });
  await pulumi.runtime.disconnect();
  return times;
}

test('nothing of a group begins before every gate of the group before it is open', async () => {
  const times = await timeline();
  const groups: RegExp[] = [
    /^images$/,
    /^(guard|fingerprint-key|grafana-password|api-secret-key)/,
    /^postgres/,
    /^database-(ready|version)$/,
    /^(redis|minio)(?!-ping)/,
    // What a release needs before anything is changed, and then what it changes.
    // A runner needs the sides and the Service to bring anything to its end: they come before who waits for that.
    /^api(?!-(secret-key|prepare|release))/,
    /^api-prepare$/,
    /^pre-release-backup/,
    /^migrate/,
    /^(migrations|tables|indexes|initial)-/,
    /^api-release/,
    /^healthy$/,
    /^bucket-/,
    /^(endpoint-|redis-ping$|buckets$)/,
    /^smoke-/,
    /^no-restarts$/,
  ];
  const members = groups.map((pattern) => [...times].filter(([name]) => pattern.test(name)));
  const placed = members.flat().map(([name]) => name);
  assert.deepEqual(
    [...times.keys()].filter((name) => name !== 'cluster' && !placed.includes(name)),
    [],
    'every resource belongs to a group',
  );
  assert.equal(placed.length, new Set(placed).size, 'to one only');
  for (let i = 1; i < groups.length; i++) {
    const before = members[i - 1]!.filter(([, { type }]) => !type.startsWith('platform:'));
    const last = Math.max(...before.map(([, { there }]) => there));
    for (const [name, { began }] of members[i]!) {
      assert.ok(began > last, `${name} began before ${before.find(([, { there }]) => there === last)?.[0]} was there`);
    }
  }
});

test('the order of keys in a file changes no resource', async () => {
  const turned = (value: unknown): unknown =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, inner]) => [key, turned(inner)]),
        )
      : value;
  for (const stack of STACKS) {
    const [plain, shuffled] = [await composed(groupsOf(stack)), await composed(turned(groupsOf(stack)) as Groups)];
    assert.equal(JSON.stringify(shuffled.made), JSON.stringify(plain.made), stack);
  }
});

test('the rehearsal is of production’s parts, all but those that need a cloud, users, or something that comes later', async () => {
  const parts = async (stack: string) =>
    new Set(
      (await composed(groupsOf(stack))).made.map(({ type }) => type).filter((type) => type.startsWith('platform:')),
    );
  const [rehearsed, production] = [await parts('rehearsal'), await parts('production')];
  assert.deepEqual(
    [...rehearsed].filter((type) => !production.has(type)),
    [],
  );
  assert.deepEqual([...production].filter((type) => !rehearsed.has(type)).toSorted(), [
    'platform:host:ExternalSecrets',
    'platform:host:PrometheusAdapter',
    'platform:host:StorageClass',
    'platform:observability:Prometheus',
    'platform:secrets:Acme',
    'platform:secrets:ExternalSecret',
    'platform:secrets:SecretStore',
  ]);
});

test('an image that a registry has is not asked for on the nodes', async () => {
  const { made, outputs } = await composed(changed(local(), 'api.image', 'registry.example.com/corporate-intel-api'));
  assert.equal(
    made.some(({ name }) => name === 'images'),
    false,
  );
  assert.equal('images' in outputs.gates, false);
});

test('TimescaleDB is chosen by data: its image, its user and its library', async () => {
  const of = async (timescaledb: boolean) => {
    const { made } = await composed(changed(local(), 'postgres.timescaledb', timescaledb));
    const { spec } = podOf(named(made, 'postgres-set'));
    return [spec.containers[0].image, spec.securityContext.runAsUser];
  };
  assert.deepEqual(await of(true), ['docker.io/timescale/timescaledb:2.13.0-pg15', 70]);
  assert.deepEqual(await of(false), ['docker.io/library/postgres:15.20', 999]);
});

test('every pod is restricted, has no writable root, and no token but the one that carries out releases', async () => {
  const { made } = await composed(local());
  const workloads = made.filter(({ type }) => /:(StatefulSet|Deployment|Job)$/.test(type));
  assert.equal(workloads.length, 8);
  for (const workload of workloads) {
    const { spec } = podOf(workload);
    // Only who carries out releases talks to the API server.
    assert.equal(spec.automountServiceAccountToken, workload.name === 'api-runner', workload.name);
    assert.deepEqual(
      spec.containers.map(({ securityContext }) => securityContext.readOnlyRootFilesystem),
      [true],
    );
  }
});

test('the API reaches its three stores and DNS, and is reached by the stated clients and its releases only', async () => {
  const { made } = await composed(local());
  const policies = made.filter(({ type, name }) => type.endsWith(':NetworkPolicy') && name.includes('api'));
  assert.deepEqual(
    policies.map(({ name }) => name.replace('guard-', '')),
    [
      'api-runner-to-api-8000-egress',
      'api-runner-to-api-8000-ingress',
      'api-runner-to-api-server-6443-egress',
      'api-to-dns-53-egress',
      'api-to-minio-9000-egress',
      'api-to-minio-9000-ingress',
      'api-to-postgres-5432-egress',
      'api-to-postgres-5432-ingress',
      'api-to-redis-6379-egress',
      'api-to-redis-6379-ingress',
      'clients-to-api-8000-ingress',
    ],
  );
});

const JUDGED = { cpu: { request: '20m', limit: '500m' }, memory: { request: '96Mi', limit: '256Mi' }, minimum: 50 };

test('judged by its users, a release asks a Prometheus that reads the API by its sides, and the edge', async () => {
  const { made } = await composed(changed(groupsOf('rehearsal'), 'release.analysis.users', JUDGED));
  const { rules } = named(made, 'api-release').inputs as unknown as {
    rules: { probe: object; analysis: { metrics: { each: { query: string; requests: string }[] } } };
  };
  assert.partialDeepStrictEqual(rules.probe, {
    prometheus: { url: 'http://prometheus.corporate-intel-rehearsal.svc:9090' },
  });
  const [rule] = rules.analysis.metrics.each;
  assert.partialDeepStrictEqual(rule, { name: 'users', most: 0.05, minimum: 50 });
  for (const query of [rule!.query, rule!.requests])
    assert.match(query, /job="api",instance=~"\$candidate",path!~"\/health\|/);
  const found = made.filter(({ name }) => /^prometheus-.*-service$/.test(name)).map(({ name }) => name);
  assert.deepEqual(found, ['prometheus-api-blue-service', 'prometheus-api-green-service', 'prometheus-edge-service']);
  const policies = made.filter(
    ({ type, name }) => type.endsWith(':NetworkPolicy') && /prometheus|runner-to-dns/.test(name),
  );
  assert.deepEqual(
    policies.map(({ name }) => name.replace('guard-', '')),
    [
      ...[
        'api-runner-to-dns-53-egress',
        'api-runner-to-prometheus-9090-egress',
        'api-runner-to-prometheus-9090-ingress',
      ],
      ...['prometheus-to-api-8000-egress', 'prometheus-to-api-8000-ingress', 'prometheus-to-dns-53-egress'],
      ...['prometheus-to-edge-8082-egress', 'prometheus-to-edge-8082-ingress'],
    ],
  );
});

test('every limit, count and span that a release is judged by is the stack’s to set', async () => {
  const analysis = {
    ...{ errors: 7, slower: 20, tolerance: '30ms', inRow: 4, hold: '9s', freshness: '6s', restarts: 1 },
    counts: { answers: 21, failures: 6, recent: 41, compared: 61, database: 4, readings: 3 },
  };
  const { made } = await composed(changed(groupsOf('rehearsal'), 'release.analysis', { ...analysis, users: JUDGED }));
  const { rules } = named(made, 'api-release').inputs as unknown as { rules: { analysis: object } };
  assert.partialDeepStrictEqual(rules.analysis, {
    ...{ hold: 9000, freshness: 6000, health: { inRow: 4 }, restarts: { most: 1 }, database: { inRow: 4, minimum: 4 } },
    errors: { most: 0.07, minimum: 21, fewest: 6, recent: 41 },
    latency: { ratio: 1.2, tolerance: 30, minimum: 61, recent: 15_000 },
    metrics: { inRow: 3, each: [{ name: 'users' }] },
  });
});

test('production has its releases judged by its users', async () => {
  const { made } = await composed(groupsOf('production'));
  assert.equal(made.filter(({ type }) => type.endsWith(':Prometheus')).length, 1);
  assert.partialDeepStrictEqual(named(made, 'api-release').inputs, {
    rules: { analysis: { metrics: { each: [{ name: 'users', most: 0.05, minimum: 20 }] } } },
  });
});

test('without that a release is judged by questions of its own, and no Prometheus is made', async () => {
  for (const stack of STACKS.filter((name) => name !== 'production')) {
    const { made } = await composed(groupsOf(stack));
    assert.deepEqual(
      made.filter(({ type }) => type.endsWith(':Prometheus')),
      [],
      stack,
    );
    assert.partialDeepStrictEqual(named(made, 'api-release').inputs, {
      rules: { analysis: { metrics: { each: [] } } },
    });
  }
});

test('no resource holds a secret outside a Kubernetes Secret', async () => {
  const { made } = await composed(local());
  const secrets = /generated-[a-z-]+|sentry\.example\.com/;
  const holders = made.filter(({ inputs }) => secrets.test(JSON.stringify(inputs))).map(({ name }) => name);
  assert.deepEqual(holders, [
    'api-secrets',
    'migrate-database',
    'minio-auth',
    'postgres-auth',
    'pre-release-backup-login',
    'redis-auth',
  ]);
});
