/** Where each requirement of the chatbot (system C) shows in the plan of `tria-staging`, and what is left to later or to others. */
import file from './tria-ids.json' with { type: 'json' };
import { atLeast, counted, every, range, rows, some, type Row } from './rows.ts';

export const STAGING = 'tria-staging';
/** The same on a server of 2 GB, with what the guide leaves to choice: migrations and sample data. */
export const SMALL = 'tria-staging, backend-only';

const BOTH = [STAGING, SMALL];
const INSTANCE = 'Instance server-server';
const PASSWORD = '[A-Za-z0-9+/]{43}';

/** One variable of the backend (C-ENV). */
const variable = (at: number, name: string, value: string): Row[] =>
  rows(BOTH, 'Container backend', [`C-ENV-${at}`, 'envs', some(new RegExp(`^${name}=${value}$`))]);

const VARIABLES: readonly Row[] = [
  variable(1, 'ENVIRONMENT', 'staging'),
  variable(2, 'DATABASE_URL', 'postgresql://tria_admin:[A-Za-z0-9%]{43,}@postgres:5432/tria_aibpo'),
  variable(3, 'POSTGRES_USER', 'tria_admin'),
  variable(4, 'POSTGRES_PASSWORD', PASSWORD),
  variable(5, 'POSTGRES_DB', 'tria_aibpo'),
  variable(6, 'POSTGRES_PORT', '5433'),
  variable(7, 'POSTGRES_SHARED_BUFFERS', '256MB'),
  variable(8, 'POSTGRES_EFFECTIVE_CACHE_SIZE', '512MB'),
  variable(9, 'POSTGRES_WORK_MEM', '16MB'),
  variable(10, 'POSTGRES_MAINTENANCE_WORK_MEM', '128MB'),
  variable(11, 'REDIS_HOST', 'redis'),
  variable(12, 'REDIS_PORT', '6379'),
  variable(13, 'REDIS_PASSWORD', PASSWORD),
  variable(14, 'REDIS_DB', '0'),
  variable(15, 'REDIS_MAX_MEMORY', '512mb'),
  variable(16, 'OPENAI_API_KEY', `sk-${PASSWORD}`),
  variable(17, 'OPENAI_MODEL', 'gpt-4'),
  variable(18, 'OPENAI_TEMPERATURE', '0\\.7'),
  variable(19, 'OPENAI_MAX_TOKENS', '2000'),
  variable(20, 'XERO_CLIENT_ID', ''),
  variable(21, 'XERO_CLIENT_SECRET', ''),
  variable(22, 'XERO_REFRESH_TOKEN', ''),
  variable(23, 'XERO_TENANT_ID', ''),
  variable(24, 'XERO_SALES_ACCOUNT_CODE', '200'),
  variable(25, 'XERO_TAX_TYPE', 'OUTPUT2'),
  variable(26, 'TAX_RATE', '0\\.08'),
  variable(27, 'CUTOFF_TIME', '14:00'),
  variable(28, 'ENABLE_METRICS', 'true'),
  variable(29, 'SENTRY_DSN', ''),
  variable(30, 'DEPLOYMENT_SIZE', 'medium'),
].flat();

/** What PostgreSQL and Redis themselves are told of it. */
const TUNING: readonly Row[] = [
  ...rows(
    BOTH,
    'Container postgres',
    ['C-ENV-7', 'command', some('shared_buffers=256MB')],
    ['C-ENV-8', 'command', some('effective_cache_size=512MB')],
    ['C-ENV-9', 'command', some('work_mem=16MB')],
    ['C-ENV-10', 'command', some('maintenance_work_mem=128MB')],
    ['C-ENV-6, C-PORT-2', 'ports', [{ external: 5433, internal: 5432, ip: '127.0.0.1', protocol: 'tcp' }]],
    ['C-SEC-3', 'envs', some(new RegExp(`^POSTGRES_PASSWORD=${PASSWORD}$`))],
  ),
  ...rows(
    BOTH,
    'Container redis',
    ['C-ENV-15', 'uploads.*.content', some(/^maxmemory 512mb$/m)],
    ['C-SEC-3', 'uploads.*.content', some(/^user default on #[0-9a-f]{64} /m)],
  ),
];

const HOST: readonly Row[] = [
  ...rows(
    STAGING,
    INSTANCE,
    ['C-HOST-1, C-HOST-2', 'instanceType', 't3.medium'],
    ['C-HOST-2', 'keyName', 'your-ssh-key-name'],
    ['C-HOST-2', 'monitoring', true],
    ['C-HOST-2', 'tags.Name', 'tria-aibpo-staging'],
    ['C-HOST-6', 'rootBlockDevice.volumeSize', atLeast(20)],
    ['C-HOST-7', 'userData', some(/docker\.io[\s\S]*v2\.23\.0\/docker-compose-linux/)],
    ['C-HOST-8', 'userData', some(/^DIRECTORY='\/opt\/tria'$/m)],
    ['C-MON-1', 'userData', some(/node_exporter-1\.7\.0\.linux-amd64/)],
    ['C-LOG-1', 'userData', some(/\/etc\/logrotate\.d/)],
    ['C-SEC-2', 'userData', some(/^#!\/bin\/sh$/m)],
  ),
  ...rows(STAGING, 'Resource Eip/server-address', ['C-HOST-3', 'inputs.domain', 'vpc'], ['C-HOST-3', 'protect', true]),
  ...rows(STAGING, 'docker host-provider', ['C-HOST-4', 'host', every(/^ssh:\/\/ubuntu@/)]),
  ...rows(STAGING, 'aws aws-provider', ['C-HOST-2', 'region', 'us-east-1']),
  ...rows(STAGING, 'Secret host-env-secret', ['C-SEC-2', 'name', 'tria-aibpo-staging/env']),
  ...rows(
    STAGING,
    'SecurityGroupIngressRule server-ssh-*',
    ['C-NET-1, C-PORT-1', 'fromPort', 22],
    ['C-NET-2, C-HOST-2, C-OK-7', 'cidrIpv4', '203.0.113.10/32'],
  ),
  ...rows(STAGING, 'SecurityGroupIngressRule server-http-*', ['C-NET-1, C-PORT-1', 'fromPort', 80]),
  ...rows(STAGING, 'SecurityGroupIngressRule server-https-*', ['C-NET-1, C-PORT-1', 'fromPort', 443]),
  ...rows(
    STAGING,
    'SecurityGroupIngressRule server-backend-*',
    ['C-NET-1, C-PORT-1', 'fromPort', 8003],
    ['C-MON-2', 'cidrIpv4', some('203.0.113.20/32')],
  ),
  ...rows(
    STAGING,
    'SecurityGroupIngressRule server-metrics-*',
    ['C-PORT-3, C-MON-2', 'fromPort', 9100],
    ['C-MON-2', 'cidrIpv4', '203.0.113.20/32'],
  ),
];

const PARTS = ['postgres', 'redis', 'backend', 'frontend', 'nginx'];

const CONTAINERS: readonly Row[] = [
  ...PARTS.flatMap((part) => rows(STAGING, `Container ${part}`, ['C-TOPO-1', 'name', `tria_aibpo_${part}`])),
  ...rows(STAGING, 'Container *', ['C-LOG-1', 'logOpts', { 'max-file': '7', 'max-size': '10m' }]),
  ...rows(STAGING, 'Container nginx', ['C-PORT-1', 'ports.*.external', 80]),
  ...rows(BOTH, 'Container backend', ['C-PORT-1, C-PORT-3, C-MON-2', 'ports.*.external', 8003]),
  ...rows(
    BOTH,
    'Container backend',
    ['C-TOPO-3', 'volumes.*.volumeName', 'tria_aibpo_chroma'],
    ['C-TOPO-3', 'volumes.*.containerPath', '/app/chroma'],
  ),
  ...rows(SMALL, 'Gate C-GATE-2', ['C-TOPO-2', 'container', counted(3)]),
  ...rows(BOTH, 'RandomPassword *-password', ['C-SEC-1, C-SEC-3', 'length', 43]),
  ...rows(BOTH, 'RemoteImage *', ['C-RB-1', 'keepLocally', true]),
];

const TASKS: readonly Row[] = [
  ...rows(
    BOTH,
    'Container backup',
    ['C-BKP-1', 'entrypoints', some(/backup_\$\(date -u \+%Y%m%d_%H%M%S\)\.dump[\s\S]*pg_dump[\s\S]*sha256sum/)],
    ['C-BKP-1', 'volumes.*.volumeName', 'tria_aibpo_backups'],
  ),
  ...rows(BOTH, 'Container knowledge', [
    'C-DATA-2',
    'command',
    ['scripts/build_knowledge_base_from_markdown.py', '--yes'],
  ]),
  ...rows(SMALL, 'Container migrate', ['C-MIG-2', 'command', ['migrations/migrate.py']]),
  ...rows(SMALL, 'Container samples', ['C-DATA-1', 'command', ['scripts/setup_test_environment.py']]),
  ...rows(
    STAGING,
    'Order',
    ['C-DEP-1', 'Instance server-server before Gate C-HOST-7', true],
    ['C-DEP-1, C-HOST-7', 'Gate C-HOST-7 before RemoteImage *', true],
    ['C-DEP-1', 'Gate C-HOST-7 before Network *', true],
    ['C-DEP-1', 'Gate C-GATE-3 before Container backend', true],
    ['C-DEP-1, C-BKP-1', 'Gate C-BKP-1 before Resource Container/backend', true],
    ['C-DEP-1', 'ContainerGate backend-healthy before Container knowledge', true],
    ['C-DEP-1', 'Gate C-GATE-4 before Gate C-SMOKE-1', true],
  ),
];

const BODY = { status: 'healthy', database: 'connected', redis: 'connected', chromadb: 'connected' };

const PROOF: readonly Row[] = [
  ...rows(
    BOTH,
    'Gate C-GATE-1',
    ['C-GATE-1', 'path', '/health'],
    ['C-GATE-1, C-OK-1', 'expect', { status: 200, json: BODY }],
    ['C-GATE-1, C-PORT-1', 'target.url', every(/:8003$/)],
  ),
  ...rows(STAGING, 'Gate C-GATE-2', ['C-GATE-2, C-OK-1', 'container', counted(5)]),
  ...rows(BOTH, 'Gate C-GATE-3', [
    'C-GATE-3, C-MIG-1',
    'command',
    ['psql', '-U', 'tria_admin', '-d', 'tria_aibpo', '-c', 'SELECT 1;'],
  ]),
  ...rows(BOTH, 'Gate C-GATE-4', ['C-GATE-4, C-OK-1', 'says', '57 total policy chunks indexed']),
  ...rows(
    BOTH,
    'Gate C-SMOKE-1',
    ['C-SMOKE-1', 'path', '/api/chatbot'],
    ['C-SMOKE-1', 'body', '{"message":"Hello, what is your refund policy?","session_id":"staging-test-1"}'],
  ),
  ...rows(BOTH, 'Gate C-SMOKE-2', ['C-SMOKE-2, C-SMOKE-3', 'command', ['python', 'tests/test_production_e2e.py']]),
  ...rows(
    STAGING,
    'Gate C-OK-2',
    ['C-OK-2', 'users', 10],
    ['C-OK-2', 'expect.errorsBelow', 5],
    ['C-OK-4', 'expect.p95Below', '10s'],
    ['C-OK-5', 'expect.hits.above', 50],
  ),
  ...rows(STAGING, 'Gate C-OK-3', ['C-OK-3', 'users', 50], ['C-OK-3', 'expect.errorsBelow', 10]),
];

export const TABLE: readonly Row[] = [...VARIABLES, ...TUNING, ...HOST, ...CONTAINERS, ...TASKS, ...PROOF];

export const LATER: Readonly<Record<string, readonly string[]>> = {
  'the monitoring stack comes later': [...range('C-MON', 3, 5), 'C-OK-6'],
};

/** For people, pipelines and documents; the reasons are those of the requirements' own list. */
export const OUTSIDE: Readonly<Record<string, readonly string[]>> = {
  'what people see to beforehand': ['C-CHK-1'],
  'an optional domain, and another provider': ['C-TOPO-4', 'C-HOST-5'],
  'test suites of the application, whose thresholds are modelled': range('C-LOAD', 1, 7),
};

/** Every requirement of C with its kind. */
export const REQUIREMENTS: Readonly<Record<string, string>> = file.ids;
