/** The API, with everything it is told (A-ENV-1..35). */
import { Api, type Exposure, type Replicas } from '../../components/api/index.ts';
import type { Minio } from '../../components/minio/index.ts';
import type { Redis } from '../../components/redis/index.ts';
import type { Settings } from '../config/schema.ts';
import type { Database } from './database.ts';
import type { Site } from './site.ts';

/** What the API hears instead of a key while it may not use outside sources; it refuses an empty one. */
const DISABLED = 'disabled';

export interface Stores extends Database {
  readonly redis: Redis;
  readonly minio: Minio;
}

export function application(site: Site, { postgres, connection, redis, minio }: Stores): Api {
  const { settings, secrets, common, provider, image, generated } = site;
  const { stack, api: wanted } = settings;
  const { documents, reports } = settings.minio.buckets;
  return new Api(
    'api',
    {
      ...common,
      ...{ version: stack.version, image, cpu: wanted.cpu, memory: wanted.memory },
      ...{
        replicas: replicas(settings),
        maxUnavailable: wanted.maxUnavailable,
        recommendations: wanted.recommendations,
      },
      ...{ exposure: exposed(settings), awsRoleArn: wanted.awsRoleArn },
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
}

/** A number, or the cluster's choice from that number on. */
const replicas = ({ api }: Settings): Replicas =>
  api.scaling === undefined ? api.replicas : { ...api.scaling, min: api.replicas };

/** A load balancer lets in the stated clients only, as the fence does behind it. */
function exposed({ api, network }: Settings): Exposure {
  const { kind, port } = api.exposure;
  return kind === 'loadBalancer' ? { kind, port, clients: network.clients } : { kind, port };
}
