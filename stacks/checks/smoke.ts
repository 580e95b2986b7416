/** The smoke tests that change nothing, as data. How they are asked is in gates.ts. */
import type { Settings } from '../config/systems/corporate-intelligence.ts';
import type { HttpAsk, RedisAsk, S3Ask, SqlAsk } from '../gates.ts';
import type { Asks } from './asks.ts';

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
