import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { environment } from '../../../../components/api/index.ts';
import { SECRETS, SETTINGS } from './support/settings.ts';

const valueOf = <T>(value: pulumi.Input<T>): Promise<T> =>
  new Promise((resolve) => pulumi.output(value).apply(resolve as never));

/** A-ENV-1..35, names and values as the document gives them; secrets as the names of what they come from. */
const STAGING = {
  ENVIRONMENT: 'staging',
  DEBUG: 'true',
  LOG_LEVEL: 'DEBUG',
  POSTGRES_HOST: 'postgres',
  POSTGRES_PORT: '5432',
  POSTGRES_USER: 'intel_staging_user',
  POSTGRES_DB: 'corporate_intel_staging',
  REDIS_HOST: 'redis',
  REDIS_PORT: '6379',
  REDIS_DB: '0',
  MINIO_ENDPOINT: 'minio:9000',
  MINIO_ACCESS_KEY: 'intel_staging_admin',
  MINIO_USE_SSL: 'false',
  MINIO_BUCKET_DOCUMENTS: 'staging-documents',
  MINIO_BUCKET_REPORTS: 'staging-reports',
  SEC_USER_AGENT: 'Corporate Intel Platform/1.0 (staging@corporate-intel.example.com)',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://jaeger:4317',
  OTEL_SERVICE_NAME: 'corporate-intel-staging',
  OTEL_TRACES_ENABLED: 'true',
  SENTRY_ENVIRONMENT: 'staging',
  SENTRY_TRACES_SAMPLE_RATE: '1.0',
  API_PORT: '8000',
  CORS_ORIGINS: '["https://staging.corporate-intel.example.com"]',
  RATE_LIMIT_PER_MINUTE: '100',
  SESSION_TIMEOUT_MINUTES: '120',
};
const STAGING_SECRETS = {
  SECRET_KEY: 'the-secret-key',
  POSTGRES_PASSWORD: 'the-postgres-password',
  DATABASE_URL: 'postgresql://intel_staging_user:the-postgres-password@postgres:5432/corporate_intel_staging',
  REDIS_PASSWORD: 'the-redis-password',
  REDIS_URL: 'redis://:the-redis-password@redis:6379/0',
  MINIO_SECRET_KEY: 'the-minio-secret-key',
  ALPHA_VANTAGE_API_KEY: 'the-alpha-key',
  NEWSAPI_KEY: 'the-news-key',
  SENTRY_DSN: 'https://sentry.example.com/1',
  GRAFANA_PASSWORD: 'the-grafana-password',
};

/** What D states the values of: two processes in staging, 40 connections and 20 more in production. */
const STATED_BY_D = { WEB_CONCURRENCY: '2', DB_POOL_SIZE: '40', DB_MAX_OVERFLOW: '20' };

test('A’s staging gives A’s 35 variables, each with the value the document states, and D’s three', async () => {
  const { plain, secret } = environment(SETTINGS, SECRETS);
  assert.deepEqual(plain, { ...STAGING, ...STATED_BY_D });
  assert.deepEqual(await valueOf(pulumi.all(secret)), STAGING_SECRETS);
  assert.equal(Object.keys({ ...STAGING, ...STAGING_SECRETS }).length, 35);
});

const BROKER = { host: 'rabbitmq.shop.svc', port: 5672, vhost: '/', user: 'worker', queue: 'reports' };

test('a broker adds its queue to what is plain, and its address to what is secret', async () => {
  const { plain, secret } = environment(
    { ...SETTINGS, broker: BROKER },
    { ...SECRETS, brokerPassword: pulumi.secret('a/b@c') },
  );
  const url = 'amqp://worker:a%2Fb%40c@rabbitmq.shop.svc:5672/%2F';
  assert.equal((plain as Record<string, string>)['CELERY_QUEUE'], 'reports');
  assert.equal(await valueOf(pulumi.output(secret).apply((all) => all.CELERY_BROKER_URL)), url);
  assert.ok(!JSON.stringify(plain).includes('a%2Fb'));
  assert.throws(() => environment({ ...SETTINGS, broker: BROKER }, SECRETS), /a broker without its password/);
});

test('with TLS every address says so, and the authority is the one that the pod is given', async () => {
  const { plain, secret } = environment(
    {
      ...SETTINGS,
      postgres: { ...SETTINGS.postgres, tls: true, read: { host: 'postgres-read', port: 5432 } },
      redis: { ...SETTINGS.redis, tls: true },
      minio: { ...SETTINGS.minio, useSsl: true },
      broker: { ...BROKER, port: 5671, tls: true },
    },
    { ...SECRETS, brokerPassword: 'word' },
  );
  const file = '/run/secrets/ca/ca.crt';
  const all = await valueOf(pulumi.all({ ...plain, ...secret }) as pulumi.Input<Record<string, string>>);
  const query = `?sslmode=verify-full&sslrootcert=${file}`;
  const address = 'intel_staging_user:the-postgres-password';
  assert.equal(all['DATABASE_URL'], `postgresql://${address}@postgres:5432/corporate_intel_staging${query}`);
  assert.equal(all['DATABASE_READ_URL'], `postgresql://${address}@postgres-read:5432/corporate_intel_staging${query}`);
  assert.equal(all['REDIS_URL'], `rediss://:the-redis-password@redis:6379/0?ssl_ca_certs=${file}`);
  assert.equal(all['CELERY_BROKER_URL'], 'amqps://worker:word@rabbitmq.shop.svc:5671/%2F');
  assert.deepEqual([all['AWS_CA_BUNDLE'], all['CELERY_BROKER_CA_FILE'], all['MINIO_USE_SSL']], [file, file, 'true']);
});

test('no secret value, alone or inside an address, is among the plain variables', () => {
  const { plain } = environment(SETTINGS, SECRETS);
  for (const value of Object.values(STAGING_SECRETS)) assert.ok(!JSON.stringify(plain).includes(value), value);
});

test('an address is as secret as the password in it, even where that is not marked', async () => {
  const { secret } = environment(SETTINGS, { ...SECRETS, postgresPassword: 'plain', redisPassword: 'plain' });
  assert.equal(await pulumi.isSecret(secret.DATABASE_URL), true);
  assert.equal(await pulumi.isSecret(secret.REDIS_URL), true);
});

test('a password that means something in an address is escaped in it, and only there', async () => {
  const { secret } = environment(SETTINGS, { ...SECRETS, postgresPassword: 'a/b@c:d' });
  assert.match(await valueOf(secret.DATABASE_URL), /:a%2Fb%40c%3Ad@postgres:/);
  assert.equal(await valueOf(secret.POSTGRES_PASSWORD), 'a/b@c:d');
});

test('a share that is no whole number keeps its digits', () => {
  const sentry = { environment: 'staging', tracesSampleRate: 0.25 };
  assert.equal(environment({ ...SETTINGS, sentry }, SECRETS).plain.SENTRY_TRACES_SAMPLE_RATE, '0.25');
});

test('what somebody else’s Secret holds is left out here; what nobody holds is an error', () => {
  const { alphaVantageApiKey: _, ...others } = SECRETS;
  const { secret } = environment(SETTINGS, { ...others, kept: { secretName: 'outside' } });
  assert.deepEqual(
    ['ALPHA_VANTAGE_API_KEY', 'NEWSAPI_KEY'].map((variable) => variable in secret),
    [false, true],
  );
  assert.throws(() => environment(SETTINGS, others), /no ALPHA_VANTAGE_API_KEY: give secrets\.alphaVantageApiKey or/);
});
