import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { Postgres, type PostgresArgs } from '../../../../components/postgres/index.ts';
import { named, passwordOf, planned, podOf, secretsIn, type Made } from '../../support/mocks.ts';

const ARGS: PostgresArgs = {
  namespace: 'shop',
  partOf: 'shop',
  image: { reference: 'docker.io/timescale/timescaledb-ha:pg15', uid: 1000 },
  timescaledb: true,
  readReplicas: 2,
  user: 'shop_user',
  database: 'shop',
  cpu: { request: '50m', limit: '1' },
  memory: '512Mi',
  storage: '10Gi',
  maxConnections: 60,
  slowQueryMilliseconds: 1000,
  startDeadline: '5m',
  fingerprintKey: pulumi.secret('the key'),
};
const POOLER: NonNullable<PostgresArgs['pooler']> = {
  image: { reference: 'ghcr.io/cloudnative-pg/pgbouncer:1.18.0', uid: 998 },
  replicas: 2,
  pool: { maxClients: 200, size: 20, reserve: 5 },
  cpu: { request: '10m', limit: '1' },
  memory: '64Mi',
};

const plan = (change: Partial<PostgresArgs> = {}) =>
  planned(() => new Postgres('postgres', { ...ARGS, ...change }, {}));
const spec = (made: readonly Made[], name: string): Record<string, unknown> =>
  named(made, name).inputs['spec'] as Record<string, unknown>;

test('a leader and its replicas are one set of members that start without waiting for each other', async () => {
  const made = await plan();
  const { replicas, podManagementPolicy } = spec(made, 'postgres-set');
  assert.deepEqual([replicas, podManagementPolicy], [3, 'Parallel']);
  assert.equal(made.filter(({ type }) => type === 'kubernetes:core/v1:PersistentVolumeClaim').length, 3);
});

test('writers are led to the leader, readers to the replicas, by the label that Patroni sets', async () => {
  const made = await plan();
  const pods = { 'app.kubernetes.io/name': 'postgres', 'app.kubernetes.io/instance': 'postgres' };
  assert.deepEqual(spec(made, 'postgres-service')['selector'], { ...pods, role: 'master' });
  assert.deepEqual(spec(made, 'postgres-read')['selector'], { ...pods, role: 'replica' });
  // The set must not hold what Patroni changes.
  assert.equal('role' in podOf(named(made, 'postgres-set')).metadata.labels, false);
});

test('the REST API is asked by the kubelet and by members, and is on no Service that clients use', async () => {
  const made = await plan();
  const [{ readinessProbe, livenessProbe }] = podOf(named(made, 'postgres-set')).spec.containers;
  assert.equal(readinessProbe.httpGet?.path, '/readiness');
  assert.equal(livenessProbe.httpGet?.path, '/liveness');
  for (const service of ['postgres-service', 'postgres-read']) {
    assert.deepEqual(
      (spec(made, service)['ports'] as { port: number }[]).map(({ port }) => port),
      [5432],
      service,
    );
  }
});

test('four passwords stand in one Secret, as secrets, and in nothing else', async () => {
  const made = await plan({ pooler: POOLER });
  const passwords = ['password', 'replication-password', 'rewind-password', 'rest-password'].map((what) =>
    passwordOf(`postgres-${what}`),
  );
  const held = JSON.stringify(secretsIn(named(made, 'postgres-auth')));
  for (const password of passwords) assert.match(held, new RegExp(password));
  for (const { name, inputs } of made.filter(({ type }) => type !== 'kubernetes:core/v1:Secret')) {
    for (const password of passwords) assert.doesNotMatch(JSON.stringify(inputs), new RegExp(password), name);
  }
});

test('two pods of one name never have the volume at once: the server starts behind a lock on it', async () => {
  const [container] = podOf(named(await plan(), 'postgres-set')).spec.containers;
  const { command } = container as unknown as { command: string[] };
  assert.deepEqual(command, ['flock', '--no-fork', '--timeout', '90', '/home/postgres/pgdata/.lock']);
  assert.deepEqual(container.args, ['patroni', '/etc/patroni']);
});

test('what the members agree on changes through Patroni, and rolls no pod', async () => {
  const [before, after] = [await plan(), await plan({ maxConnections: 50 })];
  const subject = (made: readonly Made[]) =>
    podOf(named(made, 'postgres-set')).metadata.annotations['platform/subject'];
  assert.equal(subject(before), subject(after));
  const agreed = (made: readonly Made[]) =>
    named(made, 'postgres-agreed').inputs['configuration'] as {
      postgresql: { parameters: Record<string, unknown> };
    };
  assert.equal(agreed(before).postgresql.parameters['max_connections'], 60);
  assert.equal(agreed(after).postgresql.parameters['max_connections'], 50);
  // A new volume starts with the same.
  const data = named(after, 'postgres-bootstrap').inputs['data'] as Record<string, string>;
  const { bootstrap } = JSON.parse(data['2-bootstrap.yml']!) as { bootstrap: { dcs: unknown } };
  assert.deepEqual(bootstrap.dcs, agreed(after));
});

test('a certificate rolls the pods, and is mounted where the server looks', async () => {
  const tls = { secretName: 'postgres-tls', required: true };
  const { spec: pod } = podOf(named(await plan({ tls }), 'postgres-set'));
  assert.ok(pod.volumes.some(({ secret }) => secret?.secretName === 'postgres-tls'));
  const data = Object.entries(
    (await plan({ tls })).find(({ name }) => name.startsWith('postgres-member-'))!.inputs['data'] as Record<
      string,
      string
    >,
  );
  assert.match(data.map(([, text]) => text).join(''), /"ssl_cert_file": "\/run\/secrets\/tls\/tls\.crt"/);
});

test('with a certificate somebody in each pod looks whether it was renewed; without one nobody does', async () => {
  const tls = { secretName: 'postgres-tls', required: true };
  const containers = (made: readonly Made[], name: string) =>
    podOf(named(made, name)).spec.containers as unknown as { name: string; command?: string[] }[];
  const [plain, sealed] = [await plan({ pooler: POOLER }), await plan({ tls, pooler: POOLER })];
  const names = (made: readonly Made[]) => containers(made, 'postgres-set').map(({ name }) => name);
  assert.deepEqual([names(plain), names(sealed)], [['postgres'], ['postgres', 'renewal']]);
  const start = (made: readonly Made[]) => containers(made, 'postgres-pooler-deployment')[0]!.command!;
  assert.deepEqual(start(plain), ['pgbouncer', '/etc/pgbouncer/pgbouncer.ini']);
  assert.match(start(sealed)[2]!, /kill -HUP \$child/);
  assert.deepEqual(start(sealed).slice(-2), ['/etc/pgbouncer/pgbouncer.ini', '/run/secrets/tls/tls.crt']);
});

test('a pooler is pods of its own in front of the leader, which may go one at a time', async () => {
  const made = await plan({ pooler: POOLER });
  assert.equal(spec(made, 'postgres-pooler-deployment')['replicas'], 2);
  assert.deepEqual(spec(made, 'postgres-pooler-budget')['maxUnavailable'], 1);
  const selected = spec(made, 'postgres-pooler-service')['selector'] as Record<string, string>;
  assert.deepEqual(selected, {
    'app.kubernetes.io/name': 'pgbouncer',
    'app.kubernetes.io/instance': 'postgres-pooler',
  });
  assert.deepEqual(secretsIn(named(made, 'postgres-pooler-auth')), {
    'userlist.txt': `"shop_user" "${passwordOf('postgres-password')}"\n`,
  });
  assert.equal(podOf(named(made, 'postgres-pooler-deployment')).spec.automountServiceAccountToken, false);
});

test('applications are sent to the pooler where there is one, and to the leader where there is none', async () => {
  let seen: unknown[] = [];
  await planned(() => {
    const at = (name: string, change: Partial<PostgresArgs>) =>
      new Postgres(name, { ...ARGS, ...change }, {}).application;
    seen = [at('postgres', {}), at('pooled', { pooler: POOLER }), at('alone', { readReplicas: 0 })];
  });
  assert.deepEqual(seen, [
    { host: 'postgres', port: 5432 },
    { host: 'pooled-pooler', port: 6432 },
    { host: 'alone', port: 5432 },
  ]);
});

test('a number of replicas that is none is refused', async () => {
  await assert.rejects(
    plan({ readReplicas: -1 }),
    /PostgresArgs\.readReplicas: found -1; wanted a whole number from 0/,
  );
});

test('alone, with a certificate, the server has its own rules of access; without one it has the image’s', async () => {
  const conf = (made: readonly Made[]) =>
    made.find(({ name }) => name.startsWith('postgres-config-'))!.inputs['data'] as Record<string, string>;
  const plain = conf(await plan({ readReplicas: 0 }));
  assert.equal('pg_hba.conf' in plain, false);
  const sealed = conf(await plan({ readReplicas: 0, tls: { secretName: 'postgres-tls', required: true } }));
  assert.match(sealed['pg_hba.conf']!, /^hostssl all all all scram-sha-256$/m);
  assert.match(sealed['postgresql.conf']!, /^hba_file = '\/etc\/postgresql\/pg_hba\.conf'$/m);
  assert.match(sealed['postgresql.conf']!, /^ssl = 'on'$/m);
});
