/** The reference API beside a real PostgreSQL, Redis and MinIO, each from its image. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Client as Minio } from 'minio';
import pg from 'pg';
import { Container, eventually, freePort, scratch, unpack, type Unpacked } from './container.ts';

const secret = (): string => randomBytes(18).toString('hex');

export interface Backends {
  /** The API's 35 variables. */
  readonly env: Readonly<Record<string, string>>;
  /** Values that must not appear anywhere. */
  readonly secrets: readonly string[];
  readonly start: {
    readonly postgres: () => Container;
    readonly redis: () => Container;
    readonly minio: () => Container;
  };
  readonly query: (sql: string) => Promise<Record<string, unknown>[]>;
  readonly makeBuckets: () => Promise<void>;
}

type Secrets = Readonly<
  Record<
    | 'SECRET_KEY'
    | 'POSTGRES_PASSWORD'
    | 'REDIS_PASSWORD'
    | 'MINIO_SECRET_KEY'
    | 'ALPHA_VANTAGE_API_KEY'
    | 'NEWSAPI_KEY'
    | 'SENTRY_DSN'
    | 'GRAFANA_PASSWORD',
    string
  >
>;

/** The API's 35 variables, with everything it needs on this machine. */
export function variables(secrets: Secrets, ports: Readonly<Record<'postgres' | 'redis' | 'minio', number>>) {
  return {
    ...secrets,
    ENVIRONMENT: 'staging',
    DEBUG: 'true',
    LOG_LEVEL: 'DEBUG',
    POSTGRES_HOST: '127.0.0.1',
    POSTGRES_PORT: String(ports.postgres),
    POSTGRES_USER: 'intel',
    POSTGRES_DB: 'corporate_intel',
    DATABASE_URL: `postgresql://intel:${encodeURIComponent(secrets.POSTGRES_PASSWORD)}@127.0.0.1:${ports.postgres}/corporate_intel`,
    REDIS_HOST: '127.0.0.1',
    REDIS_PORT: String(ports.redis),
    REDIS_DB: '0',
    REDIS_URL: `redis://:${secrets.REDIS_PASSWORD}@127.0.0.1:${ports.redis}/0`,
    MINIO_ENDPOINT: `127.0.0.1:${ports.minio}`,
    MINIO_ACCESS_KEY: 'intel_admin',
    MINIO_USE_SSL: 'false',
    MINIO_BUCKET_DOCUMENTS: 'staging-documents',
    MINIO_BUCKET_REPORTS: 'staging-reports',
    SEC_USER_AGENT: 'Corporate Intel Platform/1.0 (staging@corporate-intel.example.com)',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://jaeger:4317',
    OTEL_SERVICE_NAME: 'corporate-intel-staging',
    OTEL_TRACES_ENABLED: 'true',
    SENTRY_ENVIRONMENT: 'staging',
    SENTRY_TRACES_SAMPLE_RATE: '1.0',
    API_PORT: '8000',
    CORS_ORIGINS: '["https://staging.corporate-intel.example.com"]',
    RATE_LIMIT_PER_MINUTE: '1000',
    SESSION_TIMEOUT_MINUTES: '120',
  };
}

/** @param database reference prefix of the PostgreSQL image; it is given an empty volume */
export async function backends(database: string): Promise<Backends> {
  const volumes = scratch();
  const [postgresPort, redisPort] = [await freePort(), await freePort()];
  const [minioPort, consolePort] = [await freePort(), await freePort()];
  const images = {
    postgres: await unpack(database),
    redis: await unpack('docker.io/library/redis:'),
    minio: await unpack('quay.io/minio/minio:'),
  };
  // A password that an address can only hold escaped.
  const [postgres, redis, minio] = [`${secret()}/@:é`, secret(), secret()];
  const secrets = {
    SECRET_KEY: secret() + secret(),
    POSTGRES_PASSWORD: postgres,
    REDIS_PASSWORD: redis,
    MINIO_SECRET_KEY: minio,
    ALPHA_VANTAGE_API_KEY: secret(),
    NEWSAPI_KEY: secret(),
    SENTRY_DSN: `https://${secret()}@sentry.example/1`,
    GRAFANA_PASSWORD: secret(),
  };
  const env = variables(secrets, { postgres: postgresPort, redis: redisPort, minio: minioPort });
  const start: Backends['start'] = {
    postgres: () =>
      new Container(images.postgres, {
        user: database.includes('timescale') ? 70 : 999,
        env: {
          POSTGRES_USER: 'intel',
          POSTGRES_PASSWORD: postgres,
          POSTGRES_DB: 'corporate_intel',
          POSTGRES_INITDB_ARGS: '--auth-host=scram-sha-256',
        },
        args: ['-p', String(postgresPort), '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'],
        mounts: { '/var/lib/postgresql/data': join(volumes, 'postgres') },
        scratch: ['/var/run/postgresql', '/tmp'],
      }),
    redis: () =>
      new Container(images.redis, {
        user: 999,
        args: ['--port', String(redisPort), '--bind', '127.0.0.1', '--requirepass', redis],
        mounts: { '/data': join(volumes, 'redis') },
      }),
    minio: () =>
      new Container(images.minio, {
        user: 1000,
        env: { MINIO_ROOT_USER: 'intel_admin', MINIO_ROOT_PASSWORD: minio },
        args: [
          'server',
          '/data',
          '--address',
          `127.0.0.1:${minioPort}`,
          '--console-address',
          `127.0.0.1:${consolePort}`,
        ],
        mounts: { '/data': join(volumes, 'minio') },
        scratch: ['/tmp'],
      }),
  };
  const query: Backends['query'] = async (sql) => {
    const client = new pg.Client({ connectionString: env.DATABASE_URL });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  };
  const makeBuckets = async (): Promise<void> => {
    const [host] = env.MINIO_ENDPOINT.split(':');
    const keys = { accessKey: env.MINIO_ACCESS_KEY, secretKey: minio };
    const client = new Minio({ endPoint: host!, port: minioPort, useSSL: false, ...keys });
    for (const bucket of [env.MINIO_BUCKET_DOCUMENTS, env.MINIO_BUCKET_REPORTS]) {
      await eventually(() => client.makeBucket(bucket), 20_000);
    }
  };
  return { env, secrets: Object.values(secrets), start, query, makeBuckets };
}

export interface Api {
  readonly container: Container;
  readonly get: (path: string, init?: RequestInit) => Promise<Response>;
}

/** Starts a release and waits until it answers at all. */
export async function api(image: Unpacked, env: Readonly<Record<string, string>>, more = {}): Promise<Api> {
  const port = await freePort();
  const container = new Container(image, { env: { ...env, API_PORT: String(port), ...more } });
  const get: Api['get'] = (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init);
  await eventually(async () => {
    assert.ok(!container.over, container.output);
    assert.equal((await get('/live')).status, 200);
  }, 20_000);
  return { container, get };
}

export const json = async (response: Response): Promise<Record<string, unknown>> =>
  (await response.json()) as Record<string, unknown>;

export interface World {
  /** The backends with plain PostgreSQL, and the containers they run in now. */
  readonly plain: Backends;
  readonly running: Record<'postgres' | 'redis' | 'minio', Container>;
  readonly start: (image: Unpacked, more?: Record<string, string>) => Promise<Api>;
  /** Runs a command of an image to its end, with another exit code than 0 where that is the claim. */
  readonly command: (
    image: Unpacked,
    args: string[],
    more?: Record<string, string>,
    code?: number,
    input?: string,
  ) => Promise<string>;
  /** Everything that releases and their commands have printed. */
  readonly printed: () => string;
  readonly end: () => Promise<void>;
}

/** Everything that runs in one test file, to be ended with it. */
export async function world(): Promise<World> {
  const plain = await backends('docker.io/library/postgres:');
  const running = { postgres: plain.start.postgres(), redis: plain.start.redis(), minio: plain.start.minio() };
  const apis: Container[] = [];
  const outputs: string[] = [];
  return {
    plain,
    running,
    start: async (image, more) => {
      const started = await api(image, plain.env, more);
      apis.push(started.container);
      return started;
    },
    command: async (image, args, more, code, input) => {
      const output = await Container.run(image, { env: { ...plain.env, ...more }, args }, code, input);
      outputs.push(output);
      return output;
    },
    printed: () => [...outputs, ...apis.map(({ output }) => output)].join('\n'),
    end: async () => {
      await Promise.all([...apis, ...Object.values(running)].map((each) => each.kill()));
    },
  };
}
