/** The thirteen services of one Docker host: their sizes, and what each is told (E-TOPO-1..4). */
import { SMALLEST } from '../../../components/postgres/docker.ts';
import { EVICTION_POLICIES } from '../../../components/redis/docker.ts';
import type { Bytes, Cpu } from '../../../components/core/index.ts';
import * as k from '../kinds.ts';
import { comfort, defaulted, group, stated } from '../setting.ts';
import { told } from './api.ts';
import { ours } from './common.ts';

/** Docker reserves nothing: what is stated is what a container may take at the most. */
const cpu = (what: string) =>
  stated(k.cpu('10m', '64'), { means: `Processor time above which ${what} is throttled.`, from: 'A-HOST-1, GAP-7' });
const memory = (what: string, least: Bytes = '16Mi') =>
  stated(k.size(least, '1Ti'), { means: `Memory above which ${what} is ended.`, from: 'A-HOST-1, GAP-7' });

/** A small service whose size hardly matters. */
const small = (what: string, limits: { readonly cpu: Cpu; readonly memory: Bytes }) => ({
  cpu: defaulted(k.cpu('10m', '64'), limits.cpu, {
    means: `Processor time above which ${what} is throttled.`,
    from: 'GAP-7, ours',
  }),
  memory: defaulted(k.size('16Mi', '1Ti'), limits.memory, {
    means: `Memory above which ${what} is ended.`,
    from: 'GAP-7, ours',
  }),
});

const startDeadline = defaulted(k.duration('10s', '1h'), '3m', {
  means: 'How long it may take to call itself healthy.',
  from: 'A-GATE-9',
});

export const postgres = group({
  user: stated(k.sqlName, { means: 'The superuser. Read when the volume is new, and only then.', from: 'A-ENV-7' }),
  database: stated(k.sqlName, {
    means: 'The database. Read when the volume is new, and only then.',
    from: 'A-ENV-9',
  }),
  timescaledb: defaulted(k.flag, true, {
    means: 'Whether the image holds TimescaleDB, which is then loaded and created.',
    from: 'E-TOPO-1, CONF-7',
  }),
  cpu: cpu('PostgreSQL'),
  memory: memory('PostgreSQL', SMALLEST),
  maxConnections: stated(k.whole(10, 5000), {
    means: 'Connections that PostgreSQL accepts. Changing it replaces the container.',
    from: 'GAP-7, ours',
  }),
  reservedConnections: defaulted(k.whole(3, 100), 10, {
    means: 'Connections kept free of the API: migrations, exporters, people.',
    from: ours,
  }),
  slowQueryMilliseconds: defaulted(k.whole(0, 600_000), 1000, {
    means: 'Statements that take longer are logged, in milliseconds.',
    from: 'A-DATA-2, ours',
  }),
  startDeadline: defaulted(k.duration('10s', '1h'), '60s', {
    means: 'How long it may take to answer, from when its container is there.',
    from: 'A-MIG-1',
  }),
});

export const redis = group({
  cpu: cpu('Redis'),
  memory: memory('Redis', '32Mi'),
  maxMemory: stated(k.size('8Mi', '1Ti'), {
    means: 'Memory for data. At most three quarters of `redis.memory`: rewriting the append-only file needs the rest.',
    from: 'GAP-7, ours',
  }),
  evictionPolicy: defaulted(k.choice(...EVICTION_POLICIES), 'allkeys-lru', {
    means: 'What is dropped when the memory for data is full.',
    from: 'A-TOPO-2 (caching), ours',
  }),
  startDeadline,
});

const bucket = (what: string, from: string) =>
  group({
    name: stated(k.bucketName, {
      means: `Bucket for ${what}. A new name is a new, empty bucket; the old one stays.`,
      from,
    }),
    anonymousDownload: stated(k.flag, {
      means: 'Whether anybody may download its objects without credentials.',
      from: 'A-STOR-2, CONF-11',
    }),
  });

export const minio = group({
  accessKey: stated(k.accessKey, {
    means: 'The root user, as which the API signs in. Changing it replaces the container.',
    from: 'A-ENV-17',
  }),
  cpu: cpu('MinIO'),
  memory: memory('MinIO', '128Mi'),
  buckets: group({
    documents: bucket('documents', 'A-ENV-20, A-STOR-1'),
    reports: bucket('reports', 'A-ENV-21, A-STOR-1'),
  }),
  startDeadline,
});

export const api = group({
  image: stated(k.imageRepository, {
    means: 'Image without its tag. Without a registry it has to be on the host.',
    from: 'A-IMG-1, A-IMG-4, E-TOPO-5',
  }),
  processes: defaulted(k.whole(1, 32), 1, {
    means: '`WEB_CONCURRENCY`: processes in the container. At most `api.pool.size`.',
    from: 'D-RES-3, ours',
  }),
  cpu: cpu('the API'),
  memory: memory('the API', '32Mi'),
  port: defaulted(k.port, 8000, { means: 'Port that the API listens on.', from: 'A-PORT-1, A-ENV-32' }),
  pool: group({
    size: stated(k.whole(1, 500), {
      means: '`DB_POOL_SIZE`: connections to PostgreSQL. While versions change, two containers hold theirs.',
      from: 'D-RES-4; the name is ours',
    }),
    overflow: stated(k.whole(0, 500), {
      means: '`DB_MAX_OVERFLOW`: connections that it may open beyond them.',
      from: 'D-RES-4; the name is ours',
    }),
  }),
  ...told,
  migrationDeadline: defaulted(k.duration('10s', '6h'), '15m', {
    means: 'How long the migration may take.',
    from: 'E-MIG-1, E-DEP-1',
  }),
  backup: defaulted(k.flag, true, {
    means: 'Whether the database is dumped before a migration, into a volume of the host, with its check sum.',
    from: 'E-DEP-3, E-BKP-1',
  }),
  watch: defaulted(k.duration('1s', '1h'), '15s', {
    means: 'How long a new container is watched under the requests of users before the old one goes.',
    from: 'A-DEP-1, GAP-10',
  }),
  drain: defaulted(k.duration('1s', '10m'), '30s', {
    means: 'How long the old container finishes what it has begun, after the switch to the new one.',
    from: 'A-DEP-1, ours',
  }),
  startDeadline,
  extraEnvironment: defaulted(
    k.faults,
    {},
    {
      means: 'Faults that a test switches on in the reference API, like `FAULT_SLOW`. Refused in production.',
      from: ours,
    },
  ),
});

export const nginx = comfort({
  cpu: defaulted(k.cpu('10m', '64'), '1', {
    means: 'Processor time above which nginx is throttled. One worker runs for each whole core.',
    from: 'GAP-7, ours',
  }),
  memory: defaulted(k.size('32Mi', '64Gi'), '256Mi', { means: 'Memory of nginx.', from: 'GAP-7, ours' }),
});

export const monitoring = comfort({
  every: defaulted(k.duration('1s', '5m'), '15s', {
    means: 'From one question of Prometheus to the next.',
    from: 'A-MON-1',
  }),
  keepFor: defaulted(k.duration('1h', '8760h'), '720h', { means: 'How long figures are kept.', from: 'D-MON-1, ours' }),
  space: defaulted(k.size('256Mi', '1Ti'), '10Gi', {
    means: 'What figures may take on the disk; four fifths of it are samples, and what is older goes first.',
    from: 'GAP-6, ours',
  }),
  targets: defaulted(k.whole(1, 50), 8, {
    means: 'Services that Prometheus must have found up at the end of an update.',
    from: 'E-SMOKE-25',
  }),
  prometheus: comfort(small('Prometheus', { cpu: '1', memory: '1Gi' })),
  grafana: comfort(small('Grafana', { cpu: '1', memory: '512Mi' })),
  jaeger: comfort(small('Jaeger', { cpu: '1', memory: '512Mi' })),
  alertmanager: comfort(small('Alertmanager', { cpu: '200m', memory: '128Mi' })),
  nodeExporter: comfort(small('node-exporter', { cpu: '200m', memory: '64Mi' })),
  cadvisor: comfort(small('cAdvisor', { cpu: '500m', memory: '256Mi' })),
  postgresExporter: comfort(small('the exporter of PostgreSQL', { cpu: '200m', memory: '64Mi' })),
  redisExporter: comfort(small('the exporter of Redis', { cpu: '200m', memory: '64Mi' })),
});

export const gates = comfort({
  deadline: defaulted(k.duration('1s', '1h'), '180s', {
    means: 'How long a gate asks before it stays shut.',
    from: 'A-GATE-9',
  }),
  perTry: defaulted(k.duration('100ms', '5m'), '10s', { means: 'How long one answer may take.', from: 'A-GATE-1' }),
});
