/** A's staging, as the API component takes it. */
import type { ApiSecrets, ApiSettings } from '../../../../../components/api/index.ts';

export const SETTINGS: ApiSettings = {
  environment: 'staging',
  debug: true,
  logLevel: 'DEBUG',
  postgres: { host: 'postgres', port: 5432, user: 'intel_staging_user', database: 'corporate_intel_staging' },
  redis: { host: 'redis', port: 6379, database: 0 },
  processes: 2,
  pool: { size: 40, overflow: 20 },
  minio: {
    endpoint: 'minio:9000',
    accessKey: 'intel_staging_admin',
    useSsl: false,
    documents: 'staging-documents',
    reports: 'staging-reports',
  },
  secUserAgent: 'Corporate Intel Platform/1.0 (staging@corporate-intel.example.com)',
  tracing: { endpoint: 'http://jaeger:4317', serviceName: 'corporate-intel-staging', enabled: true },
  sentry: { environment: 'staging', tracesSampleRate: 1 },
  port: 8000,
  corsOrigins: ['https://staging.corporate-intel.example.com'],
  rateLimitPerMinute: 100,
  sessionTimeoutMinutes: 120,
};

export const SECRETS: ApiSecrets = {
  secretKey: 'the-secret-key',
  postgresPassword: 'the-postgres-password',
  redisPassword: 'the-redis-password',
  minioSecretKey: 'the-minio-secret-key',
  alphaVantageApiKey: 'the-alpha-key',
  newsApiKey: 'the-news-key',
  sentryDsn: 'https://sentry.example.com/1',
  grafanaPassword: 'the-grafana-password',
};
