import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pgbouncerIni, userLine } from '../../../../components/postgres/pgbouncer.ts';

const POOL = { maxClients: 500, size: 20, reserve: 5 };

/** The settings of `[pgbouncer]`, and the line of the database. */
function parsed(text: string): { databases: string[]; settings: Record<string, string> } {
  const [databases, settings] = text.split('[pgbouncer]\n');
  const pairs = settings!
    .trim()
    .split('\n')
    .map((line) => /^(\w+) = (.*)$/.exec(line)!.slice(1) as [string, string]);
  return {
    databases: databases!.split('\n').filter((line) => line !== '' && !line.startsWith('[')),
    settings: Object.fromEntries(pairs),
  };
}

test('clients share the connections of the stated pool, transaction by transaction', () => {
  const { databases, settings } = parsed(pgbouncerIni('postgres', 'shop', POOL));
  assert.deepEqual(databases, ['shop = host=postgres port=5432']);
  assert.equal(settings['pool_mode'], 'transaction');
  assert.equal(settings['max_client_conn'], '500');
  assert.equal(settings['default_pool_size'], '20');
  assert.equal(settings['max_db_connections'], '25');
});

test('clients wait longer for the next leader than a failover takes, and lost connections are given up sooner', () => {
  const { settings } = parsed(pgbouncerIni('postgres', 'shop', POOL));
  assert.ok(Number(settings['query_wait_timeout']) >= 30);
  assert.ok(Number(settings['tcp_user_timeout']) <= 15_000);
});

test('nobody is let in without a password', () => {
  assert.equal(parsed(pgbouncerIni('postgres', 'shop', POOL)).settings['auth_type'], 'scram-sha-256');
});

test('with a certificate clients have TLS, and the database proves who it is', () => {
  const sslmode = (required: boolean) =>
    parsed(pgbouncerIni('postgres', 'shop', POOL, { secretName: 'tls', required })).settings;
  assert.equal(sslmode(true)['client_tls_sslmode'], 'require');
  assert.equal(sslmode(false)['client_tls_sslmode'], 'allow');
  assert.equal(sslmode(true)['server_tls_sslmode'], 'verify-full');
  assert.doesNotMatch(pgbouncerIni('postgres', 'shop', POOL), /tls/);
});

test('a password with quotes stays one password', () => {
  assert.equal(userLine('shop_user', 'a"b'), '"shop_user" "a""b"\n');
});
