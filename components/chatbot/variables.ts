/** The 30 variables of the backend under their exact names (C-ENV-1..30): those that anybody may read, and the secret ones. */
import * as pulumi from '@pulumi/pulumi';
import { PORTS, type Tuning } from './facts.ts';

/** What decides the plain variables. */
export interface ChatbotSettings {
  /** `ENVIRONMENT` (C-ENV-1). */
  readonly environment: string;
  readonly database: {
    /** `POSTGRES_USER` (C-ENV-3). */
    readonly user: string;
    /** `POSTGRES_DB` (C-ENV-5). */
    readonly name: string;
    /** `POSTGRES_PORT`: that of the host (C-ENV-6, CONF-40). Inside, the address says 5432. */
    readonly hostPort: number;
    /** C-ENV-7..10. */
    readonly tuning: Tuning;
  };
  readonly cache: {
    /** `REDIS_DB` (C-ENV-14). */
    readonly database: number;
    /** `REDIS_MAX_MEMORY` in Redis' own units (C-ENV-15). */
    readonly maxMemory: string;
  };
  /** C-ENV-17..19. */
  readonly openai: { readonly model: string; readonly temperature: number; readonly maxTokens: number };
  /** C-ENV-24, C-ENV-25. */
  readonly xero: { readonly salesAccountCode: string; readonly taxType: string };
  /** `TAX_RATE` (C-ENV-26): a share, not percent. */
  readonly taxRate: number;
  /** `CUTOFF_TIME` (C-ENV-27), as `14:00`. */
  readonly cutoffTime: string;
  /** `ENABLE_METRICS` (C-ENV-28). */
  readonly metrics: boolean;
  /** `DEPLOYMENT_SIZE` (C-ENV-30). */
  readonly deploymentSize: string;
}

/** What the secret variables are made of. Those that are optional for staging may be left out, and are then empty. */
export interface ChatbotSecrets {
  readonly postgresPassword: pulumi.Input<string>;
  readonly redisPassword: pulumi.Input<string>;
  readonly openaiApiKey: pulumi.Input<string>;
  readonly xeroClientId?: pulumi.Input<string>;
  readonly xeroClientSecret?: pulumi.Input<string>;
  readonly xeroRefreshToken?: pulumi.Input<string>;
  readonly xeroTenantId?: pulumi.Input<string>;
  readonly sentryDsn?: pulumi.Input<string>;
}

/** The 21 that are no secrets. */
export const plainVariables = (settings: ChatbotSettings) => {
  const { database, cache, openai, xero } = settings;
  return {
    ENVIRONMENT: settings.environment,
    POSTGRES_USER: database.user,
    POSTGRES_DB: database.name,
    POSTGRES_PORT: `${database.hostPort}`,
    POSTGRES_SHARED_BUFFERS: database.tuning.sharedBuffers,
    POSTGRES_EFFECTIVE_CACHE_SIZE: database.tuning.effectiveCacheSize,
    POSTGRES_WORK_MEM: database.tuning.workMem,
    POSTGRES_MAINTENANCE_WORK_MEM: database.tuning.maintenanceWorkMem,
    REDIS_HOST: 'redis',
    REDIS_PORT: `${PORTS.redis}`,
    REDIS_DB: `${cache.database}`,
    REDIS_MAX_MEMORY: cache.maxMemory,
    OPENAI_MODEL: openai.model,
    OPENAI_TEMPERATURE: `${openai.temperature}`,
    OPENAI_MAX_TOKENS: `${openai.maxTokens}`,
    XERO_SALES_ACCOUNT_CODE: xero.salesAccountCode,
    XERO_TAX_TYPE: xero.taxType,
    TAX_RATE: `${settings.taxRate}`,
    CUTOFF_TIME: settings.cutoffTime,
    ENABLE_METRICS: `${settings.metrics}`,
    DEPLOYMENT_SIZE: settings.deploymentSize,
  };
};

/** The nine that are (C-SEC-2). Each is a secret to Pulumi, the empty ones too: whether there is an account is nobody's business. */
export const secretVariables = (
  { database }: Pick<ChatbotSettings, 'database'>,
  secrets: ChatbotSecrets,
): Record<string, pulumi.Output<string>> => {
  const address = pulumi
    .output(secrets.postgresPassword)
    .apply(
      (password) =>
        `postgresql://${database.user}:${encodeURIComponent(password)}@postgres:${PORTS.postgres}/${database.name}`,
    );
  const all: Record<string, pulumi.Input<string>> = {
    DATABASE_URL: address,
    POSTGRES_PASSWORD: secrets.postgresPassword,
    REDIS_PASSWORD: secrets.redisPassword,
    OPENAI_API_KEY: secrets.openaiApiKey,
    XERO_CLIENT_ID: secrets.xeroClientId ?? '',
    XERO_CLIENT_SECRET: secrets.xeroClientSecret ?? '',
    XERO_REFRESH_TOKEN: secrets.xeroRefreshToken ?? '',
    XERO_TENANT_ID: secrets.xeroTenantId ?? '',
    SENTRY_DSN: secrets.sentryDsn ?? '',
  };
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, pulumi.secret(value)]));
};
