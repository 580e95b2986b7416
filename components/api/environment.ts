/**
 * The environment of the API's image out of typed settings: A's 35 variables (A-ENV-1..35), and those whose values D
 * states without naming them. Pure: what is secret never meets what is plain.
 */
import * as pulumi from '@pulumi/pulumi';

/** Where a pod finds the authority that signed the certificates of the servers it asks. */
export const CA_FOLDER = '/run/secrets/ca';
export const CA_FILE = `${CA_FOLDER}/ca.crt`;

/** A server behind a certificate of the platform's own authority, which is then checked, name and all. */
interface Server {
  readonly host: string;
  readonly port: number;
  /** @default false */
  readonly tls?: boolean | undefined;
}

/** RabbitMQ, by a name that is understood in every namespace: who scales the workers asks from another one. */
export interface Broker extends Server {
  /** The virtual host, `/` for the one that every RabbitMQ begins with. */
  readonly vhost: string;
  readonly user: string;
  /** The queue. A new name is a new, empty queue; what waits in the old one stays there. */
  readonly queue: string;
}

/** What the API is told that is no secret. */
export interface ApiSettings {
  readonly environment: string;
  readonly debug: boolean;
  readonly logLevel: string;
  readonly postgres: Server & {
    readonly user: string;
    readonly database: string;
    /** Where questions that change nothing may go instead: replicas, a moment behind. Left out: to the same server. */
    readonly read?: Pick<Server, 'host' | 'port'> | undefined;
  };
  readonly redis: Server & { readonly database: number };
  /** Where work is left for the workers (CONF-8). Left out: none is. */
  readonly broker?: Broker | undefined;
  /** Processes in each pod (D-RES-3). */
  readonly processes: number;
  /** Connections to PostgreSQL of a pod, shared out among its processes: kept, and opened beyond those (D-RES-4). */
  readonly pool: { readonly size: number; readonly overflow: number };
  readonly minio: {
    readonly endpoint: string;
    readonly accessKey: string;
    readonly useSsl: boolean;
    readonly documents: string;
    readonly reports: string;
  };
  readonly secUserAgent: string;
  readonly tracing: { readonly endpoint: string; readonly serviceName: string; readonly enabled: boolean };
  readonly sentry: { readonly environment: string; readonly tracesSampleRate: number };
  readonly port: number;
  readonly corsOrigins: readonly string[];
  readonly rateLimitPerMinute: number;
  readonly sessionTimeoutMinutes: number;
}

/** What the API is told that nobody else may read (A-SEC-1). An empty one switches off what needs it. */
export interface ApiSecrets {
  readonly secretKey: pulumi.Input<string>;
  readonly postgresPassword: pulumi.Input<string>;
  readonly redisPassword: pulumi.Input<string>;
  readonly minioSecretKey: pulumi.Input<string>;
  readonly alphaVantageApiKey?: pulumi.Input<string> | undefined;
  readonly newsApiKey?: pulumi.Input<string> | undefined;
  readonly sentryDsn?: pulumi.Input<string> | undefined;
  /**
   * A Secret that somebody else keeps. It holds, by the variables, those of the three above that are left out. Pods wait
   * for it, and read a changed value when they start.
   */
  readonly kept?: { readonly secretName: string } | undefined;
  readonly grafanaPassword: pulumi.Input<string>;
  /** Read where the settings name a broker. */
  readonly brokerPassword?: pulumi.Input<string> | undefined;
}

/** The variables of what comes from outside, whoever brings it (A-ENV-22, A-ENV-23, A-ENV-28). */
export const OUTSIDE = {
  alphaVantageApiKey: 'ALPHA_VANTAGE_API_KEY',
  newsApiKey: 'NEWSAPI_KEY',
  sentryDsn: 'SENTRY_DSN',
} as const;

/** Those of them that are given. */
function outside(secrets: ApiSecrets): Record<string, pulumi.Input<string>> {
  return Object.fromEntries(
    Object.entries(OUTSIDE).flatMap(([key, variable]) => {
      const value = secrets[key as keyof typeof OUTSIDE];
      if (value !== undefined) return [[variable, value]];
      if (secrets.kept === undefined) throw new Error(`no ${variable}: give secrets.${key} or secrets.kept`);
      return [];
    }),
  );
}

/** `DATABASE_URL` (A-ENV-10, which states no TLS). As secret as the password in it. */
export const databaseUrl = (
  { user, host, port, database, tls }: ApiSettings['postgres'],
  password: pulumi.Input<string>,
): pulumi.Output<string> =>
  pulumi.secret(
    pulumi
      .output(password)
      .apply(
        (word) =>
          `postgresql://${user}:${encodeURIComponent(word)}@${host}:${port}/${database}` +
          (tls ? `?sslmode=verify-full&sslrootcert=${CA_FILE}` : ''),
      ),
  );

/** `REDIS_URL` (A-ENV-15). As secret as the password in it. */
const redisUrl = ({ host, port, database, tls }: ApiSettings['redis'], password: pulumi.Input<string>) =>
  pulumi.secret(
    pulumi
      .output(password)
      .apply(
        (word) =>
          `${tls ? 'rediss' : 'redis'}://:${encodeURIComponent(word)}@${host}:${port}/${database}` +
          (tls ? `?ssl_ca_certs=${CA_FILE}` : ''),
      ),
  );

/** `CELERY_BROKER_URL`. As secret as the password in it. */
export const brokerUrl = (
  { user, host, port, vhost, tls }: Broker,
  password: pulumi.Input<string> | undefined,
): pulumi.Output<string> => {
  if (password === undefined) throw new Error('a broker without its password: give secrets.brokerPassword');
  return pulumi.secret(
    pulumi
      .output(password)
      .apply(
        (word) =>
          `${tls ? 'amqps' : 'amqp'}://${user}:${encodeURIComponent(word)}@${host}:${port}/${encodeURIComponent(vhost)}`,
      ),
  );
};

/** A rate as A writes it: `1.0`, `0.25`. */
const decimal = (rate: number): string => (Number.isInteger(rate) ? rate.toFixed(1) : `${rate}`);

/** The variables, apart by where they may stand: `plain` in a ConfigMap, `secret` in a Secret and nowhere else. */
export function environment(settings: ApiSettings, secrets: ApiSecrets) {
  const { postgres, redis, minio, tracing, sentry, broker } = settings;
  const plain = {
    ...(minio.useSsl && { AWS_CA_BUNDLE: CA_FILE }),
    ...(broker && { CELERY_QUEUE: broker.queue, ...(broker.tls && { CELERY_BROKER_CA_FILE: CA_FILE }) }),
    API_PORT: `${settings.port}`,
    CORS_ORIGINS: JSON.stringify(settings.corsOrigins),
    DB_MAX_OVERFLOW: `${settings.pool.overflow}`,
    DB_POOL_SIZE: `${settings.pool.size}`,
    DEBUG: `${settings.debug}`,
    ENVIRONMENT: settings.environment,
    LOG_LEVEL: settings.logLevel,
    MINIO_ACCESS_KEY: minio.accessKey,
    MINIO_BUCKET_DOCUMENTS: minio.documents,
    MINIO_BUCKET_REPORTS: minio.reports,
    MINIO_ENDPOINT: minio.endpoint,
    MINIO_USE_SSL: `${minio.useSsl}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: tracing.endpoint,
    OTEL_SERVICE_NAME: tracing.serviceName,
    OTEL_TRACES_ENABLED: `${tracing.enabled}`,
    POSTGRES_DB: postgres.database,
    POSTGRES_HOST: postgres.host,
    POSTGRES_PORT: `${postgres.port}`,
    POSTGRES_USER: postgres.user,
    RATE_LIMIT_PER_MINUTE: `${settings.rateLimitPerMinute}`,
    REDIS_DB: `${redis.database}`,
    REDIS_HOST: redis.host,
    REDIS_PORT: `${redis.port}`,
    SEC_USER_AGENT: settings.secUserAgent,
    SENTRY_ENVIRONMENT: sentry.environment,
    SENTRY_TRACES_SAMPLE_RATE: decimal(sentry.tracesSampleRate),
    SESSION_TIMEOUT_MINUTES: `${settings.sessionTimeoutMinutes}`,
    WEB_CONCURRENCY: `${settings.processes}`,
  };
  const secret = {
    ...(broker && { CELERY_BROKER_URL: brokerUrl(broker, secrets.brokerPassword) }),
    ...outside(secrets),
    ...(postgres.read && {
      DATABASE_READ_URL: databaseUrl({ ...postgres, ...postgres.read }, secrets.postgresPassword),
    }),
    DATABASE_URL: databaseUrl(postgres, secrets.postgresPassword),
    GRAFANA_PASSWORD: secrets.grafanaPassword,
    MINIO_SECRET_KEY: secrets.minioSecretKey,
    POSTGRES_PASSWORD: secrets.postgresPassword,
    REDIS_PASSWORD: secrets.redisPassword,
    REDIS_URL: redisUrl(redis, secrets.redisPassword),
    SECRET_KEY: secrets.secretKey,
  };
  return { plain, secret };
}
