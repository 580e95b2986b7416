/** The database's schema, and the proof of it, asked again after each migration (A-MIG-2, A-MIG-3, E-MIG-1..4). */
import type { Resource } from '@pulumi/pulumi';
import { Migration } from '../../components/migration/index.ts';
import type { Gate } from '../../components/gates/index.ts';
import { schemaChecks } from '../checks/index.ts';
import type { Tls } from './certificates.ts';
import type { Database } from './database.ts';
import type { Site } from './site.ts';

export interface Schema {
  readonly migration: Migration;
  /** Open once what the migration had to leave is there. */
  readonly ready: readonly Gate[];
}

/**
 * @param tls the certificate of the database, whose authority the migration asks for
 * @param prepared what has to be at rest before: what runs, of an earlier version
 */
export function migrated(site: Site, database: Database, tls: Tls | undefined, prepared: Resource): Schema {
  const { settings, common, provider, gates, image, generated } = site;
  const { cpu, memory, migrationDeadline, extraEnvironment } = settings.api;
  const { postgres, connection, ready } = database;
  const tester = settings.smoke?.user;
  const migration = new Migration(
    'migrate',
    {
      ...{ namespace: common.namespace, partOf: common.partOf, version: settings.stack.version, image },
      ...{ postgres: connection, password: postgres.password, tls },
      ...{ cpu, memory: memory.limit, deadline: migrationDeadline, extraEnvironment },
      // Whoever else is to sign in gets a password from people: `set-password`.
      users: tester === undefined ? undefined : { [tester]: generated('smoke-user-password', 32) },
    },
    { provider, dependsOn: [...ready, prepared] },
  );
  const proven = Object.entries(schemaChecks(settings)).map(([name, ask]) =>
    gates.sql(name, postgres, ask, [migration], migration.content),
  );
  return { migration, ready: proven };
}
