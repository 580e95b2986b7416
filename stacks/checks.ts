/** What the running platform has to answer: A's checks and smoke tests as data. How they are asked is in gates.ts. */
import type { Settings } from './config/schema.ts';
import type { HttpAsk, RedisAsk, S3Ask, SqlAsk } from './gates.ts';

type Asks<A> = Readonly<Record<string, A>>;

const isoTime = { matches: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}' };

const TABLES = "FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'";

/** What a migration has to leave (A-MIG-3): ten tables, those that the checks rely on among them. */
export const MIGRATED: Asks<SqlAsk> = {
  tables: {
    requirement: 'A-MIG-3, A-DATA-1',
    query: `SELECT tablename ${TABLES}`,
    expect: { contains: ['companies', 'market_data'] },
  },
  'tables-count': { requirement: 'A-MIG-3', query: `SELECT count(*) ${TABLES}`, expect: { atLeast: 10 } },
};

/** A-GATE-1..4 and A-GATE-8. */
export const endpointChecks = ({ stack }: Settings): Asks<HttpAsk> => ({
  'endpoint-health': {
    requirement: 'A-GATE-1, A-GATE-8',
    path: '/health',
    expect: {
      status: 200,
      json: { status: 'healthy', timestamp: isoTime, environment: stack.environment, version: stack.version },
    },
  },
  'endpoint-database': { requirement: 'A-GATE-2', path: '/api/v1/health/database', expect: { status: 200 } },
  'endpoint-redis': { requirement: 'A-GATE-3', path: '/api/v1/health/redis', expect: { status: 200 } },
  'endpoint-minio': { requirement: 'A-GATE-4', path: '/api/v1/health/minio', expect: { status: 200 } },
});

/**
 * A-SMOKE-1..6, 8 and 9, by whom they ask. A-SMOKE-7 looks at the certificate of the edge: it comes with a stack that
 * has one.
 */
export function smokeTests({ api, minio }: Settings) {
  const origin = api.corsOrigins[0]!;
  const http: Asks<HttpAsk> = {
    'smoke-company-search': {
      requirement: 'A-SMOKE-1',
      path: '/api/v1/companies/search?q=Apple',
      expect: { status: 200, json: {} },
    },
    'smoke-market-quotes': {
      requirement: 'A-SMOKE-2',
      path: '/api/v1/market/quotes?symbols=AAPL',
      expect: { status: 200, json: {} },
    },
    // The document states no status. Made-up credentials have to be refused, so it is ours.
    'smoke-login-refused': {
      requirement: 'A-SMOKE-8',
      method: 'POST',
      path: '/api/v1/auth/login',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'test', password: 'test' }),
      expect: { status: 401 },
    },
    'smoke-cors': {
      requirement: 'A-SMOKE-9',
      method: 'OPTIONS',
      path: '/api/v1/companies',
      headers: { origin, 'access-control-request-method': 'GET' },
      expect: { status: [200, 204], headers: { 'access-control-allow-origin': origin } },
    },
  };
  const count = (table: string) => ({ query: `SELECT count(*) FROM ${table}`, expect: { atLeast: 0 } });
  const sql: Asks<SqlAsk> = {
    'smoke-companies': { requirement: 'A-SMOKE-3', ...count('companies') },
    'smoke-market-data': { requirement: 'A-SMOKE-4', ...count('market_data') },
  };
  const redis: Asks<RedisAsk> = {
    'smoke-redis-stats': {
      requirement: 'A-SMOKE-5',
      command: ['INFO', 'stats'],
      expect: { contains: 'keyspace_hits' },
    },
  };
  const s3: Asks<S3Ask> = { 'smoke-documents': { requirement: 'A-SMOKE-6', buckets: [minio.buckets.documents] } };
  return { http, sql, redis, s3 };
}
