/** The database, first and alone, ready within 60 s (A-DEP-2, A-MIG-1, E-SEC-2). */
import type { Output } from '@pulumi/pulumi';
import { postgresContainer, SQL_PORT } from '../../components/postgres/docker.ts';
import type { ApiSettings } from '../../components/api/docker.ts';
import type { Gate } from '../../components/gates/index.ts';
import { sized, type Host, type Running } from './host.ts';

export interface Database {
  readonly postgres: Running;
  readonly connection: ApiSettings['postgres'];
  readonly password: Output<string>;
  /** Open once it answers. */
  readonly ready: readonly Gate[];
}

export function database(host: Host): Database {
  const { user, database: name, startDeadline, ...settings } = host.settings.postgres;
  const password = host.generated('postgres-password', 32);
  const service = postgresContainer({
    ...{ ...settings, ...sized(settings), name: 'postgres', image: host.image('postgres') },
    ...{ user, database: name, password },
  });
  const postgres = host.run('postgres', service, { networks: ['data'], deadline: startDeadline, after: [] });
  const version = {
    requirement: 'A-GATE-10',
    command: sql(host, 'SELECT version()'),
    says: 'PostgreSQL 15',
  };
  const ready = [
    host.ask(
      'database-ready',
      postgres,
      {
        requirement: 'A-MIG-1, A-GATE-5',
        command: ['pg_isready', '-U', user, '-d', name],
        says: 'accepting connections',
        patience: { interval: '2s', deadline: '60s', failureLimit: 'none' },
      },
      postgres.ready,
    ),
    host.ask('database-version', postgres, version, postgres.ready),
  ];
  return { postgres, connection: { host: 'postgres', port: SQL_PORT, user, database: name }, password, ready };
}

/** A question to the database as its own superuser, over the socket in its container, in a session that cannot write. */
export const sql = ({ settings: { postgres } }: Host, query: string): string[] => [
  ...['env', 'PGOPTIONS=-c default_transaction_read_only=on'],
  ...['psql', '--no-psqlrc', '-U', postgres.user, '-d', postgres.database, '-tAc', query],
];
