/** The database, first and alone, ready within 60 s (A-DEP-2, A-MIG-1). */
import type { Resource } from '@pulumi/pulumi';
import type { ApiSettings } from '../../components/api/index.ts';
import type { Gate } from '../../components/gates/index.ts';
import { Postgres } from '../../components/postgres/index.ts';
import type { Site } from './site.ts';

export interface Database {
  readonly postgres: Postgres;
  readonly connection: ApiSettings['postgres'];
  /** Open once it answers. */
  readonly ready: readonly Gate[];
}

export function database({ settings, common, provider, gates, images }: Site, after: Resource): Database {
  const { timescaledb, user, database: name } = settings.postgres;
  const postgres = new Postgres(
    'postgres',
    { ...settings.postgres, ...common, image: timescaledb ? images.timescaledb : images.postgres },
    { provider, dependsOn: after },
  );
  const answering = gates.sql(
    'database-ready',
    postgres,
    {
      requirement: 'A-MIG-1, A-GATE-5',
      query: 'SELECT 1',
      expect: { equals: 1 },
      patience: { ...settings.gates.database, failureLimit: 'none' },
    },
    [postgres],
  );
  const known = gates.sql(
    'database-version',
    postgres,
    { requirement: 'A-GATE-10', query: 'SELECT version()', expect: { rows: 1 } },
    [answering],
  );
  const connection = { host: 'postgres', port: postgres.port, user, database: name };
  return { postgres, connection, ready: [answering, known] };
}
