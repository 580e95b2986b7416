/** The passwords, and the 30 variables made of them and of the settings (C-ENV-1..30, C-SEC-1). */
import type * as pulumi from '@pulumi/pulumi';
import { RandomPassword } from '@pulumi/random/randomPassword.js';
import { plainVariables, secretVariables } from '../../components/chatbot/index.ts';
import type { Configuration } from '../config/load.ts';

/** 32 bytes in base64, which is 43 characters of that alphabet. */
const PASSWORD = 43;

export interface Variables {
  readonly passwords: { readonly postgres: pulumi.Output<string>; readonly redis: pulumi.Output<string> };
  /** The key of the hashes by which containers are replaced with their secrets. */
  readonly fingerprintKey: pulumi.Output<string>;
  /** The backend's variables that are no secrets. */
  readonly plain: Readonly<Record<string, string>>;
  /** Those that are. */
  readonly secret: Readonly<Record<string, pulumi.Output<string>>>;
}

const password = (name: string): pulumi.Output<string> =>
  new RandomPassword(name, { length: PASSWORD, special: true, overrideSpecial: '+/' }).result;

export function variablesOf({ settings, secrets }: Configuration<'tria'>): Variables {
  const { stack, postgres, redis, backend } = settings;
  const passwords = { postgres: password('postgres-password'), redis: password('redis-password') };
  const stated = {
    ...{ environment: stack.environment, deploymentSize: backend.deploymentSize },
    database: { user: postgres.user, name: postgres.database, hostPort: postgres.port, tuning: postgres },
    cache: { database: redis.database, maxMemory: redis.maxMemory },
    ...{ openai: backend.openai, xero: backend.xero },
    ...{ taxRate: backend.taxRate, cutoffTime: backend.cutoffTime, metrics: backend.metrics },
  };
  // A made-up key looks like one, and opens nothing.
  const openaiApiKey =
    backend.openai.access === 'on' ? secrets.openaiApiKey! : password('openai-made-up').apply((text) => `sk-${text}`);
  const { postgres: postgresPassword, redis: redisPassword } = passwords;
  return {
    passwords,
    fingerprintKey: password('fingerprint-key'),
    plain: plainVariables(stated),
    secret: secretVariables(stated, { ...secrets, openaiApiKey, postgresPassword, redisPassword }),
  };
}
