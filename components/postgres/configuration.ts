/** What PostgreSQL reads at its start: its parameters, and the statements of its first start. Pure. */
import { type Bytes } from '../core/index.ts';
import { AUTOVACUUM_WORKERS, tune } from './tuning.ts';

export interface ServerSettings {
  readonly memory: Bytes;
  readonly maxConnections: number;
  /** Statements slower than this many milliseconds are logged. */
  readonly slowQueryMilliseconds: number;
  readonly timescaledb: boolean;
}

/** Parameters by their names, without the quotes of a file. */
export type Parameters = Readonly<Record<string, string | number>>;

/** The libraries to load at start. TimescaleDB insists on being first. */
const libraries = ({ timescaledb }: ServerSettings): string[] => [
  ...(timescaledb ? ['timescaledb'] : []),
  'pg_stat_statements',
];

/** What follows from the settings, for one server as for many (A-DATA-2, E-OPS-3, CONF-48). */
export function parameters(settings: ServerSettings): Parameters {
  const { sharedBuffers, effectiveCacheSize, maintenanceWorkMem, workMem } = tune(
    settings.memory,
    settings.maxConnections,
  );
  return {
    max_connections: settings.maxConnections,
    shared_buffers: `${sharedBuffers}MB`,
    effective_cache_size: `${effectiveCacheSize}MB`,
    maintenance_work_mem: `${maintenanceWorkMem}MB`,
    work_mem: `${workMem}MB`,
    autovacuum_max_workers: AUTOVACUUM_WORKERS,
    shared_preload_libraries: libraries(settings).join(','),
    'pg_stat_statements.track': 'all',
    log_destination: 'stderr',
    log_min_duration_statement: settings.slowQueryMilliseconds,
    log_timezone: 'UTC',
    timezone: 'UTC',
    // Without it TimescaleDB sends reports home, which no edge allows.
    ...(settings.timescaledb && { 'timescaledb.telemetry_level': 'off' }),
  };
}

/** `postgresql.conf`, whole: nothing of the image's own file is read. */
export function postgresqlConf(settings: ServerSettings, more: Parameters = {}): string {
  const all: Parameters = {
    listen_addresses: '*',
    unix_socket_directories: '/var/run/postgresql',
    password_encryption: 'scram-sha-256',
    ...parameters(settings),
    ...more,
  };
  return Object.entries(all)
    .map(([key, value]) => `${key} = ${typeof value === 'number' ? value : `'${value}'`}\n`)
    .join('');
}

/** Run once, in the application's database, when the data directory is made. */
export const firstStartSql = (settings: ServerSettings): string =>
  libraries(settings)
    .map((library) => `CREATE EXTENSION IF NOT EXISTS ${library};\n`)
    .join('');
