import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { plainVariables, secretVariables, type ChatbotSettings } from '../../../../components/chatbot/index.ts';

const settings: ChatbotSettings = {
  environment: 'staging',
  database: {
    user: 'tria_admin',
    name: 'tria_aibpo',
    hostPort: 5433,
    tuning: { sharedBuffers: '256MB', effectiveCacheSize: '512MB', workMem: '16MB', maintenanceWorkMem: '128MB' },
  },
  cache: { database: 0, maxMemory: '512mb' },
  openai: { model: 'gpt-4', temperature: 0.7, maxTokens: 2000 },
  xero: { salesAccountCode: '200', taxType: 'OUTPUT2' },
  taxRate: 0.08,
  cutoffTime: '14:00',
  metrics: true,
  deploymentSize: 'medium',
};

const opened = async (all: Record<string, pulumi.Output<string>>): Promise<Record<string, string>> =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(all).map(async ([name, value]) => {
        assert.ok(await pulumi.isSecret(value), `${name} is a secret`);
        return [name, await new Promise<string>((resolve) => value.apply(resolve))] as const;
      }),
    ),
  );

test('the variables that are no secrets have the guide’s names and values', () => {
  assert.deepEqual(plainVariables(settings), {
    ENVIRONMENT: 'staging',
    POSTGRES_USER: 'tria_admin',
    POSTGRES_DB: 'tria_aibpo',
    POSTGRES_PORT: '5433',
    POSTGRES_SHARED_BUFFERS: '256MB',
    POSTGRES_EFFECTIVE_CACHE_SIZE: '512MB',
    POSTGRES_WORK_MEM: '16MB',
    POSTGRES_MAINTENANCE_WORK_MEM: '128MB',
    REDIS_HOST: 'redis',
    REDIS_PORT: '6379',
    REDIS_DB: '0',
    REDIS_MAX_MEMORY: '512mb',
    OPENAI_MODEL: 'gpt-4',
    OPENAI_TEMPERATURE: '0.7',
    OPENAI_MAX_TOKENS: '2000',
    XERO_SALES_ACCOUNT_CODE: '200',
    XERO_TAX_TYPE: 'OUTPUT2',
    TAX_RATE: '0.08',
    CUTOFF_TIME: '14:00',
    ENABLE_METRICS: 'true',
    DEPLOYMENT_SIZE: 'medium',
  });
});

test('the nine others are secrets, each of them; with the plain ones they are the guide’s 30', async () => {
  const secrets = secretVariables(settings, { postgresPassword: 'p', redisPassword: 'r', openaiApiKey: 'sk-key' });
  assert.deepEqual(await opened(secrets), {
    DATABASE_URL: 'postgresql://tria_admin:p@postgres:5432/tria_aibpo',
    POSTGRES_PASSWORD: 'p',
    REDIS_PASSWORD: 'r',
    OPENAI_API_KEY: 'sk-key',
    XERO_CLIENT_ID: '',
    XERO_CLIENT_SECRET: '',
    XERO_REFRESH_TOKEN: '',
    XERO_TENANT_ID: '',
    SENTRY_DSN: '',
  });
  assert.equal(new Set([...Object.keys(plainVariables(settings)), ...Object.keys(secrets)]).size, 30);
});

test('a password with characters of its own is escaped in the address alone', async () => {
  const given = { postgresPassword: 'a/b+c=@:', redisPassword: 'r', openaiApiKey: 'sk-key', sentryDsn: 'https://s' };
  const { DATABASE_URL, POSTGRES_PASSWORD, SENTRY_DSN } = await opened(secretVariables(settings, given));
  assert.equal(new URL(DATABASE_URL!).password, encodeURIComponent('a/b+c=@:'));
  assert.deepEqual([POSTGRES_PASSWORD, SENTRY_DSN], ['a/b+c=@:', 'https://s']);
});
