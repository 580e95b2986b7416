/** The database's schema, and the proof of it, asked again after each migration (A-MIG-2, A-MIG-3, E-MIG-1..4). */
import { Migration } from '../../components/api/index.ts';
import type { Gate } from '../../components/gates/index.ts';
import { MIGRATED } from '../checks.ts';
import type { Database } from './database.ts';
import type { Site } from './site.ts';

export function migrated({ settings, common, provider, gates, image }: Site, database: Database): Gate[] {
  const { cpu, memory, migrationDeadline, extraEnvironment } = settings.api;
  const { postgres, connection, ready } = database;
  const migration = new Migration(
    'migrate',
    {
      ...{ namespace: common.namespace, partOf: common.partOf, version: settings.stack.version, image },
      ...{ postgres: connection, password: postgres.password },
      ...{ cpu, memory: memory.limit, deadline: migrationDeadline, extraEnvironment },
    },
    { provider, dependsOn: [...ready] },
  );
  return Object.entries(MIGRATED).map(([name, ask]) => gates.sql(name, postgres, ask, [migration], migration.content));
}
