/** The API as a container, and what is run once with its image (A-ENV-1..35, E-TOPO-2). */
import type { Contained } from '../container/index.ts';
import type { ServiceFacts } from '../core/index.ts';
import { databaseUrl, environment, type ApiSecrets, type ApiSettings } from './environment.ts';

export type { ApiSecrets, ApiSettings } from './environment.ts';

type Own = Pick<ServiceFacts, 'name' | 'image' | 'cpu' | 'memory'>;

export interface ApiService extends Own {
  readonly settings: ApiSettings;
  readonly secrets: ApiSecrets;
  /** Added to the environment as it is; for faults that tests switch on. */
  readonly extraEnvironment: Readonly<Record<string, string>>;
}

/** The image has Python, and nothing else that asks over HTTP. */
const asks = (url: string): string[] => [
  ...['python3', '-c', `import urllib.request; urllib.request.urlopen("${url}", timeout=4)`],
];

export function apiContainer({ settings, secrets, extraEnvironment, ...own }: ApiService): Contained {
  const { plain, secret } = environment(settings, secrets);
  return {
    facts: {
      ...own,
      ports: { http: settings.port },
      health: { command: asks(`http://127.0.0.1:${settings.port}/health`), interval: '5s', startPeriod: '60s' },
      settings: { ...plain, ...extraEnvironment },
      scratch: { '/tmp': '64Mi' },
    },
    secrets: secret,
  };
}

export interface MigrationTask extends Own {
  readonly postgres: ApiSettings['postgres'];
  readonly password: ApiSecrets['postgresPassword'];
  readonly extraEnvironment: Readonly<Record<string, string>>;
}

/**
 * `alembic upgrade head` (A-MIG-2), in one transaction: what fails has changed nothing.
 */
export const migrationTask = ({ postgres, password, extraEnvironment, ...own }: MigrationTask): Contained => ({
  facts: {
    ...own,
    command: ['migrate'],
    ports: {},
    settings: {
      ...extraEnvironment,
      POSTGRES_DB: postgres.database,
      POSTGRES_HOST: postgres.host,
      POSTGRES_PORT: `${postgres.port}`,
      POSTGRES_USER: postgres.user,
    },
    scratch: { '/tmp': '64Mi' },
  },
  secrets: { DATABASE_URL: databaseUrl(postgres, password), POSTGRES_PASSWORD: password },
});
