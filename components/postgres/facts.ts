/** What is true of the PostgreSQL image alone, wherever it runs: read by the pods and by the container. */
import { SQL_PORT } from './patroni.ts';

/** Where things lie: the data, the configuration, what the first start runs, and the password. */
export const FOLDERS = {
  data: '/var/lib/postgresql/data',
  configuration: '/etc/postgresql',
  firstStart: '/docker-entrypoint-initdb.d',
  auth: '/run/secrets/postgres',
} as const;

export const CONFIGURATION_FILE = `${FOLDERS.configuration}/postgresql.conf`;
export const FIRST_START_FILE = `${FOLDERS.firstStart}/first-start.sql`;
export const PASSWORD_FILE = `${FOLDERS.auth}/password`;

export const COMMAND: readonly string[] = ['postgres', '-c', `config_file=${CONFIGURATION_FILE}`];

interface Named {
  readonly user: string;
  readonly database: string;
}

/** What the image's entrypoint reads when the data directory is made. */
export const serverEnvironment = ({ user, database }: Named): Record<string, string> => ({
  PGDATA: `${FOLDERS.data}/pgdata`,
  POSTGRES_DB: database,
  // The image trusts connections from within, and that is where a port-forward comes out: without `auth-host`, whoever may
  // forward a port needs no password, and a gate with a wrong one would open.
  POSTGRES_INITDB_ARGS: '--data-checksums --encoding=UTF8 --locale=C.UTF-8 --auth-host=scram-sha-256',
  POSTGRES_PASSWORD_FILE: PASSWORD_FILE,
  POSTGRES_USER: user,
});

/** Over TCP: during its first start the server listens on a socket only, and is not ready yet (A-GATE-5, A-MIG-1). */
export const ready = ({ user, database }: Named): string[] => [
  ...['pg_isready', '-q', '-h', '127.0.0.1', '-p', `${SQL_PORT}`, '-U', user, '-d', database],
];

/** Seconds: enough for a checkpoint; killed half-way, the next start replays the log. */
export const GRACE = 60;
