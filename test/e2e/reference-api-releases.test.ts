/** The reference API's releases: their migrations, there and back, and the faults that a test can switch on. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { backends, json, world, type Api, type Backends } from './support/api.ts';
import { Container, eventually, unpack } from './support/container.ts';

const timescale = process.env.TIMESCALEDB_ARCHIVE ? (false as const) : 'TIMESCALEDB_ARCHIVE names no build';
const [one, two] = [
  await unpack('docker.io/library/corporate-intel-api:1.0.0'),
  await unpack('docker.io/library/corporate-intel-api:1.1.0'),
];
const TABLES = [
  ...['companies', 'competitive_intelligence', 'documents', 'earnings', 'financial_metrics'],
  ...['ingestion_runs', 'market_data', 'reports', 'sec_filings', 'users'],
];

const { plain, start, command, end } = await world();

const tables = async ({ query }: Backends): Promise<unknown[]> =>
  (
    await query(
      "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('alembic_version', 'schema_history') ORDER BY 1",
    )
  ).map(({ tablename }) => tablename);

/** Every column, index and revision: equal before and after means unchanged. */
const schema = ({ query }: Backends): Promise<unknown> =>
  query(`
    SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'revision', version_num, '' FROM alembic_version
    ORDER BY 1, 2, 3`);

before(async () => {
  await eventually(() => plain.query('SELECT 1'), 30_000);
  await plain.makeBuckets();
});
after(end);

describe('migrations', () => {
  test('up makes ten tables and the first data, down leaves none, and up again makes them again', async () => {
    for (const round of ['first', 'second']) {
      assert.match(await command(one, ['migrate']), /went from nothing to 0015/, round);
      assert.deepEqual(await tables(plain), TABLES, round);
      assert.deepEqual(await plain.query('SELECT count(*)::int FROM companies'), [{ count: 500 }]);
      assert.deepEqual(await plain.query('SELECT count(*)::int FROM market_data'), [{ count: 15_000 }]);
      await command(one, ['downgrade', 'base']);
      assert.deepEqual(await tables(plain), [], round);
    }
    await command(one, ['migrate']);
    assert.match(await command(one, ['migrate']), /is at 0015 already/);
  });

  test('without TimescaleDB the measured tables are plain', async () => {
    assert.deepEqual(await plain.query("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'"), []);
  });

  test('a dry run prints the SQL and changes nothing', async () => {
    await command(one, ['downgrade']);
    const unchanged = await schema(plain);
    assert.match(await command(one, ['migrate', '--dry-run']), /INSERT INTO companies[\s\S]*would go from 0014 to 0015/);
    assert.deepEqual(await schema(plain), unchanged);
    await command(one, ['migrate']);
  });

  test('a failing migration leaves the schema as it was', async () => {
    const unchanged = await schema(plain);
    assert.match(await command(two, ['migrate'], { FAULT_MIGRATION: 'true' }, 1), /FAULT_MIGRATION is set/);
    assert.deepEqual(await schema(plain), unchanged);
  });

  test('two at a time do not get into each other’s way', async () => {
    await command(one, ['downgrade', 'base']);
    const both = await Promise.all([command(one, ['migrate']), command(one, ['migrate'])]);
    assert.ok(both.every((output) => /went from nothing to 0015|is at 0015 already/.test(output)));
    assert.deepEqual(await plain.query('SELECT count(*)::int FROM companies'), [{ count: 500 }]);
  });

  test('1.1.0 only adds; 1.0.0 then says that the schema is ahead, ends well, and still serves on it', async () => {
    const before = (await schema(plain)) as Record<string, unknown>[];
    await command(two, ['migrate']);
    const now = new Set(((await schema(plain)) as Record<string, unknown>[]).map((row) => JSON.stringify(row)));
    const gone = before.filter((row) => row['table_name'] !== 'revision' && !now.has(JSON.stringify(row)));
    assert.deepEqual(gone, []);
    assert.match(await command(one, ['migrate']), /schema ahead/);
    const [old, fresh] = [await start(one), await start(two)];
    for (const { get } of [old, fresh]) assert.equal((await get('/ready')).status, 200);
    assert.equal((await json(await old.get('/health')))['version'], '1.0.0');
    assert.equal((await json(await fresh.get('/health')))['version'], '1.1.0');
    assert.ok(!('website' in (await json(await old.get('/api/v1/companies/MSFT')))));
    for (const { container } of [old, fresh]) assert.equal(await container.stop(), 0);
  });

  test('a release whose schema is not there yet is alive but not ready', async () => {
    await command(two, ['downgrade']);
    const { get, container } = await start(two);
    assert.equal((await get('/live')).status, 200);
    const answer = await get('/ready');
    assert.equal(answer.status, 503);
    assert.match(String((await json(answer))['reason']), /at 0015, this release needs 0016/);
    await container.stop();
  });

  test(
    'with TimescaleDB two tables are hypertables with retention, and go away like the others',
    { skip: timescale },
    async () => {
      const special = await backends('docker.io/timescale/timescaledb:');
      const postgres = special.start.postgres();
      try {
        await eventually(() => special.query('SELECT 1'), 30_000);
        const go = (args: string[]): Promise<string> => Container.run(one, { env: special.env, args });
        await go(['migrate']);
        assert.deepEqual(await tables(special), TABLES);
        const hypertables = 'SELECT hypertable_name AS name FROM timescaledb_information.hypertables';
        assert.deepEqual(await special.query(`${hypertables} WHERE hypertable_schema = 'public' ORDER BY 1`), [
          { name: 'financial_metrics' },
          { name: 'market_data' },
        ]);
        const jobs = await special.query(
          'SELECT proc_name FROM timescaledb_information.jobs WHERE job_id >= 1000 ORDER BY 1',
        );
        assert.deepEqual(
          jobs.map(({ proc_name }) => proc_name),
          ['policy_refresh_continuous_aggregate', 'policy_retention', 'policy_retention'],
        );
        assert.deepEqual(await special.query('SELECT count(*)::int FROM market_data'), [{ count: 15_000 }]);
        await go(['downgrade', 'base']);
        assert.deepEqual(await tables(special), []);
        await go(['migrate']);
        assert.deepEqual(await tables(special), TABLES);
      } finally {
        await postgres.kill();
      }
    },
  );
});

describe('faults', () => {
  const timed = async (get: Api['get'], path: string): Promise<number> => {
    const began = performance.now();
    await (await get(path)).text();
    return performance.now() - began;
  };

  test('FAULT_LATENCY_MS slows the API and, where FAULT_PATHS says so, everything', async () => {
    const { get, container } = await start(one, { FAULT_LATENCY_MS: '400' });
    assert.ok((await timed(get, '/api/v1/companies')) >= 400);
    await timed(get, '/health');
    assert.ok((await timed(get, '/health')) < 400);
    await container.stop();
    const all = await start(one, { FAULT_LATENCY_MS: '400', FAULT_PATHS: '/' });
    assert.ok((await timed(all.get, '/health')) >= 400);
    await all.container.stop();
  });

  test('FAULT_ERROR_SHARE fails just that share', async () => {
    const { get, container } = await start(one, { FAULT_ERROR_SHARE: '0.3' });
    const statuses = [];
    for (let n = 0; n < 20; n++) statuses.push((await get('/api/v1/companies')).status);
    assert.equal(statuses.filter((status) => status === 500).length, 6);
    assert.equal(statuses.filter((status) => status === 200).length, 14);
    assert.equal((await get('/health')).status, 200);
    await container.stop();
  });

  test('FAULT_ERROR_ABOVE_RPS fails only what is too much', async () => {
    const { get, container } = await start(one, { FAULT_ERROR_ABOVE_RPS: '10' });
    for (let n = 0; n < 5; n++) assert.equal((await get('/api/v1/companies')).status, 200);
    await sleep(1_100);
    const many = await Promise.all(Array.from({ length: 30 }, async () => (await get('/api/v1/companies')).status));
    assert.ok(many.includes(200) && many.includes(500), String(many));
    await container.stop();
  });

  test('FAULT_LATENCY_FACTOR multiplies what a request takes anyway', async () => {
    const { get, container } = await start(one, { FAULT_LATENCY_FACTOR: '2', FAULT_LATENCY_MS: '300' });
    assert.ok((await timed(get, '/api/v1/companies')) >= 600);
    await container.stop();
  });

  test('FAULT_CRASH_AT_START and FAULT_CRASH_AFTER_S end the process with an error', async () => {
    assert.match(await command(one, ['serve'], { FAULT_CRASH_AT_START: 'true' }, 1), /FAULT_CRASH_AT_START is set/);
    const { container } = await start(one, { FAULT_CRASH_AFTER_S: '2' });
    assert.equal(await container.end(), 1);
  });

  test('FAULT_NEVER_READY is alive and healthy, and never ready', async () => {
    const { get, container } = await start(one, { FAULT_NEVER_READY: 'true' });
    assert.deepEqual(
      [(await get('/live')).status, (await get('/health')).status, (await get('/ready')).status],
      [200, 200, 503],
    );
    await container.stop();
  });

  test('FAULT_MEMORY_MB takes that much more memory', async () => {
    const resident = async ({ get }: Api): Promise<number> =>
      Number(/^process_resident_memory_bytes (\S+)$/m.exec(await (await get('/metrics')).text())![1]) / 2 ** 20;
    const [usual, big] = [await start(one), await start(one, { FAULT_MEMORY_MB: '200' })];
    // The client of the object store, which is loaded after the start, is in both.
    for (const { get } of [usual, big]) await get('/api/v1/health/minio');
    const more = (await resident(big)) - (await resident(usual));
    assert.ok(more > 180 && more < 240, `${more} MiB more`);
    for (const { container } of [usual, big]) await container.stop();
  });
});
