/** PostgreSQL: the primary, and the replica that only reads (B-TOPO-3, B-TOPO-6, CONF-6). */
import type { Resource } from '@pulumi/pulumi';
import type { ArchitectSettings } from '../../components/architect/index.ts';
import type { Gate } from '../../components/gates/index.ts';
import { Postgres } from '../../components/postgres/index.ts';
import { imageOf } from '../corporate-intelligence/database.ts';
import type { ArchitectSite } from './site.ts';

export interface Database {
  readonly postgres: Postgres;
  readonly connection: ArchitectSettings['postgres'];
  /** Open once it answers. */
  readonly ready: readonly Gate[];
}

export function database(
  { settings, common, cluster, provider, gates, images }: ArchitectSite,
  tls: { readonly secretName: string } | undefined,
  after: readonly Resource[],
): Database {
  const { user, database: name, requireTls: required, pooler: _none, ...server } = settings.postgres;
  const postgres = new Postgres(
    'postgres',
    {
      ...{ ...server, ...common, cluster, user, database: name, image: images[imageOf(settings.postgres)] },
      tls: tls && { ...tls, required },
    },
    { provider, dependsOn: [...after] },
  );
  const patience = { ...settings.gates.database, failureLimit: 'none' } as const;
  const answering = gates.sql(
    'database-ready',
    postgres,
    { requirement: 'B-GATE-5', query: 'SELECT 1', expect: { equals: 1 }, patience },
    [postgres],
  );
  const sslMode = tls === undefined ? ('disable' as const) : ('require' as const);
  const connection = { host: 'postgres', port: postgres.port, user, database: name, sslMode };
  return { postgres, connection, ready: [answering] };
}
