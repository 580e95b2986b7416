/** A's 35 environment variables out of typed settings (A-ENV-1..35). Pure: what is secret never meets what is plain. */
import * as pulumi from '@pulumi/pulumi';

/** What the API is told that is no secret. */
export interface ApiSettings {
  readonly environment: string;
  readonly debug: boolean;
  readonly logLevel: string;
  readonly postgres: { readonly host: string; readonly port: number; readonly user: string; readonly database: string };
  readonly redis: { readonly host: string; readonly port: number; readonly database: number };
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
  readonly alphaVantageApiKey: pulumi.Input<string>;
  readonly newsApiKey: pulumi.Input<string>;
  readonly sentryDsn: pulumi.Input<string>;
  readonly grafanaPassword: pulumi.Input<string>;
}

/** `DATABASE_URL` (A-ENV-10). As secret as the password in it. */
export const databaseUrl = (
  { user, host, port, database }: ApiSettings['postgres'],
  password: pulumi.Input<string>,
): pulumi.Output<string> =>
  pulumi.secret(
    pulumi
      .output(password)
      .apply((word) => `postgresql://${user}:${encodeURIComponent(word)}@${host}:${port}/${database}`),
  );

/** `REDIS_URL` (A-ENV-15). As secret as the password in it. */
const redisUrl = ({ host, port, database }: ApiSettings['redis'], password: pulumi.Input<string>) =>
  pulumi.secret(
    pulumi.output(password).apply((word) => `redis://:${encodeURIComponent(word)}@${host}:${port}/${database}`),
  );

/** A rate as A writes it: `1.0`, `0.25`. */
const decimal = (rate: number): string => (Number.isInteger(rate) ? rate.toFixed(1) : `${rate}`);

/** The variables, apart by where they may stand: `plain` in a ConfigMap, `secret` in a Secret and nowhere else. */
export function environment(settings: ApiSettings, secrets: ApiSecrets) {
  const { postgres, redis, minio, tracing, sentry } = settings;
  const plain = {
    API_PORT: `${settings.port}`,
    CORS_ORIGINS: JSON.stringify(settings.corsOrigins),
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
  };
  const secret = {
    ALPHA_VANTAGE_API_KEY: secrets.alphaVantageApiKey,
    DATABASE_URL: databaseUrl(postgres, secrets.postgresPassword),
    GRAFANA_PASSWORD: secrets.grafanaPassword,
    MINIO_SECRET_KEY: secrets.minioSecretKey,
    NEWSAPI_KEY: secrets.newsApiKey,
    POSTGRES_PASSWORD: secrets.postgresPassword,
    REDIS_PASSWORD: secrets.redisPassword,
    REDIS_URL: redisUrl(redis, secrets.redisPassword),
    SECRET_KEY: secrets.secretKey,
    SENTRY_DSN: secrets.sentryDsn,
  };
  return { plain, secret };
}
