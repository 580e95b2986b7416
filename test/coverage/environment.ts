/** A's 35 variables under their exact names, in the container of the API and nowhere else. */
import { every, rows, secret, some, type Row } from './rows.ts';

const API = 'Environment api-blue/api';

export const ENVIRONMENT: readonly Row[] = [
  ...rows(
    'staging',
    API,
    ['A-ENV-1', 'ENVIRONMENT', 'staging'],
    ['A-ENV-2, D-RES-3', 'DEBUG', 'true'],
    ['A-ENV-3', 'LOG_LEVEL', 'DEBUG'],
    ['A-ENV-4, A-SEC-1', 'SECRET_KEY', secret],
    ['A-ENV-5', 'POSTGRES_HOST', 'postgres'],
    ['A-ENV-6', 'POSTGRES_PORT', '5432'],
    ['A-ENV-7', 'POSTGRES_USER', 'intel_staging_user'],
    ['A-ENV-8, A-SEC-1', 'POSTGRES_PASSWORD', secret],
    ['A-ENV-9', 'POSTGRES_DB', 'corporate_intel_staging'],
    ['A-ENV-10', 'DATABASE_URL', secret],
    [
      'A-ENV-10',
      'opened.DATABASE_URL',
      every(/^postgresql:\/\/intel_staging_user:[^@]+@postgres:5432\/corporate_intel_staging(\?ssl[a-z]+=.*)?$/),
    ],
    ['A-ENV-11', 'REDIS_HOST', 'redis'],
    ['A-ENV-12', 'REDIS_PORT', '6379'],
    ['A-ENV-13, A-SEC-1', 'REDIS_PASSWORD', secret],
    ['A-ENV-14', 'REDIS_DB', '0'],
    ['A-ENV-15', 'REDIS_URL', secret],
    ['A-ENV-15', 'opened.REDIS_URL', every(/^rediss?:\/\/:[^@]+@redis:6379\/0(\?ssl.*)?$/)],
    ['A-ENV-16', 'MINIO_ENDPOINT', 'minio:9000'],
    ['A-ENV-17', 'MINIO_ACCESS_KEY', 'intel_staging_admin'],
    ['A-ENV-18, A-SEC-1', 'MINIO_SECRET_KEY', secret],
    ['A-ENV-19', 'MINIO_USE_SSL', every(/^(true|false)$/)],
    ['A-ENV-20', 'MINIO_BUCKET_DOCUMENTS', 'staging-documents'],
    ['A-ENV-21', 'MINIO_BUCKET_REPORTS', 'staging-reports'],
    ['A-ENV-22, A-SEC-1', 'ALPHA_VANTAGE_API_KEY', secret],
    ['A-ENV-23, A-SEC-1', 'NEWSAPI_KEY', secret],
    ['A-ENV-24', 'SEC_USER_AGENT', 'Corporate Intel Platform/1.0 (staging@corporate-intel.example.com)'],
    ['A-ENV-25', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'http://jaeger:4317'],
    ['A-ENV-26', 'OTEL_SERVICE_NAME', 'corporate-intel-staging'],
    ['A-ENV-27', 'OTEL_TRACES_ENABLED', 'true'],
    ['A-ENV-28, A-SEC-1', 'SENTRY_DSN', secret],
    ['A-ENV-29', 'SENTRY_ENVIRONMENT', 'staging'],
    ['A-ENV-30', 'SENTRY_TRACES_SAMPLE_RATE', '1.0'],
    ['A-ENV-31, A-SEC-1', 'GRAFANA_PASSWORD', secret],
    ['A-ENV-32', 'API_PORT', '8000'],
    ['A-ENV-33, A-DNS-4', 'CORS_ORIGINS', '["https://staging.corporate-intel.example.com"]'],
    ['A-ENV-34', 'RATE_LIMIT_PER_MINUTE', '100'],
    ['A-ENV-35', 'SESSION_TIMEOUT_MINUTES', '120'],
    ['D-RES-3', '*', some('2')],
  ),
  ...rows(
    'production',
    API,
    ['A-ENV-1', 'ENVIRONMENT', 'production'],
    ['A-ENV-2', 'DEBUG', 'false'],
    ['A-ENV-34', 'RATE_LIMIT_PER_MINUTE', '100'],
    ['D-RES-4', '*', some('40')],
    ['D-RES-4', '*', some('20')],
    ['D-RES-4', 'SENTRY_DSN', secret],
    ['D-RES-4', 'SENTRY_ENVIRONMENT', 'production'],
    ['E-SEC-3, E-SEC-1', 'SECRET_KEY', secret],
  ),
  ...rows(
    ['staging', 'production'],
    'ConfigMap api-config-*',
    ['D-K8S-4', 'data', { text: '20 settings', holds: ([data]) => Object.keys(data ?? {}).length >= 20 }],
    [
      'E-SEC-3, A-SEC-1',
      'data',
      {
        text: 'no variable that is a secret',
        holds: ([data]) =>
          data !== undefined &&
          !Object.keys(data as object).some(
            (key) => /(_PASSWORD|_KEY|_DSN|_URL)$/.test(key) && key !== 'MINIO_ACCESS_KEY',
          ),
      },
    ],
  ),
];
