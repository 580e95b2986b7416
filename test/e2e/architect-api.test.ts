/** The stand-in for the Architect Dashboard API on a real PostgreSQL and a real Redis Cluster: what B's gates and tests rely on. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { architectWorld } from './support/architect.ts';
import { eventually } from './support/container.ts';

const world = await architectWorld();
const { env, running, start, command, serve, smoke } = world;
let url = '';

const red = async (): Promise<string[]> => (await smoke(url)).filter(({ passed }) => !passed).map(({ id }) => id);
const ids = (...numbers: number[]): string[] => numbers.map((number) => `B-SMOKE-${number}`);
const health = async (): Promise<{ status: number; body: any }> => {
  const response = await fetch(`${url}/health`);
  return { status: response.status, body: await response.json() };
};

async function query(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: env['DATABASE_URL']!.replace('?sslmode=require', '') });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

before(async () => {
  await eventually(() => command(['migrate', '--direction', 'up']), 30_000);
  url = await serve();
});
after(world.end);

describe('its commands', () => {
  test('it tells its version (B-IMG-1)', async () => {
    assert.equal((await command(['--version'])).trim(), 'architect-api 3.2.0');
  });

  test('a second migration changes nothing, and the status names what is there (B-MIG-2, B-MIG-3)', async () => {
    assert.equal(await command(['migrate', '--direction', 'up']), '');
    const lines = (await command(['migrate', 'status'])).trim().split('\n');
    assert.ok(lines.length >= 4 && lines.every((line) => line.endsWith(' applied')), lines.join('\n'));
  });

  test('a step that was taken back is pending, which the status fails for', async () => {
    await command(['migrate', '--direction', 'down']);
    assert.match(await command(['migrate', 'status'], 1), /0004_notifications pending/);
    assert.match(await command(['migrate', '--direction', 'up']), /0004_notifications up/);
  });

  test('a start without settings names all 29 variables and ends', async () => {
    const output = await command([], 1, Object.fromEntries(Object.keys(env).map((name) => [name, ''])));
    for (const name of Object.keys(env)) assert.match(output, new RegExp(`${name}: not as wanted`));
    assert.equal(Object.keys(env).length, 29);
    assert.equal(output.match(/not as wanted/g)?.length, 29);
  });

  test('a value that is malformed is named, and not printed', async () => {
    const output = await command(['serve'], 1, { DATABASE_URL: 'postgres://a:b-8431@c/d', PORT: 'eighty' });
    assert.match(output, /DATABASE_URL: not as wanted\nPORT|PORT: not as wanted\nDATABASE_URL/);
    assert.doesNotMatch(output, /8431|eighty/);
  });
});

describe('a backup', () => {
  test('brings back what was there when it was made, and takes away what came after (B-MIG-4, B-BKP-2)', async () => {
    const report = async (message: string): Promise<void> => {
      const body = JSON.stringify({ message, source: 'backup', severity: 'info' });
      const headers = { 'content-type': 'application/json' };
      assert.equal((await fetch(`${url}/api/v1/errors`, { method: 'POST', body, headers })).status, 201);
    };
    await report('before');
    assert.match(await command(['backup', 'create', '--name', 'pre-deployment-1']), /4 tables kept/);
    await report('after');
    assert.match(await command(['backup', 'restore', '--name', 'pre-deployment-1']), /4 tables brought back/);
    const rows = await query("SELECT message FROM errors WHERE source = 'backup'");
    assert.deepEqual(rows, [{ message: 'before' }]);
  });

  test('that is not there, or has a path for a name, is refused', async () => {
    assert.match(await command(['backup', 'restore', '--name', 'pre-deployment-9'], 1), /no whole backup/);
    assert.match(await command(['backup', 'create', '--name', '../escaped'], 1), /lower-case letters/);
  });
});

describe('serving', () => {
  test('/health answers in B’s words (B-GATE-3)', async () => {
    const { status, body } = await health();
    assert.equal(status, 200);
    assert.match(body.timestamp, /^\d{4}-\d{2}-\d{2}T/);
    assert.deepEqual(
      [body.status, body.components],
      ['healthy', { database: 'healthy', cache: 'healthy', external_services: 'healthy' }],
    );
  });

  test('its connections to the database are encrypted, since its address says `sslmode=require` (B-ENV-5)', async () => {
    await health();
    const ours =
      "FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'architect' AND pid <> pg_backend_pid()";
    const [seen] = (await query(`SELECT count(*) > 0 AS there, bool_and(ssl) AS encrypted ${ours}`)) as [object];
    assert.deepEqual(seen, { there: true, encrypted: true });
  });

  test('/metrics has every name that B expects (B-MON-1, B-MON-3)', async () => {
    const text = await (await fetch(`${url}/metrics`)).text();
    for (const name of [
      ...['http_requests_total', 'http_request_duration_seconds', 'database_query_duration_seconds'],
      ...['cache_hit_ratio', 'error_rate', 'database_connections_in_use', 'query_duration_seconds'],
    ]) {
      assert.match(text, new RegExp(`^${name}`, 'm'), name);
    }
  });

  test('it passes B’s 20 smoke tests, of which neither user nor event stays', async () => {
    const verdicts = await smoke(url);
    assert.equal(verdicts.length, 20);
    assert.deepEqual(
      verdicts.filter(({ passed }) => !passed),
      [],
    );
    assert.deepEqual(
      verdicts.map(({ id }) => id),
      Array.from({ length: 20 }, (_, index) => `B-SMOKE-${index + 1}`),
    );
    const left = await query('SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM events) AS count');
    assert.deepEqual(left, [{ count: '0' }]);
  });

  test('a cookie that is marked otherwise than the settings say fails its test', async () => {
    const other = await serve({ SESSION_COOKIE_HTTPONLY: 'false' });
    const failed = (await smoke(other)).filter(({ passed }) => !passed).map(({ id }) => id);
    assert.deepEqual(failed, ids(3));
  });
});

describe('cut off', () => {
  const cut = async (store: 'postgres' | 'redis', failing: readonly string[], component: string): Promise<void> => {
    await running[store].kill();
    assert.deepEqual(await red(), failing);
    const { status, body } = await health();
    assert.deepEqual([status, body.status, body.components[component]], [503, 'unhealthy', 'unhealthy']);
    running[store] = start[store]();
    await eventually(async () => assert.deepEqual(await red(), []), 30_000);
  };

  test('from Redis: nobody can sign in, so all that takes a session fails, and health; then all is well again', async () => {
    const withSession = [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16];
    await cut('redis', ids(...withSession, 17, 18), 'cache');
  });

  test('from PostgreSQL: everything but the metrics fails; then all is well again', async () => {
    await cut('postgres', ids(...Array.from({ length: 18 }, (_, index) => index + 1), 20), 'database');
  });
});
