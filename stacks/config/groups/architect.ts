/** What the Architect Dashboard API (system B) has of its own, beside what every system has. */
import { EVICTION_POLICIES } from '../../../components/redis/index.ts';
import { certificateArn, roleArn } from '../aws-kinds.ts';
import * as k from '../kinds.ts';
import { comfort, defaulted, group, optional, part, stated } from '../setting.ts';
import { loadBalancerController } from './addons.ts';
import { cpuRange, memoryRange, ours, storage, storageClass } from './common.ts';
import { managers } from './secrets.ts';

/** Ports, none twice. */
const portList: k.Kind<readonly number[]> = {
  wanted: 'a list of ports from 1 to 65535, none twice',
  accepts: (value): value is readonly number[] =>
    Array.isArray(value) && value.every((port) => k.port.accepts(port)) && new Set(value).size === value.length,
};

const feature = (variable: string, fallback: boolean, from: string) =>
  defaulted(k.flag, fallback, { means: `\`${variable}\`.`, from });

export const api = group({
  image: stated(k.imageRepository, {
    means:
      'Image without its tag. Without a registry it has to be on the nodes, which is asked before anything is made.',
    from: 'B-IMG-3, B-IMG-4, B-K8S-4',
  }),
  replicas: stated(k.whole(1, 100), {
    means: 'Instances. Each holds up to `api.connections.max` connections to the database.',
    from: 'B-TOPO-2, B-TOPO-7, B-K8S-3',
  }),
  cpu: cpuRange('each instance', 'B-RES-1'),
  memory: memoryRange('each instance', 'B-RES-1'),
  port: defaulted(k.port, 8080, { means: '`PORT`, and the port of the container.', from: 'B-ENV-2, B-K8S-4' }),
  balancer: part({
    scheme: defaulted(k.choice('internal', 'internet-facing'), 'internal', {
      means:
        'Whether the load balancer has addresses of the VPC only. Needs `addons.loadBalancerController`. Left out with its group: what the cluster makes of a load balancer, without TLS; only for `local`.',
      from: 'CONF-35, B-TOPO-6, B-TOPO-7',
    }),
    certificateArn: stated(certificateArn, {
      means: 'The certificate that the load balancer shows; TLS ends there, and the pods speak HTTP.',
      from: 'CONF-37, B-TOPO-1, B-CHK-2',
    }),
  }),
  awsRoleArn: optional(roleArn, { means: 'The role that the pods have at AWS. Left out: none.', from: ours }),
  debug: defaulted(k.flag, false, { means: '`DEBUG`.', from: 'B-ENV-4' }),
  logLevel: defaulted(k.choice('debug', 'info', 'warn', 'error'), 'info', {
    means: '`LOG_LEVEL`.',
    from: 'B-ENV-19',
  }),
  logFormat: defaulted(k.choice('json', 'text'), 'json', { means: '`LOG_FORMAT`.', from: 'B-ENV-20, B-LOG-1' }),
  connections: comfort({
    max: defaulted(k.whole(1, 1000), 100, {
      means: '`DATABASE_MAX_CONNS`: connections to PostgreSQL of one instance, at the most.',
      from: 'B-ENV-6',
    }),
    idle: defaulted(k.whole(0, 1000), 10, {
      means: '`DATABASE_IDLE_CONNS`: those that it keeps while it has nothing to ask.',
      from: 'B-ENV-7',
    }),
  }),
  cacheTtl: defaulted(k.whole(0, 2_592_000), 3600, {
    means: '`CACHE_TTL`: seconds that answers are cached.',
    from: 'B-ENV-10',
  }),
  session: comfort({
    timeout: defaulted(k.whole(60, 2_592_000), 3600, {
      means: '`SESSION_TIMEOUT`: seconds that a session lasts.',
      from: 'B-ENV-13',
    }),
    secure: defaulted(k.flag, true, { means: '`SESSION_COOKIE_SECURE`.', from: 'B-ENV-14' }),
    httpOnly: defaulted(k.flag, true, { means: '`SESSION_COOKIE_HTTPONLY`.', from: 'B-ENV-15' }),
  }),
  prometheus: defaulted(k.flag, true, { means: '`PROMETHEUS_ENABLED`.', from: 'B-ENV-16' }),
  jaeger: group({
    enabled: defaulted(k.flag, true, { means: '`JAEGER_ENABLED`.', from: 'B-ENV-17' }),
    endpoint: stated(k.url, {
      means: '`JAEGER_ENDPOINT`: the HTTP endpoint of the collector.',
      from: 'B-ENV-18, B-TOPO-8, CONF-28',
    }),
  }),
  smtp: comfort({
    host: defaulted(k.hostName, 'smtp.sendgrid.net', { means: '`SMTP_HOST`.', from: 'B-ENV-21' }),
    port: defaulted(k.port, 587, { means: '`SMTP_PORT`.', from: 'B-ENV-22' }),
  }),
  features: comfort({
    webhooks: feature('FEATURE_WEBHOOKS_ENABLED', true, 'B-ENV-27'),
    integrations: feature('FEATURE_INTEGRATIONS_ENABLED', true, 'B-ENV-28'),
    autopilot: feature('FEATURE_AUTOPILOT_ENABLED', false, 'B-ENV-29'),
  }),
  outside: comfort({
    cidrs: optional(k.cidr, {
      means:
        'Network of the services outside that instances talk to: mail, Slack, GitHub, the trace collector. Left out: none is reached.',
      from: 'B-ENV-18, B-ENV-21, B-ENV-25, GAP-4',
    }),
    ports: defaulted(portList, [443, 587, 14_268], {
      means: 'Ports of those services.',
      from: 'B-ENV-18, B-ENV-22, GAP-4',
    }),
  }),
});

export const redis = group({
  masters: defaulted(k.whole(3, 50), 3, {
    means: 'Nodes of the cluster that share the keys out among themselves. Fixed once there are data.',
    from: 'B-TOPO-4, B-TOPO-6, B-TOPO-7, CONF-4',
  }),
  replicasPerMaster: defaulted(k.whole(0, 3), 0, {
    means:
      'Nodes that take over from a lost master. Without any, a lost node’s share of the keys is away until it is back. Fixed once there are data.',
    from: 'B-TOPO-4, ours',
  }),
  nodeTimeout: defaulted(k.duration('1s', '1m'), '5s', {
    means: 'How long a node may not answer before the others count it as lost.',
    from: ours,
  }),
  cpu: cpuRange('each node of Redis'),
  memory: stated(k.size('32Mi', '1Ti'), { means: 'Memory of each node, reserved and limit.', from: 'GAP-7, ours' }),
  maxMemory: stated(k.size('8Mi', '1Ti'), {
    means: 'Memory for data of each node. At most three quarters of `redis.memory`.',
    from: 'GAP-7, ours',
  }),
  evictionPolicy: defaulted(k.choice(...EVICTION_POLICIES), 'volatile-lru', {
    means: 'What is dropped when the memory for data is full. Sessions live here: only what ends anyway may go.',
    from: 'CONF-5, ours',
  }),
  storage: storage('each node of Redis, for its append-only file', 'B-TOPO-4, GAP-6, ours'),
  storageClass,
  startDeadline: defaulted(k.duration('30s', '1h'), '5m', {
    means: 'How long a node may take to become ready.',
    from: ours,
  }),
});

/** The add-ons that this system relies on. */
export const addons = comfort({
  certManager: defaulted(k.choice('present', 'install'), 'present', {
    means: 'Whether cert-manager is installed, in a namespace of its own, or is there already.',
    from: 'CONF-33, D-K8S-11',
  }),
  externalSecrets: defaulted(k.choice('present', 'install'), 'present', {
    means: 'Whether the External Secrets Operator is installed, or is there already where `kept.source` needs it.',
    from: 'B-SEC-1, B-SEC-2, D-K8S-5',
  }),
  loadBalancerController,
  size: comfort({
    replicas: defaulted(k.whole(1, 5), 1, { means: 'Pods of each program of the add-ons.', from: ours }),
    cpu: comfort({
      request: defaulted(k.cpu('5m', '4'), '20m', { means: 'Processor time reserved for each pod.', from: ours }),
      limit: defaulted(k.cpu('50m', '8'), '500m', {
        means: 'Processor time above which a pod is throttled.',
        from: ours,
      }),
    }),
    memory: defaulted(k.size('64Mi', '8Gi'), '192Mi', { means: 'Memory of each pod, reserved and limit.', from: ours }),
  }),
  startDeadline: defaulted(k.duration('30s', '1h'), '5m', {
    means: 'How long a program of an add-on may take to become ready.',
    from: ours,
  }),
});

export const kept = comfort({
  source: defaulted(k.choice('generated', 'external'), 'external', {
    means:
      'Where `JWT_SECRET`, `ENCRYPTION_KEY`, `SMTP_USER`, `SMTP_PASSWORD`, `SLACK_WEBHOOK_URL` and `GITHUB_TOKEN` come from: from an entry of a secrets manager, which the program never sees, or made up, for `local`. Changing it is a release.',
    from: 'B-SEC-1, B-SEC-2, B-ENV-11, B-ENV-12, B-ENV-23..26, CONF-30',
  }),
  entry: optional(k.text(/^[a-z0-9-]+(\/[a-z0-9-]+)*$/, 'the name of an entry, like "architect/staging/config"'), {
    means: 'The entry, JSON with a field for each variable. Left out: `architect/<environment>/config`.',
    from: 'B-SEC-1, B-SEC-2, CONF-31',
  }),
  every: defaulted(k.duration('1m', '24h'), '1h', {
    means: 'How often the manager is asked. A rotated value comes that late, and pods read it when they start.',
    from: 'GAP-9, ours',
  }),
  ...managers,
});

const span = (fallback: Parameters<typeof k.duration>[0], means: string, from = 'GAP-10, ours') =>
  defaulted(k.duration('1s', '1h'), fallback, { means, from });

export const release = comfort({
  strategy: defaulted(k.choice('rolling', 'blueGreen'), 'rolling', {
    means:
      '`rolling` replaces pods one by one under watch, in the Deployment that B names. `blueGreen` starts as many beside them, in two Deployments, `architect-api-blue` and `architect-api-green`. Decided before the first update.',
    from: 'B-K8S-2, B-K8S-3, CONF-15',
  }),
  window: span('30s', 'How long all of the traffic is judged on a new side.'),
  candidate: span('20s', 'How long pods of a new side are judged before they get traffic.'),
  soak: span('30s', 'How long a new version is judged with all of the traffic before it counts as live.'),
  keepFor: span('10m', 'How long the replaced side goes on: until then, going back takes seconds.'),
  ready: span('180s', 'How long pods of a new version may take to become ready.'),
  deadline: span('9m', 'How long a release may take in all, before it is undone.'),
  tolerance: defaulted(k.duration('1ms', '10s'), '20ms', {
    means: 'A difference of latencies that is never too much.',
    from: 'GAP-15, ours',
  }),
  backups: comfort({
    keep: defaulted(k.duration('1h', '8760h'), '24h', {
      means: 'How long the copy of the database that is made before each release is kept.',
      from: 'B-BKP-1, CONF-17',
    }),
    storage: defaulted(k.size('64Mi', '16Ti'), '10Gi', { means: 'Size of the volume with these copies.', from: ours }),
    storageClass,
    deadline: span('10m', 'How long copying, migrating and the proof may take together.', 'CONF-20, ours'),
  }),
  approvals: optional(k.roles, {
    means:
      'Roles that have to sign before a release begins: docs/runbooks/approve-a-release.md. Left out: nobody is asked.',
    from: 'B-SIGN-1, CONF-47',
  }),
  attempt: defaulted(k.whole(1, 1000), 1, {
    means: 'Raised by one, a version that was rejected is tried again.',
    from: ours,
  }),
});

export const smoke = group({
  cpu: cpuRange('the smoke tests'),
  memory: memoryRange('the smoke tests'),
  deadline: defaulted(k.duration('10s', '1h'), '3m', {
    means: 'How long the 20 tests may take, a second attempt included.',
    from: 'B-SMOKE-1..20, ours',
  }),
});
