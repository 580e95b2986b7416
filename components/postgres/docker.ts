/** PostgreSQL alone as one container, and its exporter (A-TOPO-2, E-TOPO-1, A-PORT-10). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as pulumi from '@pulumi/pulumi';
import type { Contained } from '../container/index.ts';
import type { CpuRange, Image, ServiceFacts } from '../core/index.ts';
import { firstStartSql, postgresqlConf, type ServerSettings } from './configuration.ts';
import * as the from './facts.ts';
import { SQL_PORT } from './patroni.ts';

export { SMALLEST, tune } from './tuning.ts';
export { SQL_PORT } from './patroni.ts';

interface Named {
  readonly name: string;
  readonly user: string;
  readonly database: string;
  /** Read when the data directory is made, as user and database are. */
  readonly password: pulumi.Output<string>;
}

export interface PostgresService extends ServerSettings, Named {
  readonly image: Image;
  readonly cpu: CpuRange;
}

export const postgresContainer = (args: PostgresService): Contained => ({
  facts: {
    ...{ name: args.name, image: args.image, command: the.COMMAND, cpu: args.cpu, memory: args.memory },
    ports: { sql: SQL_PORT },
    // A start may have a log to replay.
    health: { command: the.ready(args), interval: '2s', startPeriod: '5m' },
    settings: the.serverEnvironment(args),
    stopGrace: `${the.GRACE}s`,
  },
  data: the.FOLDERS.data,
  files: {
    [the.CONFIGURATION_FILE]: { content: postgresqlConf(args) },
    [the.FIRST_START_FILE]: { content: firstStartSql(args) },
    [the.PASSWORD_FILE]: { content: args.password, secret: true },
  },
});

/** Where the exporter tells its figures (A-PORT-10). */
export const EXPORTER_PORT = 9187;

export interface PostgresExporter extends Named, Pick<ServiceFacts, 'image' | 'cpu' | 'memory'> {
  readonly host: string;
}

/** The password stands in a variable of its own, not in an address: an address ends up in messages. */
export const postgresExporter = ({ host, user, database, password, ...own }: PostgresExporter): Contained => ({
  facts: {
    ...own,
    ports: { metrics: EXPORTER_PORT },
    health: { command: ['wget', '-q', '-O', '/dev/null', `http://127.0.0.1:${EXPORTER_PORT}/`] },
    settings: { DATA_SOURCE_URI: `${host}:${SQL_PORT}/${database}?sslmode=disable`, DATA_SOURCE_USER: user },
    stopGrace: '10s',
  },
  secrets: { DATA_SOURCE_PASS: password },
});

export interface DumpTask extends Named, Pick<ServiceFacts, 'image' | 'cpu' | 'memory'> {
  readonly host: string;
  /** Before which version it is made; a part of the dump's name. */
  readonly version: string;
  /** Dumps that stay. */
  readonly keep: number;
}

/** `pg_dump` of the server's own version, its table of contents read, with its check sum beside it (E-DEP-3, E-BKP-1). */
export const dumpTask = ({ host, user, database, password, version, keep, ...own }: DumpTask): Contained => ({
  facts: {
    ...own,
    entrypoint: ['sh', '-c'],
    command: [readFileSync(join(import.meta.dirname, 'scripts/dump.sh'), 'utf8').replaceAll('\r\n', '\n')],
    ports: {},
    settings: {
      ...{ PGDATABASE: database, PGHOST: host, PGPORT: `${SQL_PORT}`, PGUSER: user },
      ...{ FOLDER: the.FOLDERS.data, KEEP: `${keep}`, VERSION: version },
    },
    scratch: { '/tmp': '8Mi' },
  },
  // The one folder of the image that its user may write to: a new volume there is the user's.
  data: the.FOLDERS.data,
  secrets: { PGPASSWORD: password },
});
