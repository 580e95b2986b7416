/**
 * Every setting of the system: its name, kind, meaning, default and source. The reference in docs/configuration.md is
 * made from this file. Rules that need two settings stand in rules.ts.
 */
import type * as z from 'zod/mini';
import { EVICTION_POLICIES } from '../../components/redis/index.ts';
import { SMALLEST } from '../../components/postgres/index.ts';
import * as k from './kinds.ts';
import { comfort, defaulted, group, listed, optional, stated } from './setting.ts';

const ours = 'ours';

const cpuRange = (what: string) =>
  group({
    request: stated(k.cpu('10m', '64'), { means: `Processor time reserved for ${what}.`, from: 'GAP-7, ours' }),
    limit: stated(k.cpu('10m', '64'), {
      means: `Processor time above which ${what} is throttled.`,
      from: 'GAP-7, ours',
    }),
  });

const storage = (what: string, from: string) =>
  stated(k.size('64Mi', '16Ti'), {
    means: `Size of the volume of ${what}. Changing it later replaces the StatefulSet and leaves the volume as it is.`,
    from,
  });

const storageClass = optional(k.dnsLabel, {
  means: 'StorageClass of the volume. Left out: the default class of the cluster.',
  from: 'GAP-6, ours',
});

const bucket = (what: string, from: string) =>
  group({
    name: stated(k.bucketName, {
      means: `Bucket for ${what}. A new name is a new, empty bucket; the old one stays.`,
      from,
    }),
    anonymousDownload: stated(k.flag, {
      means: 'Whether anybody may download its objects without credentials. Needs `minio.allowAnonymous`.',
      from: 'A-STOR-2, CONF-11',
    }),
  });

/** A gate's patience, where a document states a part of it. */
const patience = (
  deadline: Parameters<typeof k.duration>[0],
  interval: Parameters<typeof k.duration>[0],
  from: string,
) =>
  comfort({
    deadline: defaulted(k.duration('1s', '1h'), deadline, {
      means: 'How long the gate asks before it stays shut.',
      from,
    }),
    interval: defaulted(k.duration('100ms', '5m'), interval, {
      means: 'How long it waits between two questions.',
      from,
    }),
  });

export const SETTINGS = group({
  stack: group({
    environment: stated(k.choice('local', 'staging', 'production'), {
      means: 'What the platform is for. `ENVIRONMENT` of the API, and part of what `/health` answers.',
      from: 'A-ENV-1, A-GATE-8',
    }),
    namespace: stated(k.dnsLabel, {
      means: 'Namespace that holds everything. Changing it replaces everything, data included.',
      from: ours,
    }),
    version: stated(k.version, { means: 'Version of the product: the tag of its image.', from: 'A-TOPO-1' }),
  }),
  cluster: group({
    identifier: stated(k.dnsLabel, {
      means:
        'A name for the cluster. Only another name means another cluster, on which everything is made anew; a changed kubeconfig does not.',
      from: ours,
    }),
    context: optional(k.line, {
      means: 'Context of the kubeconfig. Left out: its current one.',
      from: ours,
    }),
    podSecurityVersion: defaulted(
      k.text(/^v1\.\d{1,2}$/, 'a Kubernetes minor version like "v1.34"') as k.Kind<`v1.${number}`>,
      'v1.34',
      { means: 'Kubernetes version whose Pod Security `restricted` is enforced.', from: ours },
    ),
  }),
  network: group({
    apiHost: stated(k.hostName, { means: 'Where clients reach the API; stands in the outputs.', from: 'A-DNS-1' }),
    clients: listed(k.cidr, {
      means: 'Networks outside the cluster that may reach the API. Everyone else is refused.',
      from: 'A-HOST-6, GAP-4',
    }),
  }),
  postgres: group({
    timescaledb: stated(k.flag, {
      means: 'Whether the image holds TimescaleDB, which is then loaded and created.',
      from: 'A-TOPO-2, CONF-7',
    }),
    user: stated(k.sqlName, { means: 'The superuser. Read when the volume is new, and only then.', from: 'A-ENV-7' }),
    database: stated(k.sqlName, {
      means: 'The database. Read when the volume is new, and only then.',
      from: 'A-ENV-9',
    }),
    cpu: cpuRange('PostgreSQL'),
    memory: stated(k.size(SMALLEST, '1Ti'), {
      means:
        'Memory of the pod, reserved and limit. Buffers and working memory are computed from it. Changing it restarts PostgreSQL.',
      from: 'A-HOST-2',
    }),
    storage: storage('PostgreSQL', 'A-HOST-2, CONF-10'),
    storageClass,
    maxConnections: stated(k.whole(10, 5000), {
      means: 'Connections that PostgreSQL accepts. Changing it restarts PostgreSQL.',
      from: 'GAP-7, ours',
    }),
    reservedConnections: defaulted(k.whole(3, 100), 10, {
      means: 'Connections kept free of the API: migrations, gates, exporters, people.',
      from: ours,
    }),
    slowQueryMilliseconds: defaulted(k.whole(0, 600_000), 1000, {
      means: 'Statements that take longer are logged, in milliseconds.',
      from: 'A-DATA-2, ours',
    }),
    startDeadline: defaulted(k.duration('30s', '1h'), '5m', {
      means: 'How long the pod may take to become ready.',
      from: ours,
    }),
  }),
  redis: group({
    cpu: cpuRange('Redis'),
    memory: stated(k.size('32Mi', '1Ti'), { means: 'Memory of the pod, reserved and limit.', from: 'GAP-7, ours' }),
    maxMemory: stated(k.size('8Mi', '1Ti'), {
      means:
        'Memory for data. At most three quarters of `redis.memory`: rewriting the append-only file needs the rest.',
      from: 'GAP-7, ours',
    }),
    evictionPolicy: defaulted(k.choice(...EVICTION_POLICIES), 'allkeys-lru', {
      means: 'What is dropped when the memory for data is full.',
      from: 'A-TOPO-2 (caching), ours',
    }),
    storage: storage('Redis', 'GAP-6, ours'),
    storageClass,
    startDeadline: defaulted(k.duration('30s', '1h'), '5m', {
      means: 'How long the pod may take to become ready.',
      from: ours,
    }),
  }),
  minio: group({
    accessKey: stated(k.accessKey, {
      means: 'The root user. Changing it restarts MinIO and rolls the API.',
      from: 'A-ENV-17',
    }),
    cpu: cpuRange('MinIO'),
    memory: stated(k.size('128Mi', '1Ti'), { means: 'Memory of the pod, reserved and limit.', from: 'GAP-7, ours' }),
    storage: storage('MinIO', 'GAP-6, ours'),
    storageClass,
    allowAnonymous: defaulted(k.flag, false, {
      means: 'Whether any bucket may be public at all. A safety catch: a public bucket takes two settings.',
      from: 'CONF-11',
    }),
    buckets: group({
      documents: bucket('documents', 'A-ENV-20, A-STOR-1'),
      reports: bucket('reports', 'A-ENV-21, A-STOR-1'),
    }),
    startDeadline: defaulted(k.duration('30s', '1h'), '5m', {
      means: 'How long the pod may take to become ready.',
      from: ours,
    }),
  }),
  api: group({
    image: stated(k.imageRepository, {
      means:
        'Image without its tag. Without a registry it has to be on the nodes, which is asked before anything is made.',
      from: 'A-IMG-1',
    }),
    replicas: stated(k.whole(1, 100), { means: 'Pods of the API.', from: 'A-TOPO-6' }),
    cpu: cpuRange('one pod of the API'),
    memory: stated(k.size('64Mi', '1Ti'), { means: 'Memory of one pod, reserved and limit.', from: 'CONF-45' }),
    port: defaulted(k.port, 8000, { means: 'Port that the API listens on.', from: 'A-PORT-1, A-ENV-32' }),
    exposure: group({
      kind: stated(k.choice('none', 'nodePort', 'loadBalancer'), {
        means:
          'How clients outside the cluster reach the API: not at all, on a port of the nodes, or by a load balancer.',
        from: 'A-TOPO-7, CONF-34',
      }),
      port: stated(k.port, {
        means: 'Port that outside clients use. For `nodePort` from 30000 to 32767.',
        from: 'A-PORT-1',
      }),
    }),
    pool: group({
      size: stated(k.whole(1, 500), {
        means:
          'Connections to PostgreSQL that the image keeps in each pod. A fact about the image, which has no variable for it: weighed against `postgres.maxConnections`.',
        from: 'GAP-7, ours',
      }),
      overflow: stated(k.whole(0, 500), {
        means: 'Connections that the image may open in each pod beyond them; the same kind of fact.',
        from: 'GAP-7, ours',
      }),
    }),
    debug: defaulted(k.flag, false, { means: '`DEBUG`.', from: 'A-ENV-2, CONF-50' }),
    logLevel: defaulted(k.choice('DEBUG', 'INFO', 'WARNING', 'ERROR'), 'INFO', {
      means: '`LOG_LEVEL`.',
      from: 'A-ENV-3',
    }),
    redisDatabase: defaulted(k.whole(0, 15), 0, { means: '`REDIS_DB`.', from: 'A-ENV-14' }),
    secUserAgent: stated(k.line, { means: '`SEC_USER_AGENT`: how the SEC is told who asks.', from: 'A-ENV-24' }),
    externalSources: stated(k.choice('off', 'on'), {
      means:
        'Whether the API may use Alpha Vantage and NewsAPI. `on` needs the secrets alphaVantageApiKey and newsApiKey; `off` sets both variables to `disabled`.',
      from: 'A-ENV-22, A-ENV-23, A-CHK-3',
    }),
    tracing: group({
      enabled: stated(k.flag, { means: '`OTEL_TRACES_ENABLED`.', from: 'A-ENV-27' }),
      endpoint: defaulted(k.url, 'http://jaeger:4317', { means: '`OTEL_EXPORTER_OTLP_ENDPOINT`.', from: 'A-ENV-25' }),
      serviceName: stated(k.dnsLabel, { means: '`OTEL_SERVICE_NAME`.', from: 'A-ENV-26' }),
    }),
    sentryTracesSampleRate: defaulted(k.decimal(0, 1), 1, {
      means: '`SENTRY_TRACES_SAMPLE_RATE`, a share from 0 to 1.',
      from: 'A-ENV-30',
    }),
    corsOrigins: listed(k.origin, {
      means: '`CORS_ORIGINS`: the front ends that browsers may use it from.',
      from: 'A-ENV-33',
    }),
    rateLimitPerMinute: defaulted(k.whole(1, 1_000_000), 100, {
      means: '`RATE_LIMIT_PER_MINUTE`, requests of one client.',
      from: 'A-ENV-34',
    }),
    sessionTimeoutMinutes: defaulted(k.whole(1, 10_080), 120, {
      means: '`SESSION_TIMEOUT_MINUTES`.',
      from: 'A-ENV-35',
    }),
    rolloutDeadline: defaulted(k.duration('30s', '1h'), '180s', {
      means: 'How long a rollout may go without progress before it, and the update, has failed.',
      from: 'A-GATE-9',
    }),
    migrationDeadline: defaulted(k.duration('10s', '6h'), '10m', {
      means: 'How long the migration may take, attempts included.',
      from: ours,
    }),
    extraEnvironment: defaulted(
      k.faults,
      {},
      {
        means: 'Faults that a test switches on in the reference API, like `FAULT_SLOW`. Refused in production.',
        from: ours,
      },
    ),
  }),
  gates: comfort({
    database: patience('60s', '2s', 'A-MIG-1'),
    healthy: comfort({
      atLeast: defaulted(k.whole(1, 103), 4, { means: 'Pods that have to be ready.', from: 'A-GATE-9' }),
      deadline: defaulted(k.duration('1s', '1h'), '180s', {
        means: 'How long the gate asks before it stays shut.',
        from: 'A-GATE-9',
      }),
      interval: defaulted(k.duration('100ms', '5m'), '5s', {
        means: 'How long it waits between two questions.',
        from: 'A-GATE-9',
      }),
    }),
    endpoint: comfort({
      perTry: defaulted(k.duration('100ms', '5m'), '10s', { means: 'How long one answer may take.', from: 'A-GATE-1' }),
      deadline: defaulted(k.duration('1s', '1h'), '60s', {
        means: 'How long an endpoint check or smoke test asks before it stays shut.',
        from: 'GAP-10, ours',
      }),
      interval: defaulted(k.duration('100ms', '5m'), '1s', {
        means: 'How long it waits between two questions.',
        from: 'GAP-10, ours',
      }),
    }),
    restartWindow: defaulted(k.duration('1s', '1h'), '10m', {
      means: 'How long no container may restart at the end of an update.',
      from: 'A-OK-1',
    }),
  }),
});

/** All settings of a stack, checked and whole. */
export type Settings = z.output<typeof SETTINGS>;

/** Keys of their own, because only a whole key can be encrypted. All are given by `pulumi config set --secret`. */
export const SECRET_KEYS = {
  alphaVantageApiKey: {
    means: '`ALPHA_VANTAGE_API_KEY`. Needed when `api.externalSources` is `on`.',
    from: 'A-ENV-22',
  },
  newsApiKey: { means: '`NEWSAPI_KEY`. Needed when `api.externalSources` is `on`.', from: 'A-ENV-23' },
  sentryDsn: { means: '`SENTRY_DSN`. Left out: nothing is reported to Sentry.', from: 'A-ENV-28' },
} as const;

export type SecretKey = keyof typeof SECRET_KEYS;
