import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { Postgres, type PostgresArgs } from '../../../../components/postgres/index.ts';
import { named, passwordOf, planned, podOf, secretsIn, type Made } from '../../support/mocks.ts';

const ARGS: PostgresArgs = {
  namespace: 'shop',
  partOf: 'shop',
  image: { reference: 'docker.io/library/postgres:15.20', uid: 999 },
  timescaledb: false,
  user: 'shop_user',
  database: 'shop',
  cpu: { request: '50m', limit: '1' },
  memory: '512Mi',
  storage: '1Gi',
  maxConnections: 60,
  slowQueryMilliseconds: 1000,
  startDeadline: '5m',
  fingerprintKey: pulumi.secret('the key'),
};

const plan = (change: Partial<PostgresArgs> = {}) =>
  planned(() => new Postgres('postgres', { ...ARGS, ...change }, {}));
const configOf = (made: readonly Made[]): Made => made.find(({ type }) => type === 'kubernetes:core/v1:ConfigMap')!;
const conf = (made: readonly Made[]): string =>
  (configOf(made).inputs['data'] as Record<string, string>)['postgresql.conf']!;

test('PostgreSQL is one password, its Secret, a ConfigMap, and what a store consists of', async () => {
  const made = await plan();
  assert.deepEqual(made.map(({ type }) => type).toSorted(), [
    'kubernetes:apps/v1:StatefulSet',
    'kubernetes:core/v1:ConfigMap',
    'kubernetes:core/v1:PersistentVolumeClaim',
    'kubernetes:core/v1:Secret',
    'kubernetes:core/v1:Service',
    'kubernetes:core/v1:Service',
    'kubernetes:core/v1:ServiceAccount',
    'platform:data:Postgres',
    'pulumi-nodejs:dynamic/store:Anchor',
    'random:index/randomPassword:RandomPassword',
  ]);
});

test('the password stands in the Secret, as a secret, and nowhere else', async () => {
  const made = await plan();
  const password = passwordOf('postgres-password');
  assert.deepEqual(secretsIn(named(made, 'postgres-auth')), { password });
  for (const { name, inputs } of made.filter((one) => one.name !== 'postgres-auth')) {
    assert.doesNotMatch(JSON.stringify(inputs), new RegExp(password), name);
  }
  const [{ env }] = podOf(named(made, 'postgres-set')).spec.containers;
  assert.ok(
    env.some(({ name, value }) => name === 'POSTGRES_PASSWORD_FILE' && value === '/run/secrets/postgres/password'),
  );
});

test('pg_stat_statements is loaded and created; TimescaleDB too where the image has it, and first', async () => {
  const [plain, timescale] = [await plan(), await plan({ timescaledb: true })];
  assert.match(conf(plain), /^shared_preload_libraries = 'pg_stat_statements'$/m);
  assert.match(conf(timescale), /^shared_preload_libraries = 'timescaledb,pg_stat_statements'$/m);
  assert.match(conf(timescale), /^timescaledb\.telemetry_level = 'off'$/m);
  const sql = (configOf(timescale).inputs['data'] as Record<string, string>)['first-start.sql'];
  assert.equal(
    sql,
    'CREATE EXTENSION IF NOT EXISTS timescaledb;\nCREATE EXTENSION IF NOT EXISTS pg_stat_statements;\n',
  );
});

test('a changed setting is another ConfigMap under another name, and another subject on the pod', async () => {
  const [before, after] = [await plan(), await plan({ slowQueryMilliseconds: 500 })];
  assert.notEqual(configOf(before).name, configOf(after).name);
  const { annotations: a } = podOf(named(before, 'postgres-set')).metadata;
  const { annotations: b } = podOf(named(after, 'postgres-set')).metadata;
  assert.notEqual(a['platform/subject'], b['platform/subject']);
  assert.equal(a['platform/secrets'], b['platform/secrets']);
  const { volumes } = podOf(named(after, 'postgres-set')).spec;
  assert.ok(volumes.some(({ configMap }) => configMap?.name === configOf(after).name));
});

test('the pod is restricted, has no token, and keeps its data in a folder of the volume', async () => {
  const { spec } = podOf(named(await plan(), 'postgres-set'));
  assert.equal(spec.automountServiceAccountToken, false);
  assert.equal(spec.securityContext.runAsUser, 999);
  const [container] = spec.containers;
  assert.equal(container.securityContext.readOnlyRootFilesystem, true);
  assert.deepEqual(container.resources, {
    requests: { cpu: '50m', memory: '512Mi', 'ephemeral-storage': '64Mi' },
    limits: { cpu: '1', memory: '512Mi', 'ephemeral-storage': '2Gi' },
  });
  assert.ok(container.env.some(({ name, value }) => name === 'PGDATA' && value === '/var/lib/postgresql/data/pgdata'));
});

test('readiness is asked over TCP, which the server of a first start does not have', async () => {
  const [{ readinessProbe }] = podOf(named(await plan(), 'postgres-set')).spec.containers;
  assert.deepEqual(readinessProbe.exec?.command.slice(0, 4), ['pg_isready', '-q', '-h', '127.0.0.1']);
});

test('the class of the volume is the cluster’s default unless it is stated', async () => {
  const claim = (made: readonly Made[]) =>
    (named(made, 'postgres-set').inputs['spec'] as { volumeClaimTemplates: { spec: Record<string, unknown> }[] })
      .volumeClaimTemplates[0]!.spec;
  assert.equal('storageClassName' in claim(await plan()), false);
  assert.equal(claim(await plan({ storageClass: 'fast' }))['storageClassName'], 'fast');
});
