/** The API, with everything it is told (A-ENV-1..35), and the workers, which are told the same (D-HELM-7). */
import { getStack, type Resource } from '@pulumi/pulumi';
import {
  Api,
  type ApiSecrets,
  type ApiSettings,
  type Exposure,
  type Releases,
  type Replicas,
} from '../../components/api/index.ts';
import { milliseconds } from '../../components/core/index.ts';
import type { Minio } from '../../components/minio/index.ts';
import type { RabbitMq } from '../../components/rabbitmq/index.ts';
import type { Redis } from '../../components/redis/index.ts';
import { REPORTS, RULES, type AnalysisRules, type ReleasePrepare } from '../../components/release/index.ts';
import { Worker, type QueueScaling } from '../../components/worker/index.ts';
import type { Settings } from '../config/systems/corporate-intelligence.ts';
import type { InsideCertificates } from './certificates.ts';
import { judgedByUsers } from './figures.ts';
import type { Database } from './database.ts';
import type { Schema } from './schema.ts';
import type { OutsideSecrets } from './secrets.ts';
import type { Site } from './site.ts';

export interface Stores extends Database {
  readonly redis: Redis;
  readonly minio: Minio;
  /** Where work is left for the workers, in the shape that has them. */
  readonly rabbitmq?: RabbitMq | undefined;
  /** The servers that speak TLS, each with the Secret that has its certificate. Left out: none does. */
  readonly tls?: InsideCertificates['tls'] | undefined;
}

export interface Application {
  readonly api: Api;
  readonly worker: Worker | undefined;
  readonly schema: Schema;
}

/**
 * @param before what adds and takes pods away, where it is installed, and what releases are judged by
 * @param migrated keeps what there is and makes the schema what the new version wants, once the API is at rest
 */
export function application(
  site: Site,
  stores: Stores,
  outside: OutsideSecrets,
  before: readonly Resource[],
  migrated: (prepared: ReleasePrepare) => Schema,
): Application {
  const { settings, common, provider, image } = site;
  const { stack, api: wanted, workers } = settings;
  const { redis, minio, rabbitmq, tls = {} } = stores;
  const told = { settings: toldTo(settings, stores), secrets: secretsFor(site, stores, outside) };
  const both = {
    ...{ ...common, ...told, version: stack.version, image, awsRoleArn: wanted.awsRoleArn },
    // One authority signs them all; any of its Secrets holds it.
    ...{ tls: Object.values(tls)[0], extraEnvironment: wanted.extraEnvironment },
  };
  const after = [redis, minio, ...outside.ready, ...before];
  let schema: Schema | undefined;
  const between = (prepared: ReleasePrepare): readonly Resource[] => (schema = migrated(prepared)).ready;
  const api = new Api(
    'api',
    {
      ...both,
      ...{ cpu: wanted.cpu, memory: wanted.memory, exposure: exposed(settings) },
      ...{ replicas: replicas(settings), maxUnavailable: wanted.maxUnavailable },
      ...{ recommendations: wanted.recommendations, releases: releases(site, between) },
    },
    { provider, dependsOn: after },
  );
  const { broker } = told.settings;
  if (workers === undefined || broker === undefined || rabbitmq === undefined) {
    return { api, worker: undefined, schema: schema! };
  }
  const { scaling, queue: _queue, ...shape } = workers;
  const worker = new Worker(
    'worker',
    {
      ...{ ...both, ...shape, settings: { ...told.settings, broker } },
      replicas:
        scaling === undefined ? workers.replicas : ({ ...scaling, min: workers.replicas } satisfies QueueScaling),
    },
    // Behind the release of the API: a version that was rejected runs nowhere, and the workers of the old one go on.
    { provider, dependsOn: [...after, rabbitmq, api] },
  );
  return { api, worker, schema: schema! };
}

function toldTo(settings: Settings, { connection, redis, minio, rabbitmq, tls = {} }: Stores): ApiSettings {
  const { stack, api: wanted, workers } = settings;
  const { documents, reports } = settings.minio.buckets;
  return {
    ...wanted,
    environment: stack.environment,
    postgres: connection,
    redis: { host: 'redis', port: redis.port, database: wanted.redisDatabase, tls: tls.redis !== undefined },
    minio: {
      ...{ endpoint: `minio:${minio.port}`, accessKey: minio.login.accessKey, useSsl: tls.minio !== undefined },
      ...{ documents: documents.name, reports: reports.name },
    },
    sentry: { environment: stack.environment, tracesSampleRate: wanted.sentryTracesSampleRate },
    broker:
      rabbitmq && workers
        ? {
            ...{ host: `rabbitmq.${stack.namespace}.svc`, port: rabbitmq.port, tls: tls.rabbitmq !== undefined },
            ...{ vhost: rabbitmq.vhost, user: rabbitmq.user, queue: workers.queue },
          }
        : undefined,
  };
}

const secretsFor = (
  { generated }: Site,
  { postgres, redis, minio, rabbitmq }: Stores,
  outside: OutsideSecrets,
): ApiSecrets => ({
  secretKey: generated('api-secret-key', 86),
  postgresPassword: postgres.password,
  redisPassword: redis.password,
  minioSecretKey: minio.login.secretKey,
  brokerPassword: rabbitmq?.password,
  ...outside.told,
  grafanaPassword: generated('grafana-password', 32),
});

/** How versions come to their traffic, as the stack says. Who divides it is whoever lets clients in. */
function releases({ settings, cluster, images }: Site, between: NonNullable<Releases['between']>): Releases {
  const { strategy, steps, window, attempt, analysis, backup: _before, approvals: roles, ...timing } = settings.release;
  const stack = getStack();
  const { prometheus, metrics } = judgedByUsers(settings);
  return {
    ...{ cluster, timing, attempt, between, runner: { image: images.node } },
    way: { strategy, window, driver: settings.edge.kind === 'nginx' ? 'nginx' : 'service', ...(steps && { steps }) },
    reports: { folder: REPORTS, stack },
    ...(prometheus && { prometheus }),
    ...(roles && { approvals: { folder: 'approvals', stack, roles } }),
    analysis: judged(analysis, metrics),
  };
}

/** By what a version on trial is found good or bad. */
function judged(
  { errors, slower, tolerance, inRow, hold, freshness, restarts, counts }: Settings['release']['analysis'],
  metrics: AnalysisRules['metrics'],
): NonNullable<Releases['analysis']> {
  const { answers, failures, recent, compared, database, readings } = counts;
  return {
    ...{ hold: milliseconds(hold), freshness: milliseconds(freshness), health: { inRow } },
    errors: { most: errors / 100, minimum: answers, fewest: failures, recent },
    latency: { ...RULES.latency!, ratio: 1 + slower / 100, tolerance: milliseconds(tolerance), minimum: compared },
    database: { inRow, minimum: database },
    restarts: { most: restarts },
    metrics: { ...metrics, inRow: readings },
  };
}

/** A number, or the cluster's choice from that number on. */
const replicas = ({ api }: Settings): Replicas =>
  api.scaling === undefined ? api.replicas : { ...api.scaling, min: api.replicas };

/** A load balancer lets in the stated clients only, as the fence does behind it. */
function exposed({ api, network }: Settings): Exposure {
  const { kind, port } = api.exposure;
  return kind === 'loadBalancer' ? { kind, port, clients: network.clients } : { kind, port };
}
