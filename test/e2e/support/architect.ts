/** The stand-in for the Architect Dashboard API beside a real PostgreSQL and a real Redis Cluster, each from its image. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Client } from '../../../components/architect/smoke/client.ts';
import { judged, type Verdict } from '../../../components/architect/smoke/checks.ts';
import { smokeTests } from '../../../components/architect/smoke/tests.ts';
import { run } from '../../../infra/sandbox/host/run.ts';
import { Container, eventually, freePort, scratch, unpack } from './container.ts';

const secret = (): string => randomBytes(18).toString('hex');

export interface ArchitectWorld {
  /** The 29 variables. */
  readonly env: Readonly<Record<string, string>>;
  /** The stores, in the containers that they run in now. */
  readonly running: Record<'postgres' | 'redis', Container>;
  readonly start: Readonly<Record<'postgres' | 'redis', () => Container>>;
  /** Runs a command of the image to its end. */
  readonly command: (args: string[], code?: number, more?: Readonly<Record<string, string>>) => Promise<string>;
  /** Starts the service, and gives its address once it answers. */
  readonly serve: (more?: Readonly<Record<string, string>>) => Promise<string>;
  /** B's 20 tests. */
  readonly smoke: (url: string) => Promise<Verdict[]>;
  readonly end: () => Promise<void>;
}

/** A certificate that nobody else has signed, for a server of that user: `sslmode=require` asks for no more. */
async function certificate(folder: string, user: number): Promise<string> {
  mkdirSync(folder);
  const [key, out] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];
  const request = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=postgres'];
  await run(['openssl', 'req', ...request, '-keyout', key, '-out', out]);
  chmodSync(key, 0o600);
  for (const file of [key, out]) chownSync(file, user, user);
  return folder;
}

/** Gives all slots to the one node, once it answers. */
async function formed(port: number, password: string): Promise<void> {
  const client = new Redis({ host: '127.0.0.1', port, password, lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => undefined);
  try {
    await client.connect();
    // An earlier try may have done it: that is refused, and the state below tells.
    await client.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383').catch(() => undefined);
    assert.match(String(await client.call('CLUSTER', 'INFO')), /cluster_state:ok/);
  } finally {
    client.disconnect();
  }
}

export async function architectWorld(): Promise<ArchitectWorld> {
  const [api, postgres, redis] = [
    await unpack('docker.io/library/architect-api:3.2.0'),
    await unpack('docker.io/library/postgres:'),
    await unpack('docker.io/library/redis:'),
  ];
  const volumes = scratch();
  const [sqlPort, redisPort, busPort] = [await freePort(), await freePort(), await freePort()];
  const [sqlPassword, redisPassword] = [`${secret()}/@`, secret()];
  const tls = await certificate(join(volumes, 'tls'), 999);
  const env = {
    ...{ HOST: '127.0.0.1', PORT: '8080', ENV: 'staging', DEBUG: 'false' },
    DATABASE_URL: `postgres://architect:${encodeURIComponent(sqlPassword)}@127.0.0.1:${sqlPort}/architect_staging?sslmode=require`,
    ...{ DATABASE_MAX_CONNS: '10', DATABASE_IDLE_CONNS: '2' },
    REDIS_URL: `redis://:${redisPassword}@127.0.0.1:${redisPort}`,
    ...{ REDIS_DB: '0', CACHE_TTL: '3600', JWT_SECRET: secret(), ENCRYPTION_KEY: secret() },
    ...{ SESSION_TIMEOUT: '3600', SESSION_COOKIE_SECURE: 'true', SESSION_COOKIE_HTTPONLY: 'true' },
    ...{ PROMETHEUS_ENABLED: 'true', JAEGER_ENABLED: 'true' },
    JAEGER_ENDPOINT: 'http://staging-jaeger.internal:14268/api/traces',
    ...{ LOG_LEVEL: 'info', LOG_FORMAT: 'json', SMTP_HOST: 'smtp.sendgrid.net', SMTP_PORT: '587' },
    ...{
      SMTP_USER: 'mail',
      SMTP_PASSWORD: secret(),
      SLACK_WEBHOOK_URL: 'https://hooks.example/1',
      GITHUB_TOKEN: secret(),
    },
    ...{ FEATURE_WEBHOOKS_ENABLED: 'true', FEATURE_INTEGRATIONS_ENABLED: 'true', FEATURE_AUTOPILOT_ENABLED: 'false' },
  };
  const start = {
    postgres: () =>
      new Container(postgres, {
        user: 999,
        env: {
          ...{ POSTGRES_USER: 'architect', POSTGRES_PASSWORD: sqlPassword, POSTGRES_DB: 'architect_staging' },
          POSTGRES_INITDB_ARGS: '--auth-host=scram-sha-256',
        },
        args: [
          ...['-p', String(sqlPort), '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'],
          ...['-c', 'ssl=on', '-c', 'ssl_cert_file=/mnt/tls.crt', '-c', 'ssl_key_file=/mnt/tls.key'],
        ],
        mounts: { '/var/lib/postgresql/data': join(volumes, 'postgres'), '/mnt': tls },
        scratch: ['/var/run/postgresql', '/tmp'],
      }),
    // A cluster of one node has all of the protocol: its clients ask for the slots first.
    redis: () =>
      new Container(redis, {
        user: 999,
        args: [
          ...[
            '--port',
            String(redisPort),
            '--bind',
            '127.0.0.1',
            '--requirepass',
            redisPassword,
            '--appendonly',
            'yes',
          ],
          ...['--cluster-enabled', 'yes', '--cluster-port', String(busPort)],
        ],
        mounts: { '/data': join(volumes, 'redis') },
      }),
  };
  const running = { postgres: start.postgres(), redis: start.redis() };
  const serving: Container[] = [];
  await eventually(() => formed(redisPort, redisPassword), 20_000);
  const backups = { '/var/lib/architect/backups': join(volumes, 'backups') };
  return {
    ...{ env, running, start },
    command: (args, code = 0, more = {}) =>
      Container.run(api, { env: { ...env, ...more }, args, mounts: backups, scratch: ['/tmp'] }, code),
    serve: async (more = {}) => {
      const port = await freePort();
      const container = new Container(api, { env: { ...env, PORT: String(port), ...more }, scratch: ['/tmp'] });
      serving.push(container);
      const url = `http://127.0.0.1:${port}`;
      await eventually(async () => {
        assert.ok(!container.over, container.output);
        assert.equal((await fetch(`${url}/`)).status, 200);
      }, 20_000);
      return url;
    },
    smoke: async (url) => {
      const { tests, end } = smokeTests({ client: new Client(url), cookie: { secure: true, httpOnly: true } });
      const verdicts = await judged(tests);
      await end().catch(() => undefined);
      return verdicts;
    },
    end: async () => {
      await Promise.all([...serving, ...Object.values(running)].map((each) => each.kill()));
    },
  };
}
