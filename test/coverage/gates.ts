/** What has to be proven before an update goes on, and in which order. */
import { atLeast, counted, every, range, rows, secret, some, type Row } from './rows.ts';

const BOTH = ['staging', 'production'];
const ORDER = 'Order';

/** Gates that ask one path and want 200. */
const answering = (id: string, path: string): Row[] =>
  rows(BOTH, `Gate ${id}`, [`${id}, A-OK-2`, 'path', path], [id, 'expect.status', 200], [id, 'patience.perTry', '10s']);

export const GATES: readonly Row[] = [
  ...answering('A-GATE-1', '/health'),
  ...answering('A-GATE-2', '/api/v1/health/database'),
  ...answering('A-GATE-3', '/api/v1/health/redis'),
  ...answering('A-GATE-4', '/api/v1/health/minio'),
  ...rows(BOTH, 'Gate A-GATE-1', ['A-RB-1', 'patience.failureLimit', 3]),
  ...rows(BOTH, 'Gate A-GATE-5', ['A-GATE-5', 'query', 'SELECT 1']),
  ...rows(BOTH, 'Gate A-MIG-1', ['A-MIG-1', 'patience.interval', '2s'], ['A-MIG-1', 'patience.deadline', '60s']),
  ...rows(BOTH, 'Gate A-GATE-6', ['A-GATE-6, E-SMOKE-7', 'command', 'PING'], ['A-GATE-6', 'expect.reply', 'PONG']),
  ...rows(BOTH, 'Gate A-GATE-7', ['A-GATE-7', 'live', true]),
  ...rows(
    'staging',
    'Gate A-GATE-8',
    ['A-GATE-8, A-TOPO-1', 'expect.json.environment', 'staging'],
    ['A-GATE-8, A-TOPO-1', 'expect.json.version', '1.0.0'],
  ),
  ...rows(
    BOTH,
    'Gate A-GATE-8',
    ['A-GATE-8', 'expect.json.status', 'healthy'],
    ['A-GATE-8', 'expect.json.timestamp', counted(1)],
  ),
  ...rows(
    BOTH,
    'Gate A-GATE-9',
    ['A-GATE-9', 'atLeastReady', atLeast(4)],
    ['A-GATE-9', 'patience.interval', '5s'],
    ['A-GATE-9', 'patience.deadline', every(/^\d+(s|m)$/)],
  ),
  ...rows('staging', 'Gate A-GATE-9', ['A-GATE-9', 'patience.deadline', '180s']),
  ...rows(BOTH, 'Gate A-GATE-10', ['A-GATE-10', 'query', 'SELECT version()']),
  ...rows(BOTH, 'Gate A-OK-1', ['A-OK-1', 'window', '10m']),
  ...rows(BOTH, 'Gate A-STOR-4', ['A-STOR-4, A-OK-4', 'buckets', counted(1)]),
  ...rows(
    BOTH,
    'Gate A-MIG-3',
    ['A-MIG-3, A-OK-3', 'query', some(/pg_tables/)],
    ['A-DATA-1', 'expect.contains', some('companies')],
    ['A-DATA-1', 'expect.contains', some('market_data')],
  ),
  ...rows(BOTH, 'Job migrate-*', ['A-MIG-2, D-OK-3', 'spec.template.spec.initContainers.*.args.*', some('migrate')]),
  ...rows(
    'production',
    'Gate E-MIG-*',
    ['E-MIG-1', 'expect.atLeast', some(15)],
    ['E-MIG-2', 'expect.atLeast', some(10)],
    ['E-MIG-3', 'expect.atLeast', some(19)],
    ['E-MIG-4', 'expect.atLeast', some(2)],
  ),
  ...rows(
    'production',
    'Gate E-DATA-1',
    ['E-DATA-1', 'expect.atLeast', some(500)],
    ['E-DATA-1', 'expect.atLeast', some(5)],
  ),
  ...rows('production', 'Gate E-SMOKE-5', ['E-SMOKE-5', 'expect.atLeast', 500]),
  // A's smoke tests.
  ...rows(BOTH, 'Gate A-SMOKE-1', ['A-SMOKE-1', 'path', '/api/v1/companies/search?q=Apple']),
  ...rows(BOTH, 'Gate A-SMOKE-2', ['A-SMOKE-2', 'path', '/api/v1/market/quotes?symbols=AAPL']),
  ...rows(BOTH, 'Gate A-SMOKE-3', ['A-SMOKE-3', 'query', 'SELECT count(*) FROM companies']),
  ...rows(BOTH, 'Gate A-SMOKE-4', ['A-SMOKE-4', 'query', 'SELECT count(*) FROM market_data']),
  ...rows(BOTH, 'Gate A-SMOKE-5', ['A-SMOKE-5', 'command', ['INFO', 'stats']]),
  ...rows('staging', 'Gate A-SMOKE-6', ['A-SMOKE-6', 'buckets.*.name', 'staging-documents']),
  ...rows(BOTH, 'Gate A-TLS-1', ['A-SMOKE-7, A-TLS-1', 'certificates.*.name', some(/edge/)]),
  ...rows(BOTH, 'Gate A-SMOKE-8', ['A-SMOKE-8', 'expect.status', 401], ['A-SMOKE-8', 'path', '/api/v1/auth/login']),
  ...rows(
    'staging',
    'Gate A-SMOKE-9',
    ['A-SMOKE-9', 'headers.origin', 'https://staging.corporate-intel.example.com'],
    ['A-SMOKE-9', 'method', 'OPTIONS'],
  ),
  // E's smoke tests are a command of the API's image, run in the cluster; what it is told is the table's part.
  ...rows(
    'production',
    'Job smoke',
    [range('E-SMOKE', 1, 18).join(', '), 'spec.template.spec.containers[name=smoke].args', ['smoke']],
    ['E-SEC-1, E-SMOKE-15', 'spec.template.spec.containers[name=smoke].image', every(/corporate-intel-api:/)],
  ),
  ...rows(
    'production',
    'Environment smoke/smoke',
    ['E-SMOKE-5, E-SMOKE-10', 'SMOKE_COMPANIES', '500'],
    ['E-SMOKE-14, E-SMOKE-16', 'SMOKE_PASSWORD', secret],
    ['E-SMOKE-19', 'SMOKE_RATE_LIMIT', '100'],
    ['E-SMOKE-20', 'SMOKE_HEALTH_MS', '10'],
    ['E-SMOKE-21', 'SMOKE_LIST_MS', '50'],
    ['E-SMOKE-22', 'SMOKE_TICKER_MS', '10'],
    ['E-SMOKE-23', 'SMOKE_CONCURRENT_MS', '100'],
  ),
  ...rows(BOTH, '*Gate *', ['A-IMG-3', 'images', some(/corporate-intel-api:1\.0\.0/)]),
  // A-DEP-2 and CONF-19: what waits for what.
  ...rows(
    BOTH,
    ORDER,
    ['A-DEP-2', 'StatefulSet postgres before Job migrate-*', true],
    ['A-DEP-2', 'Job migrate-* before Release api-release', true],
    ['A-DEP-2', 'Gate A-MIG-1 before Job migrate-*', true],
    ['A-DEP-2', 'Deployment api-blue before Bucket bucket-*', true],
    ['A-GATE-13', 'Gate A-GATE-1 before Gate A-SMOKE-1', true],
    ['A-GATE-13', 'Gate A-GATE-7 before Gate A-OK-1', true],
  ),
];
