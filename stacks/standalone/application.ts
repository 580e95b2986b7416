/** The API, with everything it is told (A-ENV-1..35). */
import type { Output } from '@pulumi/pulumi';
import { apiContainer, type ApiSecrets, type ApiSettings } from '../../components/api/docker.ts';
import { MINIO_PORTS } from '../../components/minio/docker.ts';
import { REDIS_PORT } from '../../components/redis/docker.ts';
import type { Cache } from './cache.ts';
import type { Database } from './database.ts';
import type { Documents } from './documents.ts';
import { sized, type Host, type Led } from './host.ts';
import type { Schema } from './schema.ts';

export interface Stores extends Database {
  readonly redis: Cache;
  readonly minio: Documents;
}

/** What the API hears instead of a key while it may not use outside sources; it refuses an empty one. */
const DISABLED = 'disabled';

/** The proxy that leads to it, and where it reads to which container. */
export const PROXY = 'nginx';

export interface Application extends Led {
  /** The volume of the file that says which of its containers is live. */
  readonly upstreams: Output<string>;
}

/** An update starts the new container beside the old one, and leads the proxy over once it is well (A-DEP-1). */
export function application(host: Host, stores: Stores, schema: Schema): Application {
  const { extraEnvironment, startDeadline: deadline, watch, drain } = host.settings.api;
  const own = { name: 'api', image: host.product, ...sized(host.settings.api), extraEnvironment };
  const service = apiContainer({ ...own, settings: toldTo(host, stores), secrets: secretsFor(host, stores) });
  const after = [...schema.ready, ...stores.redis.ready, ...stores.minio.ready];
  const upstreams = host.volume('upstreams');
  const led = host.lead('api', service, {
    // The first is the one that nginx calls it in.
    networks: ['front', 'data', 'watch'],
    port: 'http',
    proxy: { container: PROXY, volume: upstreams },
    patience: { deadline, watch, drain },
    version: host.settings.stack.version,
    after,
  });
  return { ...led, upstreams };
}

function toldTo({ settings }: Host, { connection }: Stores): ApiSettings {
  const { stack, api, minio } = settings;
  return {
    ...api,
    environment: stack.environment,
    postgres: connection,
    redis: { host: 'redis', port: REDIS_PORT, database: api.redisDatabase },
    minio: {
      ...{ endpoint: `minio:${MINIO_PORTS.s3}`, accessKey: minio.accessKey, useSsl: false },
      ...{ documents: minio.buckets.documents.name, reports: minio.buckets.reports.name },
    },
    sentry: { environment: stack.environment, tracesSampleRate: api.sentryTracesSampleRate },
  };
}

const secretsFor = ({ generated, secrets, grafanaPassword }: Host, { password, redis, minio }: Stores): ApiSecrets => ({
  secretKey: generated('api-secret-key', 86),
  postgresPassword: password,
  redisPassword: redis.password,
  minioSecretKey: minio.secretKey,
  alphaVantageApiKey: secrets.alphaVantageApiKey ?? DISABLED,
  newsApiKey: secrets.newsApiKey ?? DISABLED,
  sentryDsn: secrets.sentryDsn ?? '',
  grafanaPassword,
});
