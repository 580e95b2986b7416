import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  agreed,
  authentication,
  bootstrapSql,
  LEADER,
  leastRole,
  memberConfiguration,
} from '../../../../components/postgres/patroni.ts';
import { accessRules } from '../../../../components/postgres/tls.ts';

const SETTINGS = {
  memory: '512Mi',
  maxConnections: 60,
  slowQueryMilliseconds: 1000,
  timescaledb: true,
  storage: '100Gi',
} as const;
const MEMBER = {
  name: 'postgres',
  namespace: 'shop',
  identity: { component: 'postgres', instance: 'postgres', partOf: 'shop' },
  user: 'shop_user',
} as const;
const USERS = { superuser: 'shop_user' };
const TLS = { secretName: 'postgres-tls', required: true };

test('a commit waits for a second member, and a leader that cannot reach anybody acknowledges nothing', () => {
  const { synchronous_mode, synchronous_mode_strict, failsafe_mode, ttl, loop_wait, retry_timeout } = agreed(SETTINGS);
  assert.deepEqual(
    { synchronous_mode, synchronous_mode_strict, failsafe_mode },
    { synchronous_mode: true, synchronous_mode_strict: true, failsafe_mode: true },
  );
  assert.deepEqual([ttl, loop_wait, retry_timeout], [20, 5, 5]);
  // Patroni's own condition: a leader has given up before its lock can be taken.
  assert.ok(loop_wait + 2 * Number(retry_timeout) <= Number(ttl));
});

test('the members agree on the parameters that one server alone has, and on a log that cannot fill the volume', () => {
  const { parameters } = agreed(SETTINGS).postgresql;
  assert.equal(parameters['shared_buffers'], '128MB');
  assert.equal(parameters['max_connections'], 60);
  assert.equal(parameters['shared_preload_libraries'], 'timescaledb,pg_stat_statements');
  const megabytes = (name: string): number => Number(/^(\d+)MB$/.exec(String(parameters[name]))![1]);
  for (const [storage, share] of [
    ['1Gi', 0.5],
    ['100Gi', 0.35],
  ] as const) {
    const { parameters: sized } = agreed({ ...SETTINGS, storage }).postgresql;
    const sum = ['max_wal_size', 'max_slot_wal_keep_size'].reduce(
      (all, name) => all + Number(/^(\d+)MB$/.exec(String(sized[name]))![1]),
      0,
    );
    assert.ok(sum <= Number(storage.replace('Gi', '')) * 1024 * share, `${sum} MB of ${storage}`);
  }
  assert.equal(megabytes('max_wal_size'), 10_240);
});

test('plain PostgreSQL works with the same image: nothing names TimescaleDB', () => {
  const plain = { ...SETTINGS, timescaledb: false, database: 'shop' };
  assert.doesNotMatch(JSON.stringify(agreed(plain)) + bootstrapSql(plain), /timescale/);
  assert.match(bootstrapSql({ ...plain, timescaledb: true }), /EXTENSION IF NOT EXISTS timescaledb/);
});

test('the first start makes the application’s database, and the extensions inside it', () => {
  assert.equal(
    bootstrapSql({ ...SETTINGS, database: 'shop' }),
    'CREATE DATABASE "shop";\n\\connect "shop"\nCREATE EXTENSION IF NOT EXISTS timescaledb;\nCREATE EXTENSION IF NOT EXISTS pg_stat_statements;\n',
  );
});

test('Patroni finds its pods by the labels that every pod of the set has, and only those', () => {
  const { kubernetes, scope } = memberConfiguration(MEMBER);
  assert.deepEqual(
    { ...kubernetes.labels, [kubernetes.scope_label]: scope },
    { 'app.kubernetes.io/name': 'postgres', 'app.kubernetes.io/instance': 'postgres' },
  );
  assert.equal(kubernetes.use_endpoints, false);
  assert.equal(LEADER, 'master');
});

test('checksums are made, passwords are SCRAM, and no line of access trusts anybody', () => {
  const { bootstrap, postgresql } = memberConfiguration(MEMBER);
  assert.ok(bootstrap.initdb.includes('data-checksums'));
  for (const rule of [...postgresql.pg_hba, ...accessRules(undefined, USERS), ...accessRules(TLS, USERS)]) {
    assert.match(rule, / scram-sha-256$|^local all shop_user peer map=pod$/);
  }
});

test('where TLS is required, only the pod’s own loopback connects without it', () => {
  const rules = memberConfiguration({ ...MEMBER, tls: TLS }).postgresql.pg_hba.filter((rule) => !/^local/.test(rule));
  const plain = rules.filter((rule) => /^host /.test(rule));
  assert.deepEqual(
    plain.map((rule) => rule.split(' ')[3]),
    ['127.0.0.1/32', '::1/128'],
  );
  assert.deepEqual(
    rules.filter((rule) => /^hostssl /.test(rule)),
    ['hostssl replication standby all scram-sha-256', 'hostssl all all all scram-sha-256'],
  );
  const preferred = accessRules({ ...TLS, required: false }, USERS);
  assert.ok(preferred.includes('host all all all scram-sha-256'));
});

test('with a certificate the server has TLS on, and members check its authority', () => {
  const { parameters } = memberConfiguration({ ...MEMBER, tls: TLS }).postgresql;
  assert.equal((parameters as Record<string, unknown>)['ssl'], 'on');
  assert.equal('ssl' in memberConfiguration(MEMBER).postgresql.parameters, false);
  const passwords = { superuser: 'a', replication: 'b', rewind: 'c', rest: 'd' };
  const users = Object.values(authentication('shop_user', passwords, TLS).postgresql.authentication);
  for (const user of users) {
    assert.deepEqual(
      [(user as { sslmode?: string }).sslmode, (user as { sslrootcert?: string }).sslrootcert],
      ['verify-ca', '/run/secrets/tls/ca.crt'],
    );
  }
  assert.equal('sslmode' in authentication('u', passwords).postgresql.authentication.superuser, false);
});

test('no password stands beside what is no secret', () => {
  assert.doesNotMatch(JSON.stringify([memberConfiguration(MEMBER), agreed(SETTINGS)]), /password":/);
});

test('a member may change its four ConfigMaps and the pods of the set, and nothing else by name', () => {
  const rules = leastRole('postgres', 3);
  const named = rules.filter((rule) => rule.resourceNames !== undefined);
  assert.deepEqual(
    named.map(({ resources, resourceNames, verbs }) => [resources, resourceNames, verbs]),
    [
      [['configmaps'], ['postgres-config', 'postgres-failover', 'postgres-leader', 'postgres-sync'], ['get', 'patch']],
      [['pods'], ['postgres-0', 'postgres-1', 'postgres-2'], ['patch']],
    ],
  );
  const free = rules.filter((rule) => rule.resourceNames === undefined).flatMap(({ verbs }) => verbs);
  assert.deepEqual([...new Set(free)].toSorted(), ['create', 'list', 'watch']);
  assert.ok(!rules.some(({ resources }) => resources.includes('secrets')));
});
