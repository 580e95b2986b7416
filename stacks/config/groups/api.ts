/** The API: its image, its size, its settings. */
import * as aws from '../aws-kinds.ts';
import * as k from '../kinds.ts';
import { defaulted, group, listed, optional, part, stated } from '../setting.ts';
import { cpuRange, memoryRange, ours, scaleDown, share } from './common.ts';

const scaling = part({
  max: stated(k.whole(2, 200), {
    means: 'Pods at the most; `api.replicas` are the fewest. Each holds its connections to the database.',
    from: 'D-HPA-2, CONF-2, CONF-3',
  }),
  cpu: defaulted(k.whole(1, 100), 70, {
    means: 'Processor time in use above which pods are added, in percent of `api.cpu.request`, averaged.',
    from: 'D-HPA-3',
  }),
  memory: defaulted(k.whole(1, 100), 80, {
    means: 'Memory in use above which pods are added, in percent of `api.memory.request`, averaged.',
    from: 'D-HPA-3',
  }),
  requestsPerSecond: optional(k.whole(1, 1_000_000), {
    means:
      'Requests a second and pod above which pods are added. Needs prometheus-adapter and the Prometheus it asks: with a metric that nobody serves, no pod is ever taken away. Left out: not asked.',
    from: 'D-HPA-3; per pod is ours, GAP-3',
  }),
  down: scaleDown,
});

/** What the API is told, wherever it runs. */
export const told = {
  debug: defaulted(k.flag, false, { means: '`DEBUG`.', from: 'A-ENV-2, CONF-50' }),
  logLevel: defaulted(k.choice('DEBUG', 'INFO', 'WARNING', 'ERROR'), 'INFO', {
    means: '`LOG_LEVEL`.',
    from: 'A-ENV-3',
  }),
  redisDatabase: defaulted(k.whole(0, 15), 0, { means: '`REDIS_DB`.', from: 'A-ENV-14' }),
  secUserAgent: stated(k.line, { means: '`SEC_USER_AGENT`: how the SEC is told who asks.', from: 'A-ENV-24' }),
  externalSources: stated(k.choice('off', 'on'), {
    means:
      'Whether the API may use Alpha Vantage and NewsAPI. `on` needs the secrets alphaVantageApiKey and newsApiKey, or the fields that `secrets.source` names; `off` sets both variables to `disabled`.',
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
};

export const api = group({
  image: stated(k.imageRepository, {
    means:
      'Image without its tag. Without a registry it has to be on the nodes, which is asked before anything is made.',
    from: 'A-IMG-1',
  }),
  replicas: stated(k.whole(1, 100), {
    means: 'Pods of the API; with `api.scaling`, the fewest.',
    from: 'A-TOPO-6, D-HPA-1, D-HPA-2',
  }),
  scaling,
  maxUnavailable: optional(share, {
    means:
      'Pods that may be missing while nodes are drained: a number, or a share like "25%", rounded up. Left out: as many as the drain takes.',
    from: 'D-K8S-9; the number is ours, GAP-3',
  }),
  recommendations: defaulted(k.flag, false, {
    means: 'Whether the cluster recommends a size for the pods; nobody acts on it. Needs the VerticalPodAutoscaler.',
    from: 'D-HPA-5',
  }),
  processes: defaulted(k.whole(1, 32), 1, {
    means:
      '`WEB_CONCURRENCY`: processes in each pod, which share its memory and its connections. At most `api.pool.size`.',
    from: 'D-RES-3',
  }),
  cpu: cpuRange('one pod of the API', 'D-RES-1, D-RES-2, CONF-45'),
  memory: memoryRange('one pod of the API', 'D-RES-1, D-RES-2, CONF-45'),
  awsRoleArn: optional(aws.roleArn, {
    means: 'Role at AWS that the pods of the API and the workers have. Left out: none.',
    from: 'D-K8S-6',
  }),
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
        '`DB_POOL_SIZE`: connections to PostgreSQL that each pod keeps. Weighed against `postgres.maxConnections`.',
      from: 'D-RES-4; the name is ours',
    }),
    overflow: stated(k.whole(0, 500), {
      means: '`DB_MAX_OVERFLOW`: connections that each pod may open beyond them.',
      from: 'D-RES-4; the name is ours',
    }),
  }),
  ...told,
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
});
