/**
 * The Corporate Intelligence Platform (system A), from top to bottom: what runs, who may talk to whom, and what has to be
 * proven before the next thing starts (A-DEP-2). Each group waits for the gates of the one before it.
 */
import { Provider } from '@pulumi/kubernetes/provider.js';
import { RandomPassword } from '@pulumi/random/randomPassword.js';
import { Api, Migration, type Exposure } from '../components/api/index.ts';
import { selector } from '../components/core/index.ts';
import { Guard, type Place } from '../components/guard/index.ts';
import { Bucket, Minio } from '../components/minio/index.ts';
import { Postgres } from '../components/postgres/index.ts';
import { Redis } from '../components/redis/index.ts';
import { endpointChecks, MIGRATED, smokeTests } from './checks.ts';
import type { Configuration } from './config/load.ts';
import type { Settings } from './config/schema.ts';
import { Gatekeeper } from './gates.ts';
import { apiImage, IMAGES, isLocalOnly } from './images.ts';
import { CONTRACT_VERSION, endpoint, verdicts, type Outputs } from './outputs.ts';

const PART_OF = 'corporate-intel';
/** What the API hears instead of a key while it may not use outside sources; it refuses an empty one. */
const DISABLED = 'disabled';

export function corporateIntelligence({ settings, secrets }: Configuration): Outputs {
  const { stack, network, api: wanted } = settings;
  const { namespace, version } = stack;
  const { documents, reports } = settings.minio.buckets;
  const { context } = settings.cluster;
  const cluster = { ...(context !== undefined && { context }) };
  const gates = new Gatekeeper(settings);

  const provider = new Provider('cluster', {
    ...cluster,
    // Empty means the ambient one. Left out, the SDK would put this machine's KUBECONFIG into the state.
    kubeconfig: '',
    // Only another identifier is another cluster; a renewed kubeconfig is not.
    clusterIdentifier: settings.cluster.identifier,
    kubeClientSettings: { qps: 2000, burst: 4000 },
    enableSecretMutable: true,
    // An update that was killed may have made what its state does not hold; the next one takes it over.
    upsertExistingObjects: true,
  });

  // Can the cluster have the image at all? An image of a registry is the cluster's own business.
  const image = apiImage(wanted.image, version);
  const present = isLocalOnly(image) ? [gates.images('images', [image.reference])] : [];

  // The fence: everything is closed but these.
  const guard = new Guard(
    'guard',
    {
      namespace,
      partOf: PART_OF,
      podSecurityVersion: settings.cluster.podSecurityVersion,
      places: {
        ...{ api: pods('api'), migrate: pods('migrate') },
        ...{ postgres: pods('postgres'), redis: pods('redis'), minio: pods('minio') },
        dns: { namespace: 'kube-system', pods: { 'k8s-app': 'kube-dns' } },
        clients: { cidrs: network.clients },
      },
      edges: [
        { from: 'migrate', to: 'dns', port: 53, protocols: ['TCP', 'UDP'] },
        { from: 'migrate', to: 'postgres', port: 5432 },
        { from: 'api', to: 'dns', port: 53, protocols: ['TCP', 'UDP'] },
        { from: 'api', to: 'postgres', port: 5432 },
        { from: 'api', to: 'redis', port: 6379 },
        { from: 'api', to: 'minio', port: 9000 },
        ...(wanted.exposure.kind === 'none' ? [] : [{ from: 'clients', to: 'api', port: wanted.port } as const]),
      ],
    },
    { provider, dependsOn: present },
  );
  const generated = (name: string, length: number) =>
    new RandomPassword(name, { length, special: false }, { dependsOn: present }).result;
  const common = { namespace, partOf: PART_OF, fingerprintKey: generated('fingerprint-key', 32) };

  // The database, first and alone, ready within 60 s.
  const postgres = new Postgres(
    'postgres',
    { ...settings.postgres, ...common, image: settings.postgres.timescaledb ? IMAGES.timescaledb : IMAGES.postgres },
    { provider, dependsOn: guard },
  );
  const answering = gates.sql(
    'database-ready',
    postgres,
    {
      requirement: 'A-MIG-1, A-GATE-5',
      query: 'SELECT 1',
      expect: { equals: 1 },
      patience: { ...settings.gates.database, failureLimit: 'none' },
    },
    [postgres],
  );
  const known = gates.sql(
    'database-version',
    postgres,
    { requirement: 'A-GATE-10', query: 'SELECT version()', expect: { rows: 1 } },
    [answering],
  );

  // Its schema, and the proof of it, asked again after each migration.
  const { user, database } = settings.postgres;
  const connection = { host: 'postgres', port: postgres.port, user, database };
  const migration = new Migration(
    'migrate',
    {
      ...{ namespace, partOf: PART_OF, version, image },
      ...{ postgres: connection, password: postgres.password },
      ...{ cpu: wanted.cpu, memory: wanted.memory, deadline: wanted.migrationDeadline },
      extraEnvironment: wanted.extraEnvironment,
    },
    { provider, dependsOn: [answering, known] },
  );
  const migrated = Object.entries(MIGRATED).map(([name, ask]) =>
    gates.sql(name, postgres, ask, [migration], migration.content),
  );

  // Cache and documents.
  const next = { provider, dependsOn: migrated };
  const redis = new Redis('redis', { ...settings.redis, ...common, image: IMAGES.redis }, next);
  const minio = new Minio('minio', { ...settings.minio, ...common, image: IMAGES.minio }, next);

  // The API.
  const { exposure } = wanted;
  const api = new Api(
    'api',
    {
      ...common,
      ...{ version, image, replicas: wanted.replicas, cpu: wanted.cpu, memory: wanted.memory },
      exposure: exposed(settings),
      settings: {
        ...wanted,
        environment: stack.environment,
        postgres: connection,
        redis: { host: 'redis', port: redis.port, database: wanted.redisDatabase },
        minio: {
          ...{ endpoint: `minio:${minio.port}`, accessKey: settings.minio.accessKey, useSsl: false },
          ...{ documents: documents.name, reports: reports.name },
        },
        sentry: { environment: stack.environment, tracesSampleRate: wanted.sentryTracesSampleRate },
      },
      secrets: {
        secretKey: generated('api-secret-key', 86),
        postgresPassword: postgres.password,
        redisPassword: redis.password,
        minioSecretKey: minio.secretKey,
        alphaVantageApiKey: secrets.alphaVantageApiKey ?? DISABLED,
        newsApiKey: secrets.newsApiKey ?? DISABLED,
        sentryDsn: secrets.sentryDsn ?? '',
        grafanaPassword: generated('grafana-password', 32),
      },
      ...{ extraEnvironment: wanted.extraEnvironment, rolloutDeadline: wanted.rolloutDeadline },
    },
    { provider, dependsOn: [redis, minio] },
  );
  const parts = [postgres, redis, minio, api];
  const healthy = gates.healthy('healthy', parts, [api]);

  // The buckets (A-STOR-1, A-STOR-2).
  const buckets = [documents, reports].map(
    ({ name, anonymousDownload }) =>
      new Bucket(
        `bucket-${name}`,
        {
          ...{ cluster, subject: minio.subject, target: { workload: minio.workload, port: minio.port } },
          ...{ accessKey: minio.accessKeyRef, secretKey: minio.secretKeyRef },
          ...{ bucket: name, anonymousDownload },
        },
        { dependsOn: healthy },
      ),
  );

  // What has to answer: A's health checks, then its smoke tests; and then nothing restarts.
  const checked = [
    ...Object.entries(endpointChecks(settings)).map(([name, ask]) => gates.http(name, api, ask, buckets)),
    gates.redis('redis-ping', redis, { requirement: 'A-GATE-6', command: 'PING', expect: { reply: 'PONG' } }, buckets),
    gates.s3(
      'buckets',
      minio,
      { requirement: 'A-GATE-7, A-STOR-4', live: true, buckets: [documents, reports] },
      buckets,
    ),
  ];
  const smoke = smokeTests(settings);
  const smoked = [
    ...Object.entries(smoke.http).map(([name, ask]) => gates.http(name, api, ask, checked)),
    ...Object.entries(smoke.sql).map(([name, ask]) => gates.sql(name, postgres, ask, checked)),
    ...Object.entries(smoke.redis).map(([name, ask]) => gates.redis(name, redis, ask, checked)),
    ...Object.entries(smoke.s3).map(([name, ask]) => gates.s3(name, minio, ask, checked)),
  ];
  gates.noRestarts('no-restarts', parts, smoked);

  const inside = (scheme: string, name: string, port: number) => endpoint(scheme, `${name}.${namespace}.svc`, port);
  return {
    contractVersion: CONTRACT_VERSION,
    environment: stack.environment,
    namespace,
    endpoints: {
      api: exposure.kind === 'none' ? null : endpoint('http', network.apiHost, exposure.port),
      apiInside: inside('http', 'api', api.port),
      postgresInside: inside('postgresql', 'postgres', postgres.port),
      redisInside: inside('redis', 'redis', redis.port),
      minioInside: inside('http', 'minio', minio.port),
    },
    running: { version, image: image.reference },
    buckets: { documents: documents.name, reports: reports.name },
    secrets: {
      postgresPassword: postgres.passwordRef,
      redisPassword: redis.passwordRef,
      minioAccessKey: minio.accessKeyRef,
      minioSecretKey: minio.secretKeyRef,
    },
    gates: verdicts(gates.all),
  };
}

/** The pods of a component that is there once, under its own name. */
const pods = (name: string): Place => ({ pods: selector({ component: name, instance: name }) });

/** A load balancer lets in the stated clients only, as the fence does behind it. */
function exposed({ api, network }: Settings): Exposure {
  const { kind, port } = api.exposure;
  return kind === 'loadBalancer' ? { kind, port, clients: network.clients } : { kind, port };
}
