/** Migrations of the reference API on PostgreSQL, with and without TimescaleDB: what they leave, and what they never do. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as z from 'zod/mini';
import { judge } from '../../components/gates/probes/sql.ts';
import { schemaChecks } from '../../stacks/checks/index.ts';
import { migration } from '../../stacks/config/groups/migration.ts';
import { api, backends, json, type Backends } from './support/api.ts';
import { Container, eventually, unpack, type Unpacked } from './support/container.ts';

const timescale = process.env.TIMESCALEDB_ARCHIVE ? (false as const) : 'TIMESCALEDB_ARCHIVE names no build';
const [one, two] = [
  await unpack('docker.io/library/corporate-intel-api:1.0.0'),
  await unpack('docker.io/library/corporate-intel-api:1.1.0'),
];
const FIFTEEN = Array.from({ length: 15 }, (_, n) => String(n + 1).padStart(4, '0'));
const TABLES = [
  ...['companies', 'competitive_intelligence', 'documents', 'earnings', 'financial_metrics'],
  ...['ingestion_runs', 'market_data', 'reports', 'sec_filings', 'users'],
];
const PASSWORD = 'a-password-of-ingest';

/** Everything in a database that is not the server's own: equal before and after means that nothing was left. */
const EVERYTHING = `
  SELECT 'relation' AS what, relkind::text AS kind, relnamespace::regnamespace || '.' || relname AS name,
         CASE WHEN relkind IN ('i', 'I') THEN pg_get_indexdef(oid) END AS more
    FROM pg_class WHERE relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  UNION ALL SELECT 'column', data_type || is_nullable, table_schema || '.' || table_name, column_name
    FROM information_schema.columns WHERE table_schema = 'public'
  UNION ALL SELECT 'constraint', contype::text, conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT 'extension', extversion, extname, NULL FROM pg_extension
  UNION ALL SELECT 'function', prokind::text, proname, pg_get_function_arguments(oid)
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  ORDER BY 1, 2, 3, 4`;

/** A server, an empty database in it, and what is asked of both. */
class Database {
  readonly it: Backends;
  readonly server: Container;

  constructor(it: Backends) {
    this.it = it;
    this.server = it.start.postgres();
  }

  run(image: Unpacked, args: string[], more: Record<string, string> = {}, code = 0): Promise<string> {
    return Container.run(image, { env: { ...this.it.env, ...more }, args }, code);
  }

  async column(sql: string): Promise<unknown[]> {
    return (await this.it.query(sql)).map((row) => Object.values(row)[0]);
  }

  /** The schema, and how many rows there are of everything. */
  async state(): Promise<unknown> {
    const tables = (await this.column("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")) as string[];
    const counts = tables.map(async (table) => [table, await this.column(`SELECT count(*)::int FROM ${table}`)]);
    return [await this.it.query(EVERYTHING), await Promise.all(counts)];
  }

  /** What the gates say, which are asked about this schema. */
  async gates(timescaledb: boolean): Promise<Record<string, string>> {
    const checks = schemaChecks({ postgres: { timescaledb }, migration: z.parse(migration, {}) });
    const verdicts = Object.entries(checks).map(async ([name, { query, expect }]) => {
      const { verdict, seen } = judge(await this.column(query), expect);
      return [name, `${verdict}: ${seen}`];
    });
    return Object.fromEntries((await Promise.all(verdicts)) as [string, string][]);
  }
}

for (const { kind, image, timescaledb, skip } of [
  { kind: 'plain PostgreSQL', image: 'docker.io/library/postgres:', timescaledb: false, skip: false as const },
  { kind: 'TimescaleDB', image: 'docker.io/timescale/timescaledb:', timescaledb: true, skip: timescale },
]) {
  describe(`on ${kind}`, { skip }, () => {
    let db: Database;
    before(async () => {
      db = new Database(await backends(image));
      await eventually(() => db.it.query('SELECT 1'), 30_000);
    });
    after(() => db.server.kill());

    test('a dry run goes through all fifteen, shows their SQL, and leaves nothing at all', async () => {
      const empty = await db.state();
      const output = await db.run(one, ['migrate', '--dry-run']);
      assert.deepEqual(output.match(/(?<=^\+ )\d{4}(?= in [\d.]+ s: \S)/gm), FIFTEEN);
      for (const sql of [/^CREATE TABLE companies \(/m, /^CREATE INDEX ix_companies_name_trigrams/m]) {
        assert.match(output, sql);
      }
      assert.match(output, /would go from nothing to 0015; nothing was changed$/m);
      assert.deepEqual(await db.state(), empty);
    });

    test('from nothing: a line for each of fifteen, ten tables, nineteen indexes, 500 companies, 5 users', async () => {
      const output = await db.run(one, ['migrate']);
      assert.deepEqual(output.match(/(?<=^\+ )\d{4}(?= in [\d.]+ s: \S)/gm), FIFTEEN);
      assert.match(output, /went from nothing to 0015/);
      assert.deepEqual(await db.column('SELECT revision FROM schema_history ORDER BY 1'), FIFTEEN);
      const seen = await db.gates(timescaledb);
      assert.deepEqual(seen, {
        ...{ tables: 'pass: 10 rows', 'tables-count': 'pass: 10', migrations: 'pass: 15', indexes: 'pass: 19' },
        ...{ 'initial-companies': 'pass: 500', 'initial-users': 'pass: 5' },
        ...(timescaledb && { hypertables: 'pass: 2' }),
      });
      const tables = await db.column("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1");
      assert.deepEqual(
        tables.filter((name) => !/^(alembic_version|schema_history)$/.test(String(name))),
        TABLES,
      );
      assert.match(await db.run(one, ['migrate']), /is at 0015 already/);
    });

    test('a gate stays shut when an index, a company or a migration is missing', async () => {
      await db.it.query('DROP INDEX ix_companies_category');
      await db.it.query("UPDATE schema_history SET revision = 'x' WHERE revision = '0003'");
      await db.it.query("DELETE FROM schema_history WHERE revision = 'x'");
      await db.it.query("DELETE FROM companies WHERE ticker = 'ZTS'");
      const { indexes, migrations, 'initial-companies': companies } = await db.gates(timescaledb);
      assert.deepEqual([indexes, migrations, companies], ['fail: 18', 'fail: 14', 'fail: 499']);
      // What reviewed SQL has applied without a word to the history is entered by the next migration (A-MIG-5).
      await db.it.query('CREATE INDEX ix_companies_category ON companies (category)');
      await db.it.query("INSERT INTO companies (ticker, name, category) VALUES ('ZTS', 'Zoetis', 'Health')");
      await db.run(one, ['migrate']);
      assert.equal((await db.gates(timescaledb))['migrations'], 'pass: 15');
    });

    test('a migration that fails leaves the schema and the data as they were, dry or not', async () => {
      const unchanged = await db.state();
      for (const args of [['migrate'], ['migrate', '--dry-run']]) {
        assert.match(await db.run(two, args, { FAULT_MIGRATION: 'true' }, 1), /FAULT_MIGRATION is set/);
        assert.deepEqual(await db.state(), unchanged, args.join(' '));
      }
    });

    test('a later release only adds; an old image then says so, ends with 0, changes nothing and serves', async () => {
      const old = ((await db.state()) as [unknown[]])[0].map((row) => JSON.stringify(row));
      assert.match(await db.run(two, ['migrate', '--dry-run']), /^ALTER TABLE companies ADD COLUMN website/m);
      assert.match(await db.run(two, ['migrate']), /went from 0015 to 0016/);
      const ahead = await db.state();
      const now = new Set((ahead as [unknown[]])[0].map((row) => JSON.stringify(row)));
      assert.deepEqual(
        old.filter((row) => !now.has(row)),
        [],
      );
      for (const args of [['migrate', '--dry-run'], ['migrate']]) {
        assert.match(await db.run(one, args), /schema ahead: the database is at 0016/);
      }
      assert.deepEqual(await db.state(), ahead);
      const { get, container } = await api(one, db.it.env);
      const seen = [(await get('/ready')).status, (await json(await get('/api/v1/companies')))['count']];
      assert.equal(await container.stop(), 0);
      assert.deepEqual(seen, [200, 500]);
    });

    test('all the way back leaves no table, and forward again makes the same', async () => {
      const before = await db.gates(timescaledb);
      await db.run(two, ['downgrade', 'base']);
      assert.deepEqual(
        await db.column(
          "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
        ),
        ['schema_history'],
      );
      assert.deepEqual(await db.column('SELECT count(*)::int FROM schema_history'), [0]);
      await db.run(two, ['migrate']);
      assert.deepEqual(await db.gates(timescaledb), before);
    });

    if (timescaledb) {
      test('two tables are hypertables with a retention, each with an aggregate that is kept up', async () => {
        assert.deepEqual(
          await db.column(
            "SELECT hypertable_name FROM timescaledb_information.hypertables WHERE hypertable_schema = 'public' ORDER BY 1",
          ),
          ['financial_metrics', 'market_data'],
        );
        const jobs =
          "SELECT hypertable_name || ' ' || proc_name FROM timescaledb_information.jobs WHERE job_id >= 1000 AND proc_name = 'policy_retention' ORDER BY 1";
        assert.deepEqual(await db.column(jobs), ['financial_metrics policy_retention', 'market_data policy_retention']);
        const views = 'SELECT view_name FROM timescaledb_information.continuous_aggregates ORDER BY 1';
        assert.deepEqual(await db.column(views), ['financial_metrics_yearly', 'market_data_weekly']);
        await db.it.query("CALL refresh_continuous_aggregate('market_data_weekly', NULL, NULL)");
        const [weeks] = await db.column('SELECT count(DISTINCT company_id)::int FROM market_data_weekly');
        assert.equal(weeks, 500);
      });
      return;
    }

    test('two at a time do not get into each other’s way', async () => {
      await db.run(one, ['downgrade', 'base']).catch(() => db.run(two, ['downgrade', 'base']));
      const both = await Promise.all([db.run(one, ['migrate']), db.run(one, ['migrate'])]);
      assert.ok(
        both.every((output) => /went from nothing to 0015|is at 0015 already/.test(output)),
        both.join('\n'),
      );
      assert.deepEqual(await db.column('SELECT count(*)::int FROM companies'), [500]);
    });

    test('users get the passwords of the environment, once; short ones and strangers are refused unprinted', async () => {
      const seed = (more: Record<string, string>, code = 0) => db.run(one, ['seed'], more, code);
      const hash = () => db.column("SELECT password_hash FROM users WHERE username = 'ingest'");
      assert.match(await seed({ USER_PASSWORD_INGEST: PASSWORD }), /^ingest has a new password$/m);
      const kept = await hash();
      assert.match(await seed({ USER_PASSWORD_INGEST: PASSWORD }), /^ingest has this password already$/m);
      assert.deepEqual(await hash(), kept);
      const short = await seed({ USER_PASSWORD_INGEST: 'sh0rt-8431' }, 1);
      assert.match(short, /password of ingest is too short/);
      assert.doesNotMatch(short, /8431/);
      assert.match(await seed({ USER_PASSWORD_NOBODY: PASSWORD }, 1), /there is no user nobody/);
      assert.match(await seed({}, 1), /no variable begins with USER_PASSWORD_/);
      assert.deepEqual(await hash(), kept);
      assert.deepEqual(await db.column('SELECT count(*)::int FROM users WHERE password_hash IS NOT NULL'), [1]);
    });

    test('a release whose schema is not there yet is alive but not ready', async () => {
      const { get, container } = await api(two, db.it.env);
      const { status, reason } = await get('/ready').then(async (answer) => ({
        status: answer.status,
        reason: (await json(answer))['reason'],
      }));
      await container.stop();
      assert.equal(status, 503);
      assert.match(String(reason), /at 0015, this release needs 0016/);
    });

    test('`wait` ends when the database answers, and names it and the reason when it does not in time', async () => {
      assert.match(await db.run(one, ['wait', 'database']), /^database answers$/m);
      const nobody = { WAIT_SECONDS: '3', POSTGRES_PORT: '1', DATABASE_URL: '' };
      const { POSTGRES_USER: user, POSTGRES_PASSWORD: password, POSTGRES_DB: name } = db.it.env;
      nobody.DATABASE_URL = `postgresql://${user}:${encodeURIComponent(password!)}@127.0.0.1:1/${name}`;
      assert.match(await db.run(one, ['wait', 'database'], nobody, 1), /database did not answer within 3 s: .*refused/);
      assert.match(await db.run(one, ['wait', 'elsewhere'], {}, 2), /want any of database, redis, broker/);
    });
  });
}
