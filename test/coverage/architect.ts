/** Where each requirement of the Architect Dashboard API (system B) shows in the plans, and what is left to later or to others. */
import file from './architect-ids.json' with { type: 'json' };
import { counted, every, range, rows, secret, some, type Row } from './rows.ts';

const STAGING = 'architect-staging';
const BOTH = [STAGING, 'architect-production'];
const NAME = 'architect-api';
const CONTAINER = `spec.template.spec.containers[name=${NAME}]`;
const ENVIRONMENT = `Environment ${NAME}/${NAME}`;
const RELEASE = `Release ${NAME}-release`;

const balancer = (key: string): string => `metadata.annotations["service.beta.kubernetes.io/aws-load-balancer-${key}"]`;

const TOPOLOGY: readonly Row[] = [
  ...rows(
    BOTH,
    `Service ${NAME}`,
    ['B-TOPO-1', balancer('ssl-cert'), every(/^arn:aws:acm:/)],
    ['B-TOPO-1', balancer('ssl-ports'), 'https'],
    ['B-TOPO-1, B-GATE-6', balancer('healthcheck-path'), '/health'],
  ),
  ...rows(STAGING, `Service ${NAME}`, ['B-TOPO-6', balancer('scheme'), 'internal']),
  ...rows(STAGING, RELEASE, ['B-TOPO-2, B-TOPO-6, B-K8S-3', 'replicas', 3]),
  ...rows('architect-production', RELEASE, ['B-TOPO-7', 'replicas', 10]),
  ...rows(STAGING, 'StatefulSet postgres', ['B-TOPO-3, B-TOPO-6', 'spec.replicas', 2]),
  ...rows(STAGING, 'Service postgres-read', ['B-TOPO-3', 'spec.ports[name=sql].port', 5432]),
  ...rows(STAGING, 'StatefulSet redis', ['B-TOPO-4, B-TOPO-6', 'spec.replicas', 3]),
  ...rows('architect-production', 'StatefulSet redis', ['B-TOPO-7', 'spec.replicas', 10]),
  ...rows(
    BOTH,
    'ConfigMap redis-config-*',
    ['B-TOPO-4', 'data["redis.conf"]', some(/^appendonly yes$/m)],
    ['B-TOPO-4', 'data["redis.conf"]', some(/^cluster-enabled yes$/m)],
  ),
  ...rows(BOTH, 'Gate B-TOPO-4', ['B-TOPO-4', 'expect.contains', 'cluster_state:ok']),
  ...rows(STAGING, ENVIRONMENT, [
    'B-TOPO-8',
    'opened.JAEGER_ENDPOINT',
    some(/^http:\/\/staging-jaeger\.internal:14268\//),
  ]),
];

/** By reference, every one of them; what they say, where it can be looked at. */
const VARIABLES: readonly Row[] = [
  ...rows(
    STAGING,
    ENVIRONMENT,
    ['B-ENV-1', 'opened.HOST', '0.0.0.0'],
    ['B-ENV-2', 'opened.PORT', '8080'],
    // Said on the container too, which comes last.
    ['B-ENV-3', 'ENV', 'staging'],
    ['B-ENV-4', 'opened.DEBUG', 'false'],
    ['B-ENV-5', 'DATABASE_URL', secret],
    [
      'B-ENV-5, B-MIG-1',
      'opened.DATABASE_URL',
      every(/^postgres:\/\/architect:[^@]+@postgres:5432\/architect_staging\?sslmode=require$/),
    ],
    ['B-ENV-6', 'opened.DATABASE_MAX_CONNS', '100'],
    ['B-ENV-7', 'opened.DATABASE_IDLE_CONNS', '10'],
    // With a password, which B's has not: docs/decisions/architect.md.
    ['B-ENV-8', 'opened.REDIS_URL', every(/^redis:\/\/:[^@]+@redis:6379$/)],
    ['B-ENV-9', 'opened.REDIS_DB', '0'],
    ['B-ENV-10', 'opened.CACHE_TTL', '3600'],
    ['B-ENV-11', 'JWT_SECRET', secret],
    ['B-ENV-12', 'ENCRYPTION_KEY', secret],
    ['B-ENV-13', 'opened.SESSION_TIMEOUT', '3600'],
    ['B-ENV-14', 'opened.SESSION_COOKIE_SECURE', 'true'],
    ['B-ENV-15', 'opened.SESSION_COOKIE_HTTPONLY', 'true'],
    ['B-ENV-16', 'opened.PROMETHEUS_ENABLED', 'true'],
    ['B-ENV-17', 'opened.JAEGER_ENABLED', 'true'],
    ['B-ENV-18', 'opened.JAEGER_ENDPOINT', 'http://staging-jaeger.internal:14268/api/traces'],
    ['B-ENV-19', 'opened.LOG_LEVEL', 'info'],
    ['B-ENV-20', 'opened.LOG_FORMAT', 'json'],
    ['B-ENV-21', 'opened.SMTP_HOST', 'smtp.sendgrid.net'],
    ['B-ENV-22', 'opened.SMTP_PORT', '587'],
    ['B-ENV-23', 'SMTP_USER', secret],
    ['B-ENV-24', 'SMTP_PASSWORD', secret],
    ['B-ENV-25', 'SLACK_WEBHOOK_URL', secret],
    ['B-ENV-26', 'GITHUB_TOKEN', secret],
    ['B-ENV-27', 'opened.FEATURE_WEBHOOKS_ENABLED', 'true'],
    ['B-ENV-28', 'opened.FEATURE_INTEGRATIONS_ENABLED', 'true'],
    ['B-ENV-29', 'opened.FEATURE_AUTOPILOT_ENABLED', 'false'],
  ),
  ...rows(STAGING, 'ExternalSecret architect-kept', [
    'B-SEC-1, B-SEC-2',
    'spec.data.*.remoteRef.key',
    'architect/staging/config',
  ]),
  ...rows(STAGING, `Deployment ${NAME}`, ['B-SEC-3', `${CONTAINER}.envFrom.0.secretRef.name`, 'architect-secrets']),
  ...rows(STAGING, 'Secret architect-secrets', ['B-SEC-3', 'metadata.namespace', 'architect-staging']),
];

const PROBE = { httpGet: { path: '/health', port: 'http' } };

const MANIFEST: readonly Row[] = [
  ...rows(
    STAGING,
    `Deployment ${NAME}`,
    ['B-K8S-1', 'metadata.namespace', 'architect-staging'],
    ['B-K8S-2', 'metadata.labels.app', NAME],
    ['B-K8S-2', 'metadata.labels.environment', 'staging'],
    ['B-K8S-2', 'spec.template.metadata.labels.app', NAME],
    ['B-K8S-2', 'spec.template.metadata.labels.environment', 'staging'],
    ['B-K8S-2', 'spec.selector.matchLabels', { app: NAME }],
    ['B-K8S-3', 'spec.strategy', { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }],
    ['B-K8S-4, B-IMG-4', `${CONTAINER}.image`, 'staging-registry.example.com/architect-api:3.2.0'],
    ['B-K8S-4', `${CONTAINER}.imagePullPolicy`, 'IfNotPresent'],
    ['B-K8S-4', `${CONTAINER}.ports`, [{ name: 'http', containerPort: 8080 }]],
    [
      'B-K8S-5',
      `${CONTAINER}.livenessProbe`,
      { ...PROBE, initialDelaySeconds: 30, periodSeconds: 10, failureThreshold: 3 },
    ],
    [
      'B-K8S-6',
      `${CONTAINER}.readinessProbe`,
      { ...PROBE, initialDelaySeconds: 10, periodSeconds: 5, failureThreshold: 2 },
    ],
    ['B-K8S-7', `${CONTAINER}.securityContext.runAsNonRoot`, true],
    ['B-K8S-7', `${CONTAINER}.securityContext.readOnlyRootFilesystem`, true],
    ['B-RES-1', `${CONTAINER}.resources.requests.memory`, '256Mi'],
    ['B-RES-1', `${CONTAINER}.resources.requests.cpu`, '250m'],
    ['B-RES-1', `${CONTAINER}.resources.limits.memory`, '512Mi'],
    ['B-RES-1', `${CONTAINER}.resources.limits.cpu`, '500m'],
  ),
  ...rows(
    BOTH,
    `Service ${NAME}`,
    ['B-K8S-8', 'spec.type', 'LoadBalancer'],
    ['B-K8S-8', 'spec.ports', [{ name: 'https', port: 443, targetPort: 'http' }]],
    ['B-K8S-8', 'spec.selector', { app: NAME }],
  ),
];

const STEPS = 'spec.template.spec';
const DATABASE: readonly Row[] = [
  ...rows(
    BOTH,
    'Job architect-migrate',
    ['B-MIG-4', `${STEPS}.initContainers.0.args.0`, 'backup'],
    ['B-MIG-4', `${STEPS}.initContainers.0.args.1`, 'create'],
    ['B-MIG-2', `${STEPS}.initContainers.1.args`, ['migrate', '--direction', 'up']],
    ['B-MIG-3', `${STEPS}.containers.0.args`, ['migrate', 'status']],
  ),
  ...rows(BOTH, 'CronJob architect-migrate-sweep', [
    'B-BKP-1',
    'spec.jobTemplate.spec.template.spec.containers.0.command',
    some('+1440'),
  ]),
  ...rows(BOTH, 'Order', ['B-MIG-4', `ReleasePrepare ${NAME}-prepare before Job architect-migrate`, true]),
  ...rows(BOTH, 'Order', ['B-MIG-2', `Job architect-migrate before ${RELEASE}`, true]),
];

const PROOF: readonly Row[] = [
  ...rows(BOTH, 'Gate B-GATE-1', ['B-GATE-1', 'workloads', counted(1)]),
  ...rows(
    BOTH,
    'Gate B-GATE-3',
    ['B-GATE-2, B-GATE-3', 'path', '/health'],
    ['B-GATE-2', 'expect.status', 200],
    ['B-GATE-3', 'expect.json.status', 'healthy'],
    ['B-GATE-3', 'expect.json.components', { database: 'healthy', cache: 'healthy', external_services: 'healthy' }],
  ),
  ...rows(BOTH, 'RestartGate no-restarts', ['B-GATE-4', 'window', '10m']),
  ...rows(BOTH, 'Gate B-GATE-5', ['B-GATE-5', 'query', 'SELECT 1']),
  ...range('B-SMOKE', 1, 20).flatMap((id) =>
    rows(BOTH, 'ConfigMap smoke-code-*', [id, 'data["tests.ts"]', some(new RegExp(`id: '${id}',`))]),
  ),
  ...rows(BOTH, 'Order', ['B-SMOKE-1', `${RELEASE} before Job smoke`, true]),
];

export const ARCHITECT_TABLE: readonly Row[] = [...TOPOLOGY, ...VARIABLES, ...MANIFEST, ...DATABASE, ...PROOF];

export const ARCHITECT_LATER: Readonly<Record<string, readonly string[]>> = {
  'alerts, dashboards, logs and what monitoring asks come later': [
    ...['B-TOPO-5', 'B-MON-1', 'B-MON-2', 'B-MON-3', 'B-MON-5', 'B-LOG-1', 'B-VAL-4', 'B-VAL-5'],
    ...range('B-ALERT', 1, 4),
    ...range('B-DASH', 1, 4),
  ],
  'building the product’s image comes later, and load as a gate': [
    ...['B-IMG-3', 'B-IMG-5', 'B-VAL-2'],
    ...range('B-LOAD', 4, 7),
  ],
};

export const ARCHITECT_OUTSIDE: Readonly<Record<string, readonly string[]>> = {
  'the application’s own sources, which nobody here has': ['B-IMG-1'],
  'what people or the pipeline see to beforehand': ['B-CHK-1', 'B-CHK-2', 'B-BKP-3', 'B-IMG-2'],
  'test suites of the application': ['B-LOAD-1', 'B-LOAD-2', 'B-LOAD-3'],
  'the application’s own behaviour': ['B-VAL-1', 'B-VAL-3', 'B-MON-4'],
  'going back on demand, a verb for people: make rollback': ['B-RB-1', 'B-RB-2', 'B-BKP-2'],
};

/** Every requirement with its kind. */
export const ARCHITECT_REQUIREMENTS: Readonly<Record<string, string>> = file.ids;
