/** What the Tria AI-BPO chatbot (system C) is: its parts, its 30 variables, and what proves that it works. */
import { EVICTION_POLICIES } from '../../../components/redis/index.ts';
import * as k from '../kinds.ts';
import { comfort, defaulted, group, optional, part, stated } from '../setting.ts';
import { cpuRange, ours } from './common.ts';
import { system } from './site.ts';

const memory = (what: string) =>
  stated(k.size('32Mi', '1Ti'), { means: `Memory above which ${what} is ended.`, from: 'GAP-7, ours' });

/** A size in PostgreSQL's own units. */
const postgresSize = k.text(/^[1-9][0-9]*(kB|MB|GB)$/, 'a size in PostgreSQL’s units, like "256MB"');
const tuned = (variable: string, fallback: string, from: string) =>
  defaulted(postgresSize, fallback, { means: `\`${variable}\`, and the server’s own setting.`, from });

export const stack = group({
  system,
  environment: stated(k.text(/^[a-z][a-z0-9-]*$/, 'a name like "staging"'), {
    means: '`ENVIRONMENT`.',
    from: 'C-ENV-1, C-HOST-2',
  }),
  version: stated(k.version, {
    means: 'Version of backend and frontend: the tag of their images. Going back is stating the earlier one.',
    from: 'C-RB-1',
  }),
  profile: stated(k.choice('full-stack', 'backend-only'), {
    means: 'Whether frontend and nginx run, too: on a server of 4 GB, not on one of 2.',
    from: 'C-TOPO-1, C-TOPO-2',
  }),
  protect: defaulted(k.flag, true, {
    means: 'Whether server and volumes refuse to be deleted or replaced.',
    from: ours,
  }),
});

export const postgres = group({
  user: defaulted(k.sqlName, 'tria_admin', {
    means: '`POSTGRES_USER`. Read when the volume is new, and only then.',
    from: 'C-ENV-3',
  }),
  database: defaulted(k.sqlName, 'tria_aibpo', {
    means: '`POSTGRES_DB`. Read when the volume is new, and only then.',
    from: 'C-ENV-5',
  }),
  port: defaulted(k.port, 5433, {
    means: '`POSTGRES_PORT`: the port on the host, at its loopback address alone. Inside it is 5432.',
    from: 'C-ENV-6, CONF-40, CONF-34',
  }),
  sharedBuffers: tuned('POSTGRES_SHARED_BUFFERS', '256MB', 'C-ENV-7'),
  effectiveCacheSize: tuned('POSTGRES_EFFECTIVE_CACHE_SIZE', '512MB', 'C-ENV-8'),
  workMem: tuned('POSTGRES_WORK_MEM', '16MB', 'C-ENV-9'),
  maintenanceWorkMem: tuned('POSTGRES_MAINTENANCE_WORK_MEM', '128MB', 'C-ENV-10'),
  cpu: cpuRange('PostgreSQL'),
  memory: memory('PostgreSQL'),
});

export const redis = group({
  database: defaulted(k.whole(0, 15), 0, { means: '`REDIS_DB`.', from: 'C-ENV-14' }),
  maxMemory: defaulted(k.text(/^[1-9][0-9]*(kb|mb|gb)$/, 'a size in Redis’ units, like "512mb"'), '512mb', {
    means: '`REDIS_MAX_MEMORY`, and the server’s own setting.',
    from: 'C-ENV-15',
  }),
  evictionPolicy: defaulted(k.choice(...EVICTION_POLICIES), 'allkeys-lru', {
    means: 'What is dropped when the memory for data is full.',
    from: ours,
  }),
  cpu: cpuRange('Redis'),
  memory: memory('Redis'),
});

export const backend = group({
  image: stated(k.imageRepository, { means: 'Image of the backend without its tag.', from: 'C-TOPO-1, ours' }),
  cpu: cpuRange('the backend'),
  memory: memory('the backend'),
  openai: group({
    access: stated(k.choice('on', 'off'), {
      means:
        'Whether the backend has an account at OpenAI. `off`: its key is made up, and whoever asks there is refused; for plans and rehearsals.',
      from: 'C-ENV-16, C-CHK-1, ours',
    }),
    model: defaulted(k.line, 'gpt-4', { means: '`OPENAI_MODEL`.', from: 'C-ENV-17' }),
    temperature: defaulted(k.decimal(0, 2), 0.7, { means: '`OPENAI_TEMPERATURE`.', from: 'C-ENV-18' }),
    maxTokens: defaulted(k.whole(1, 1_000_000), 2000, { means: '`OPENAI_MAX_TOKENS`.', from: 'C-ENV-19' }),
  }),
  xero: comfort({
    salesAccountCode: defaulted(k.text(/^\d{1,10}$/, 'digits in quotes'), '200', {
      means: '`XERO_SALES_ACCOUNT_CODE`.',
      from: 'C-ENV-24',
    }),
    taxType: defaulted(k.text(/^[A-Z0-9]+$/, 'capitals and digits'), 'OUTPUT2', {
      means: '`XERO_TAX_TYPE`.',
      from: 'C-ENV-25',
    }),
  }),
  taxRate: defaulted(k.decimal(0, 1), 0.08, { means: '`TAX_RATE`, as a share.', from: 'C-ENV-26' }),
  cutoffTime: defaulted(k.text(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day like "14:00"'), '14:00', {
    means: '`CUTOFF_TIME`.',
    from: 'C-ENV-27',
  }),
  metrics: defaulted(k.flag, true, { means: '`ENABLE_METRICS`.', from: 'C-ENV-28' }),
  deploymentSize: defaulted(k.choice('small', 'medium', 'large'), 'medium', {
    means: '`DEPLOYMENT_SIZE`: medium is for a server of 4 GB.',
    from: 'C-ENV-30',
  }),
  migrate: defaulted(k.flag, false, {
    means: 'Whether `python migrations/migrate.py` runs before the backend. The guide has it commented out.',
    from: 'C-MIG-2',
  }),
  samples: defaulted(k.flag, false, {
    means: 'Whether `python scripts/setup_test_environment.py` loads sample data.',
    from: 'C-DATA-1',
  }),
});

/** The image of a part that is there in the profile `full-stack` alone. */
export const frontend = part({
  image: stated(k.imageRepository, { means: 'Image of the frontend without its tag.', from: 'C-TOPO-1, ours' }),
  version: optional(k.version, { means: 'Its tag. Left out: that of `stack.version`.', from: ours }),
  cpu: cpuRange('the frontend'),
  memory: memory('the frontend'),
});

export const nginx = part({
  port: defaulted(k.port, 80, { means: 'Its port on the host.', from: 'C-PORT-1' }),
  tls: part({
    host: stated(k.hostName, {
      means:
        'The name that clients use, which is in the certificate (`tlsCertificate`) and leads to the server. Who comes in the clear is sent there.',
      from: 'C-TOPO-4, C-OK-7',
    }),
    port: defaulted(k.port, 443, { means: 'Its port for TLS on the host.', from: 'C-PORT-1' }),
  }),
  cpu: cpuRange('nginx'),
  memory: memory('nginx'),
});

const load = (users: number, from: string, errors: number, errorsFrom: string) => ({
  users: defaulted(k.whole(1, 200), users, { means: 'Users at once.', from }),
  duration: defaulted(k.duration('1s', '10m'), '15s', {
    means: 'How long they ask at each update. The whole suites are the application’s (C-LOAD-1).',
    from: ours,
  }),
  errorsBelow: defaulted(k.decimal(0.1, 100), errors, {
    means: 'Percent of the requests that may fail: less than this.',
    from: errorsFrom,
  }),
});

export const proof = comfort({
  cases: defaulted(k.flag, true, {
    means: 'Whether the backend’s own three test cases run at the end of an update.',
    from: 'C-SMOKE-2',
  }),
  sustained: part(load(10, 'C-LOAD-2', 5, 'C-OK-2')),
  burst: part(load(50, 'C-LOAD-3', 10, 'C-OK-3')),
  p95Below: defaulted(k.duration('1ms', '10m'), '10s', {
    means: 'The 95th percentile of the answers’ times under load: less than this.',
    from: 'C-OK-4',
  }),
  cacheHitsAbove: defaulted(k.decimal(0, 100), 50, {
    means: 'Percent of the lookups under load that the cache answers: more than this. Needs `backend.metrics`.',
    from: 'C-OK-5',
  }),
  cacheHits: defaulted(k.line, 'cache_requests_total{result="hit"}', {
    means: 'The series of `/metrics` that counts them.',
    from: ours,
  }),
  cacheMisses: defaulted(k.line, 'cache_requests_total{result="miss"}', {
    means: 'The series of `/metrics` that counts the others.',
    from: ours,
  }),
});
