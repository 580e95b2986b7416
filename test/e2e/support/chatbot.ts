/** The stand-in for the chatbot's backend beside a real PostgreSQL and Redis, each from its image. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { Container, eventually, freePort, scratch, unpack, type Unpacked } from './container.ts';

const secret = (): string => randomBytes(24).toString('base64');

export interface Stores {
  /** The 30 variables of the deployment guide. */
  readonly env: Readonly<Record<string, string>>;
  readonly start: { readonly postgres: () => Container; readonly redis: () => Container };
  readonly query: (sql: string) => Promise<Record<string, unknown>[]>;
  /** The folder that service and script share as a volume. */
  readonly knowledge: string;
}

export async function stores(): Promise<Stores> {
  const folder = scratch();
  const [postgresPort, redisPort] = [await freePort(), await freePort()];
  const images = {
    postgres: await unpack('docker.io/library/postgres:'),
    redis: await unpack('docker.io/library/redis:'),
  };
  const [postgres, redis] = [secret(), secret()];
  const address = `postgresql://tria_admin:${encodeURIComponent(postgres)}@127.0.0.1:${postgresPort}/tria_aibpo`;
  return {
    env: {
      ENVIRONMENT: 'staging',
      DATABASE_URL: address,
      POSTGRES_USER: 'tria_admin',
      POSTGRES_PASSWORD: postgres,
      POSTGRES_DB: 'tria_aibpo',
      POSTGRES_PORT: '5433',
      POSTGRES_SHARED_BUFFERS: '256MB',
      POSTGRES_EFFECTIVE_CACHE_SIZE: '512MB',
      POSTGRES_WORK_MEM: '16MB',
      POSTGRES_MAINTENANCE_WORK_MEM: '128MB',
      REDIS_HOST: '127.0.0.1',
      REDIS_PORT: String(redisPort),
      REDIS_PASSWORD: redis,
      REDIS_DB: '0',
      REDIS_MAX_MEMORY: '512mb',
      OPENAI_API_KEY: `sk-${secret()}`,
      OPENAI_MODEL: 'gpt-4',
      OPENAI_TEMPERATURE: '0.7',
      OPENAI_MAX_TOKENS: '2000',
      XERO_CLIENT_ID: '',
      XERO_CLIENT_SECRET: '',
      XERO_REFRESH_TOKEN: '',
      XERO_TENANT_ID: '',
      XERO_SALES_ACCOUNT_CODE: '200',
      XERO_TAX_TYPE: 'OUTPUT2',
      TAX_RATE: '0.08',
      CUTOFF_TIME: '14:00',
      ENABLE_METRICS: 'true',
      SENTRY_DSN: '',
      DEPLOYMENT_SIZE: 'medium',
    },
    start: {
      postgres: () =>
        new Container(images.postgres, {
          user: 999,
          env: { POSTGRES_USER: 'tria_admin', POSTGRES_PASSWORD: postgres, POSTGRES_DB: 'tria_aibpo' },
          args: ['-p', String(postgresPort), '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'],
          mounts: { '/var/lib/postgresql/data': join(folder, 'postgres') },
          scratch: ['/var/run/postgresql', '/tmp'],
        }),
      redis: () =>
        new Container(images.redis, {
          user: 999,
          args: ['--port', String(redisPort), '--bind', '127.0.0.1', '--requirepass', redis],
          mounts: { '/data': join(folder, 'redis') },
        }),
    },
    query: async (sql) => {
      const client = new pg.Client({ connectionString: address });
      client.on('error', () => undefined);
      try {
        await client.connect();
        return (await client.query<Record<string, unknown>>(sql)).rows;
      } finally {
        await client.end().catch(() => undefined);
      }
    },
    knowledge: join(folder, 'chroma'),
  };
}

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export class Backend {
  readonly container: Container;
  readonly url: string;

  private constructor(container: Container, url: string) {
    this.container = container;
    this.url = url;
  }

  /** Starts it and waits until it answers at all. */
  static async start(image: Unpacked, { env, knowledge }: Stores, more: Record<string, string> = {}): Promise<Backend> {
    const port = await freePort();
    const container = new Container(image, {
      env: { ...env, ...more },
      args: ['python', '-m', 'tria_aibpo', String(port)],
      mounts: { '/app/chroma': knowledge },
      scratch: ['/tmp'],
    });
    const backend = new Backend(container, `http://127.0.0.1:${port}`);
    await eventually(async () => {
      assert.ok(!container.over, container.output);
      await fetch(`${backend.url}/version`);
    }, 30_000);
    return backend;
  }

  async get(path: string): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  async ask(message: string, session = 'test'): Promise<Answer> {
    const response = await fetch(`${this.url}/api/chatbot`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ message, session_id: session }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  metrics = async (): Promise<string> => (await fetch(`${this.url}/metrics`)).text();
}

/** One of the backend's commands, in an image of its own; gives what it printed. */
export const command = (
  image: Unpacked,
  { env, knowledge }: Stores,
  args: readonly string[],
  more: Record<string, string> = {},
  expected = 0,
): Promise<string> =>
  Container.run(
    image,
    { env: { ...env, ...more }, args, mounts: { '/app/chroma': knowledge }, scratch: ['/tmp'] },
    expected,
  );
