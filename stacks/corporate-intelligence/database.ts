/** The database, first and alone, ready within 60 s (A-DEP-2, A-MIG-1). */
import type { Resource } from '@pulumi/pulumi';
import type { ApiSettings } from '../../components/api/index.ts';
import type { Gate } from '../../components/gates/index.ts';
import { Postgres } from '../../components/postgres/index.ts';
import type { Settings } from '../config/systems/corporate-intelligence.ts';
import type { Tls } from './certificates.ts';
import type { Site } from './site.ts';

export interface Database {
  readonly postgres: Postgres;
  readonly connection: ApiSettings['postgres'];
  /** Open once it answers. */
  readonly ready: readonly Gate[];
}

/** @param tls the certificate of the database, where it has one */
export function database(site: Site, tls: Tls | undefined, after: readonly Resource[]): Database {
  const { settings, common, cluster, provider, gates, images } = site;
  const { user, database: name, requireTls: required, pooler } = settings.postgres;
  const postgres = new Postgres(
    'postgres',
    {
      ...settings.postgres,
      ...common,
      cluster,
      image: images[imageOf(settings.postgres)],
      tls: tls && { ...tls, required },
      pooler: pooler && { ...pooler, image: images.pgbouncer, pool: pooler },
    },
    { provider, dependsOn: [...after] },
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
  const connection = { host: 'postgres', port: postgres.port, user, database: name, tls: tls !== undefined };
  return { postgres, connection, ready: [answering, known] };
}

/** One alone runs the plain images; one with replicas needs Patroni beside it. */
export const imageOf = ({ timescaledb, readReplicas }: Settings['postgres']) =>
  readReplicas > 0 ? 'postgresReplicated' : timescaledb ? 'timescaledb' : 'postgres';
