/**
 * The environment of the Architect Dashboard API: B's 29 variables (B-ENV-1..29) out of typed settings. Pure. B keeps all of
 * them in one Secret (B-SEC-3); those that a secrets manager keeps are in a second one, which this program never reads.
 */
import * as pulumi from '@pulumi/pulumi';

/** What the API is told that is no secret. */
export interface ArchitectSettings {
  /** `ENV`, which stands on the container too (B-ENV-3). */
  readonly environment: string;
  readonly port: number;
  readonly debug: boolean;
  readonly logLevel: string;
  readonly logFormat: string;
  readonly postgres: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly database: string;
    /** `sslmode` of the address: `require` encrypts, and checks no name (B-ENV-5, CONF-33). */
    readonly sslMode: 'require' | 'disable';
  };
  /** Connections to PostgreSQL of one instance: at the most, and kept while idle (B-ENV-6, B-ENV-7). */
  readonly connections: { readonly max: number; readonly idle: number };
  /** A member of the cluster: from it, the client learns of the others. A cluster has the database 0 and no other. */
  readonly redis: { readonly host: string; readonly port: number };
  /** Seconds that answers are cached (B-ENV-10). */
  readonly cacheTtl: number;
  /** Seconds that a session lasts (B-ENV-13), and how its cookie is marked (B-ENV-14, B-ENV-15). */
  readonly session: { readonly timeout: number; readonly secure: boolean; readonly httpOnly: boolean };
  readonly prometheus: boolean;
  /** Traces go to the collector's HTTP endpoint (B-ENV-17, B-ENV-18, CONF-28). */
  readonly jaeger: { readonly enabled: boolean; readonly endpoint: string };
  readonly smtp: { readonly host: string; readonly port: number };
  readonly features: { readonly webhooks: boolean; readonly integrations: boolean; readonly autopilot: boolean };
}

/** What B keeps in a secrets manager and nobody can derive, by its variables (B-ENV-11, 12, 23..26). */
export const KEPT = {
  jwtSecret: 'JWT_SECRET',
  encryptionKey: 'ENCRYPTION_KEY',
  smtpUser: 'SMTP_USER',
  smtpPassword: 'SMTP_PASSWORD',
  slackWebhookUrl: 'SLACK_WEBHOOK_URL',
  githubToken: 'GITHUB_TOKEN',
} as const;

/** The values of {@link KEPT}, or the Secret that somebody else fills with all of them, by their variables. */
export type KeptSecrets =
  { readonly values: Readonly<Record<keyof typeof KEPT, pulumi.Input<string>>> } | { readonly secretName: string };

/** What the platform itself has generated. */
export interface OwnSecrets {
  readonly postgresPassword: pulumi.Input<string>;
  readonly redisPassword: pulumi.Input<string>;
}

/** `DATABASE_URL` (B-ENV-5). As secret as the password in it. */
export const databaseUrl = (
  { user, host, port, database, sslMode }: ArchitectSettings['postgres'],
  password: pulumi.Input<string>,
): pulumi.Output<string> =>
  pulumi.secret(
    pulumi
      .output(password)
      .apply((word) => `postgres://${user}:${encodeURIComponent(word)}@${host}:${port}/${database}?sslmode=${sslMode}`),
  );

/**
 * `REDIS_URL` (B-ENV-8). B's has no password; here every Redis has one, so ours does: a fence around the namespace is no
 * reason to let everyone within it empty the cache.
 */
export const redisUrl = (
  { host, port }: ArchitectSettings['redis'],
  password: pulumi.Input<string>,
): pulumi.Output<string> =>
  pulumi.secret(pulumi.output(password).apply((word) => `redis://:${encodeURIComponent(word)}@${host}:${port}`));

/** What the Secret `architect-secrets` holds: all 29, but those that somebody else keeps. */
export function environment(
  settings: ArchitectSettings,
  own: OwnSecrets,
  kept: KeptSecrets,
): Record<string, pulumi.Input<string>> {
  const { postgres, redis, session, jaeger, smtp, features } = settings;
  return {
    CACHE_TTL: `${settings.cacheTtl}`,
    DATABASE_IDLE_CONNS: `${settings.connections.idle}`,
    DATABASE_MAX_CONNS: `${settings.connections.max}`,
    DATABASE_URL: databaseUrl(postgres, own.postgresPassword),
    DEBUG: `${settings.debug}`,
    ENV: settings.environment,
    FEATURE_AUTOPILOT_ENABLED: `${features.autopilot}`,
    FEATURE_INTEGRATIONS_ENABLED: `${features.integrations}`,
    FEATURE_WEBHOOKS_ENABLED: `${features.webhooks}`,
    HOST: '0.0.0.0',
    JAEGER_ENABLED: `${jaeger.enabled}`,
    JAEGER_ENDPOINT: jaeger.endpoint,
    LOG_FORMAT: settings.logFormat,
    LOG_LEVEL: settings.logLevel,
    PORT: `${settings.port}`,
    PROMETHEUS_ENABLED: `${settings.prometheus}`,
    REDIS_DB: '0',
    REDIS_URL: redisUrl(redis, own.redisPassword),
    SESSION_COOKIE_HTTPONLY: `${session.httpOnly}`,
    SESSION_COOKIE_SECURE: `${session.secure}`,
    SESSION_TIMEOUT: `${session.timeout}`,
    SMTP_HOST: smtp.host,
    SMTP_PORT: `${smtp.port}`,
    ...('values' in kept &&
      Object.fromEntries(
        Object.entries(KEPT).map(([key, variable]) => [variable, kept.values[key as keyof typeof KEPT]]),
      )),
  };
}
