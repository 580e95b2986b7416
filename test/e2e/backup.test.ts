/** The dump that each attempt of a release begins with, brought back into a database of its own (D-DEP-5, B-RB-2, E-RB-1). */
import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import type { Client } from 'minio';
import { withStore, type StoreRef } from '../../components/minio/connect.ts';
import { sha256 } from '../../components/backup/job/sign.ts';
import { run } from '../../infra/sandbox/host/run.ts';
import { live, platform, shell } from './support/platform.ts';

const { namespace } = platform;
const BUCKET = 'pre-release-backups';
const RESTORED = 'restored';

let env: Record<string, string>;
let names: string[];
let dump: Buffer;
let sum: string;

before(async () => {
  env = await shell();
  process.env['KUBECONFIG'] = platform.kubeconfig;
  const { data } = await live<{ data: Record<string, string> }>('secret', 'minio-auth', '--namespace', namespace);
  assert.ok(data['access-key']);
  const root = (key: string) => ({ namespace, name: 'minio-auth', key });
  const store: StoreRef = {
    cluster: {},
    target: { workload: { namespace, kind: 'StatefulSet', name: 'minio' }, port: 9000 },
    ...{ accessKey: root('access-key'), secretKey: root('secret-key') },
  };
  await withStore('the backups', store, async ({ client }) => {
    names = (await listed(client)).toSorted();
    const newest = names.findLast((name) => name.endsWith('.dump'))!;
    dump = await buffer(await client.getObject(BUCKET, newest));
    sum = (await buffer(await client.getObject(BUCKET, `${newest}.sha256`))).toString();
  });
});

after(async () => {
  await postgres(`dropdb --if-exists --username "$POSTGRES_USER" ${RESTORED}; rm -f /tmp/restored.dump`);
});

async function listed(client: Client): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of client.listObjectsV2(BUCKET, '', true) as AsyncIterable<{ name: string }>)
    found.push(name);
  return found;
}

/** A command beside the database. */
const postgres = (command: string, input?: string): Promise<string> =>
  run(['kubectl', 'exec', '--stdin', '--namespace', namespace, 'postgres-0', '--', 'sh', '-ec', command], {
    env,
    timeout: 120_000,
    ...(input !== undefined && { input }),
  });

const sql = async (database: string, statement: string): Promise<string> =>
  (await postgres(`psql -qtA -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d ${database} -c "${statement}"`)).trim();

test('the release that is live began with a dump of its own, and every dump has its check sum beside it', async () => {
  const { data } = await live<{ data: Record<string, string> }>('configmap', 'api-release', '--namespace', namespace);
  const { epoch } = JSON.parse(data['good']!) as { epoch: number };
  const attempts = names.flatMap((name) => /Z-(\d+)-[0-9a-z]+\.dump$/.exec(name)?.[1] ?? []).map(Number);
  assert.ok(attempts.includes(epoch), `dumps of the attempts ${attempts.join(', ')}; live is ${epoch}`);
  const dumps = names.filter((name) => name.endsWith('.dump'));
  assert.deepEqual(
    names.filter((name) => !name.endsWith('.dump')),
    dumps.map((name) => `${name}.sha256`),
  );
  assert.equal(sum.split(' ')[0], sha256(dump));
});

test('brought back into an empty database it is the database: its version of the schema, its tables, their rows', async () => {
  const database = await postgres('echo "$POSTGRES_DB"').then((name) => name.trim());
  await postgres('base64 -d > /tmp/restored.dump', dump.toString('base64'));
  await postgres(`createdb --username "$POSTGRES_USER" ${RESTORED}`);
  const extension = await sql(database, "SELECT count(*) FROM pg_extension WHERE extname = 'timescaledb'");
  if (extension === '1') {
    await sql(RESTORED, 'CREATE EXTENSION timescaledb');
    await sql(RESTORED, 'SELECT timescaledb_pre_restore()');
  }
  await postgres(
    `pg_restore --username "$POSTGRES_USER" --dbname ${RESTORED} --no-owner /tmp/restored.dump 2>&1 || true`,
  );
  if (extension === '1') await sql(RESTORED, 'SELECT timescaledb_post_restore()');

  const tables = "SELECT string_agg(tablename, ',' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'";
  const all = await sql(database, tables);
  assert.ok(all.split(',').length >= 10, all);
  assert.equal(await sql(RESTORED, tables), all);
  const rows = `SELECT ${all
    .split(',')
    .map((table) => `'${table} ' || (SELECT count(*) FROM ${table})`)
    .join(" || ' ' || ")}`;
  const wanted = await sql(database, rows);
  console.log(`    ${dump.length} bytes: ${wanted}`);
  assert.match(wanted, /companies [1-9]/);
  assert.equal(await sql(RESTORED, rows), wanted);
  const version = 'SELECT version_num FROM alembic_version';
  assert.equal(await sql(RESTORED, version), await sql(database, version));
});
