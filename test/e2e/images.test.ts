/** The images keep the contracts of the public ones they stand for, when they run as Pod Security `restricted` lets them. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, test } from 'node:test';
import { Redis } from 'ioredis';
import { Client as Minio } from 'minio';
import pg from 'pg';
import { catalogue } from '../../infra/sandbox/images/catalogue.ts';
import { Container, eventually, freePort, scratch, unpack, type Options, type Unpacked } from './support/container.ts';

const timescale = process.env.TIMESCALEDB_ARCHIVE ? (false as const) : 'TIMESCALEDB_ARCHIVE names no build';
const running: Container[] = [];
after(() => Promise.all(running.map((container) => container.kill())));

function start(image: Unpacked, options: Options): Container {
  const container = new Container(image, options);
  running.push(container);
  return container;
}

/** The number in the catalogue is what pods are given. */
function runAs(image: Unpacked): number {
  return catalogue().images.find(({ reference }) => reference === image.ref)!.contract.runAs;
}

const WRITABLE = ['/var/run/postgresql', '/tmp'];

interface Server {
  readonly container: Container;
  readonly port: number;
  readonly query: (sql: string, user?: Partial<pg.ClientConfig>) => Promise<Record<string, unknown>[]>;
}

async function postgres(
  image: Unpacked,
  data: string,
  options: Options = {},
  settings: string[] = [],
): Promise<Server> {
  const port = await freePort();
  const container = start(image, {
    user: runAs(image),
    scratch: WRITABLE,
    ...options,
    env: { POSTGRES_INITDB_ARGS: '--auth-host=scram-sha-256', ...options.env },
    args: ['postgres', '-p', String(port), '-c', 'listen_addresses=127.0.0.1', ...settings],
    mounts: { '/var/lib/postgresql/data': data, ...options.mounts },
  });
  const query: Server['query'] = async (sql, config) => {
    const client = new pg.Client({
      host: '127.0.0.1',
      port,
      user: 'u',
      password: 'secret-1',
      database: 'd',
      ...config,
    });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  };
  return { container, port, query };
}

const ready = ({ container, query }: Server, config?: Partial<pg.ClientConfig>): Promise<unknown> =>
  eventually(() => {
    assert.ok(!container.over, container.output);
    return query('SELECT 1', config);
  }, 30_000);

const ACCOUNT = { POSTGRES_USER: 'u', POSTGRES_PASSWORD: 'secret-1', POSTGRES_DB: 'd' };

describe('postgres', async () => {
  const image = await unpack('docker.io/library/postgres:');
  const dir = scratch();
  const seeds = join(dir, 'seeds');
  mkdirSync(seeds);
  writeFileSync(join(seeds, '1.sql'), 'CREATE TABLE seeded (n int); INSERT INTO seeded VALUES (1);');
  writeFileSync(
    join(seeds, '2.sh'),
    'psql --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" --command="INSERT INTO seeded VALUES (2)"',
  );
  writeFileSync(join(seeds, 'README'), 'nothing to run');

  test('the first start makes user, database and seeds; the second keeps what is there', async () => {
    const options = { env: ACCOUNT, mounts: { '/docker-entrypoint-initdb.d': seeds } };
    const first = await postgres(image, join(dir, 'data'), options, ['-c', 'work_mem=7MB']);
    await ready(first);
    assert.deepEqual(await first.query('SELECT n FROM seeded ORDER BY n'), [{ n: 1 }, { n: 2 }]);
    assert.deepEqual(await first.query('SHOW work_mem'), [{ work_mem: '7MB' }]);
    await first.query('INSERT INTO seeded VALUES (3)');
    assert.equal(await first.container.stop(), 0);
    assert.match(first.container.output, /database system is shut down/);

    const second = await postgres(image, join(dir, 'data'), { ...options, env: { ...ACCOUNT, POSTGRES_DB: 'other' } });
    await ready(second);
    assert.deepEqual(await second.query('SELECT count(*)::int FROM seeded'), [{ count: 3 }]);
    assert.doesNotMatch(second.container.output, /the database is made/);
    await second.container.stop();
  });

  test('a wrong password is refused, over the network', async () => {
    const server = await postgres(image, join(dir, 'data'), { env: ACCOUNT });
    await ready(server);
    await assert.rejects(server.query('SELECT 1', { password: 'secret-2' }), /password authentication failed/);
    await server.container.stop();
  });

  test('it does not start without a password, and says what to set', async () => {
    const server = await postgres(image, join(dir, 'none'), { env: { POSTGRES_USER: 'u' } });
    assert.equal(await server.container.end(), 1);
    assert.match(server.container.output, /POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE/);
  });

  test('each variable can come from a file, and from only one of the two places', async () => {
    const secrets = join(dir, 'secrets');
    mkdirSync(secrets);
    writeFileSync(join(secrets, 'password'), 'from-a-file\n');
    const env = { POSTGRES_USER: 'u', POSTGRES_DB: 'd', POSTGRES_PASSWORD_FILE: '/mnt/password' };
    const server = await postgres(image, join(dir, 'file'), { env, mounts: { '/mnt': secrets } });
    await ready(server, { password: 'from-a-file' });
    await server.container.stop();
    const both = { ...ACCOUNT, POSTGRES_PASSWORD_FILE: '/x' };
    const refused = await postgres(image, join(dir, 'both'), { env: both });
    assert.equal(await refused.container.end(), 1);
    assert.match(refused.container.output, /both POSTGRES_PASSWORD and POSTGRES_PASSWORD_FILE are set/);
  });

  test('a first start that is cut short begins again', async () => {
    const slow = join(dir, 'slow');
    mkdirSync(slow);
    writeFileSync(join(slow, '1.sql'), 'SELECT pg_sleep(1000)');
    const data = join(dir, 'cut');
    const first = await postgres(image, data, { env: ACCOUNT, mounts: { '/docker-entrypoint-initdb.d': slow } });
    await eventually(() => assert.match(first.container.output, /applies .*1\.sql/), 30_000);
    await first.container.kill();
    assert.ok(!existsSync(join(data, 'PG_VERSION')));

    const second = await postgres(image, data, { env: ACCOUNT });
    await ready(second);
    assert.match(second.container.output, /cut short; beginning again/);
    await second.container.stop();
  });

  test('it has pg_stat_statements and the other contributed modules', async () => {
    const preload = ['-c', 'shared_preload_libraries=pg_stat_statements'];
    const server = await postgres(image, join(dir, 'data'), { env: ACCOUNT }, preload);
    await ready(server);
    await server.query('CREATE EXTENSION pg_stat_statements');
    const rows = await server.query('SELECT query FROM pg_stat_statements');
    assert.ok(rows.some(({ query }) => /CREATE EXTENSION/.test(String(query))));
    await server.container.stop();
  });

  test('it runs as 999, its data is nobody else’s, and its password is no argument or variable of the server', async () => {
    const server = await postgres(image, join(dir, 'data'), { env: ACCOUNT });
    await ready(server);
    assert.equal(statSync(join(dir, 'data')).uid, 999);
    assert.equal(statSync(join(dir, 'data')).mode & 0o777, 0o700);
    const status = readFileSync(`/proc/${server.container.pid}/status`, 'utf8');
    assert.match(status, /^Uid:\s+999\s/m);
    assert.match(status, /^CapBnd:\s+0+$/m);
    for (const file of ['cmdline', 'environ']) {
      assert.ok(!readFileSync(`/proc/${server.container.pid}/${file}`, 'utf8').includes('secret-1'));
    }
    await server.container.stop();
  });

  test('its tools answer without a database', async () => {
    assert.match(await Container.run(image, { user: 999, args: ['psql', '--version'] }), /15\.\d+/);
    assert.match(await Container.run(image, { user: 999, args: ['pg_dump', '--version'] }), /15\.\d+/);
    await Container.run(image, { user: 999, args: ['pg_isready', '-h', '127.0.0.1', '-p', '1'] }, 2);
  });
});

test(
  'timescaledb: the extension is in every database, its library is loaded, and it runs as 70',
  { skip: timescale },
  async () => {
    const image = await unpack('docker.io/timescale/timescaledb:');
    const server = await postgres(image, join(scratch(), 'data'), { env: ACCOUNT });
    await ready(server);
    assert.match(readFileSync(`/proc/${server.container.pid}/status`, 'utf8'), /^Uid:\s+70\s/m);
    await server.query('CREATE DATABASE later');
    for (const database of ['d', 'later']) {
      const found = await server.query("SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'", {
        database,
      });
      assert.deepEqual(found, [{ extversion: '2.13.0' }]);
    }
    await server.query('CREATE TABLE m (at timestamptz NOT NULL, v int)');
    await server.query("SELECT create_hypertable('m', 'at')");
    await server.query('INSERT INTO m VALUES (now(), 1)');
    assert.deepEqual(await server.query('SELECT count(*)::int FROM show_chunks($$m$$)'), [{ count: 1 }]);
    assert.equal(await server.container.stop(), 0);
  },
);

describe('redis', async () => {
  const image = await unpack('docker.io/library/redis:');
  const data = join(scratch(), 'data');
  const redis = async (...settings: string[]): Promise<{ container: Container; port: number }> => {
    const port = await freePort();
    const args = ['--port', String(port), '--bind', '127.0.0.1', ...settings];
    const container = start(image, { user: 999, args, mounts: { '/data': data } });
    await eventually(() => assert.match(container.output, /Ready to accept connections/));
    return { container, port };
  };

  test('it asks for its password', async () => {
    const { container, port } = await redis('--requirepass', 'right');
    // What the server itself says; a client closes the connection as soon as it is refused.
    const says = async (...lines: string[]): Promise<string> => {
      const socket = connect(port, '127.0.0.1');
      socket.end([...lines, 'QUIT', ''].join('\r\n'));
      return await text(socket);
    };
    assert.match(await says('PING'), /^-NOAUTH/);
    assert.match(await says('AUTH wrong', 'PING'), /^-WRONGPASS[^\n]*\n-NOAUTH/);
    assert.match(await says('AUTH right', 'PING'), /^\+OK\r\n\+PONG/);
    assert.equal(await container.stop(), 0);
  });

  test('with an append-only file, what was written is there after a kill', async () => {
    const options = ['--appendonly', 'yes', '--appendfsync', 'always'];
    const first = await redis(...options);
    const writer = new Redis({ port: first.port });
    await writer.set('k', 'v');
    writer.disconnect();
    await first.container.kill();
    const second = await redis(...options);
    const reader = new Redis({ port: second.port });
    assert.equal(await reader.get('k'), 'v');
    reader.disconnect();
    await second.container.stop();
  });

  test('another command is run as it is', async () => {
    assert.match(await Container.run(image, { user: 999, args: ['redis-cli', '--version'] }), /^redis-cli 7\.0\.15/);
    assert.match(await Container.run(image, { user: 999, args: ['redis-server', '--version'] }), /v=7\.0\.15/);
  });
});

test('minio: live, its console answers, buckets hold objects, wrong keys are refused; it runs as 1000', async () => {
  const image = await unpack('quay.io/minio/minio:');
  const [port, console_] = [await freePort(), await freePort()];
  const secrets = scratch();
  writeFileSync(join(secrets, 'user'), 'root-user');
  writeFileSync(join(secrets, 'password'), 'root-password');
  const container = start(image, {
    user: 1000,
    env: { MINIO_ROOT_USER_FILE: '/mnt/user', MINIO_ROOT_PASSWORD_FILE: '/mnt/password' },
    args: ['server', '/data', '--address', `127.0.0.1:${port}`, '--console-address', `127.0.0.1:${console_}`],
    mounts: { '/data': join(scratch(), 'data'), '/mnt': secrets },
    scratch: ['/tmp'],
  });
  await eventually(async () => {
    assert.ok(!container.over, container.output);
    assert.equal((await fetch(`http://127.0.0.1:${port}/minio/health/live`)).status, 200);
  }, 20_000);
  await eventually(async () => {
    assert.equal((await fetch(`http://127.0.0.1:${console_}/`)).status, 200);
  });
  const client = (secretKey: string): Minio =>
    new Minio({ endPoint: '127.0.0.1', port, useSSL: false, accessKey: 'root-user', secretKey });
  const right = client('root-password');
  await eventually(() => right.makeBucket('reports'));
  await right.putObject('reports', 'a.txt', 'text');
  assert.equal((await right.statObject('reports', 'a.txt')).size, 4);
  await assert.rejects(client('wrong-password').listBuckets(), /signature/i);
  assert.equal(await container.stop(), 0);
});

test('nginx: serves on 8080 what it is given, and passes requests on', async () => {
  const image = await unpack('docker.io/nginxinc/nginx-unprivileged:');
  const port = await freePort();
  const conf = scratch();
  writeFileSync(
    join(conf, 'default.conf'),
    `server { listen 127.0.0.1:${port}; location /x { return 418 "teapot"; } }`,
  );
  const container = start(image, { mounts: { '/etc/nginx/conf.d': conf }, scratch: ['/tmp'] });
  const answer = await eventually(() => fetch(`http://127.0.0.1:${port}/x`));
  assert.deepEqual([answer.status, await answer.text()], [418, 'teapot']);
  await eventually(() => assert.match(container.output, /"GET \/x HTTP\/1\.1" 418/));
  assert.equal(await container.stop(), 0);
  assert.match(await Container.run(image, { args: ['nginx', '-T'], scratch: ['/tmp'] }), /listen 8080;/);
});

test('node: options are for Node, a program is run as it is, and TypeScript needs no step before it', async () => {
  const image = await unpack('docker.io/library/node:');
  const code = scratch();
  writeFileSync(join(code, 'main.ts'), 'const answer: number = 42; console.log(`${answer} as ${process.getuid!()}`);');
  const mounts = { '/tmp': code };
  const user = runAs(image);
  assert.match(await Container.run(image, { user, args: ['--version'] }), /^v24\.21\.0/);
  assert.match(await Container.run(image, { user, args: ['node', '/tmp/main.ts'], mounts }), /^42 as 1000$/m);
  assert.match(await Container.run(image, { user, args: ['/tmp/main.ts'], mounts }), /^42 as 1000$/m);
  assert.match(await Container.run(image, { user, args: ['echo', 'as it is'] }), /^as it is$/m);
});

test('exporters answer with what their databases say, and with 0 when these are away', async () => {
  const database = await postgres(await unpack('docker.io/library/postgres:'), join(scratch(), 'data'), {
    env: ACCOUNT,
  });
  const port = await freePort();
  const cache = start(await unpack('docker.io/library/redis:'), {
    user: 999,
    args: ['--port', String(port), '--bind', '127.0.0.1', '--requirepass', 'p'],
    mounts: { '/data': join(scratch(), 'data') },
  });
  await ready(database);
  const [forPostgres, forRedis] = [await freePort(), await freePort()];
  start(await unpack('quay.io/prometheuscommunity/postgres-exporter:'), {
    env: {
      DATA_SOURCE_URI: `127.0.0.1:${database.port}/d?sslmode=disable`,
      DATA_SOURCE_USER: 'u',
      DATA_SOURCE_PASS: 'secret-1',
    },
    args: [`--web.listen-address=127.0.0.1:${forPostgres}`],
  });
  start(await unpack('docker.io/oliver006/redis_exporter:'), {
    env: { REDIS_ADDR: `redis://127.0.0.1:${port}`, REDIS_PASSWORD: 'p' },
    args: ['--web.listen-address', `127.0.0.1:${forRedis}`],
  });
  const says = (address: number, line: RegExp): Promise<void> =>
    eventually(async () => {
      assert.match(await (await fetch(`http://127.0.0.1:${address}/metrics`)).text(), line);
    });
  await says(forPostgres, /^pg_up 1$/m);
  await says(forPostgres, /^pg_stat_database_numbackends\{.*datname="d"/m);
  await says(forRedis, /^redis_up 1$/m);
  await database.container.stop();
  await cache.stop();
  await says(forPostgres, /^pg_up 0$/m);
  await says(forRedis, /^redis_up 0$/m);
});

test('prometheus: reads whom it is told to, answers queries, and keeps what it has in its volume; it runs as 65534', async () => {
  const image = await unpack('docker.io/prom/prometheus:');
  const [port, folder] = [await freePort(), scratch()];
  const target = `127.0.0.1:${port}`;
  const scrape = [{ job_name: 'itself', static_configs: [{ targets: [target] }] }];
  writeFileSync(
    join(folder, 'prometheus.yml'),
    JSON.stringify({ global: { scrape_interval: '1s' }, scrape_configs: scrape }),
  );
  const container = start(image, {
    user: runAs(image),
    args: [
      '--config.file=/etc/prometheus/prometheus.yml',
      '--storage.tsdb.path=/prometheus',
      `--web.listen-address=${target}`,
    ],
    mounts: { '/etc/prometheus': folder, '/prometheus': join(scratch(), 'data') },
  });
  await eventually(async () => {
    assert.ok(!container.over, container.output);
    assert.equal((await fetch(`http://${target}/-/ready`)).status, 200);
    const answer = (await (await fetch(`http://${target}/api/v1/query?query=up`)).json()) as {
      data: { result: { metric: { job: string }; value: [number, string] }[] };
    };
    assert.deepEqual(
      answer.data.result.map(({ metric, value }) => [metric.job, value[1]]),
      [['itself', '1']],
    );
  }, 30_000);
  assert.match(readFileSync(`/proc/${container.pid}/status`, 'utf8'), /^Uid:\s+65534\s/m);
  assert.equal(await container.stop(), 0);
});

test('every image says what it stands for, and carries the contract of the catalogue', async () => {
  for (const { reference, needs, contract, lacks } of catalogue().images) {
    if (needs !== undefined && !process.env[needs]) continue;
    const { config } = await unpack(reference);
    const description = config.Labels?.['org.opencontainers.image.description'] ?? '';
    assert.ok(description.startsWith(`Stand-in for ${reference}`), reference);
    assert.ok(description.includes(lacks[0]!), reference);
    assert.deepEqual(config.Entrypoint, contract.entrypoint, reference);
    assert.equal(config.User, contract.user, reference);
    assert.deepEqual(
      Object.keys(config.ExposedPorts ?? {}),
      contract.ports.map((port) => `${port}/tcp`),
      reference,
    );
  }
});
