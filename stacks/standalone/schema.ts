/** The database's schema: a dump of what there is, the migration, and proof of what it left (A-MIG-2, A-MIG-3, E-MIG-1..4). */
import type { Resource } from '@pulumi/pulumi';
import { migrationTask } from '../../components/api/docker.ts';
import type { Gate } from '../../components/gates/index.ts';
import { dumpTask } from '../../components/postgres/docker.ts';
import { schemaChecks } from '../checks/index.ts';
import { sql, type Database } from './database.ts';
import { sized, type Host } from './host.ts';

/** Dumps that stay on the host (ours, GAP-11). */
const KEPT = 5;

export interface Schema {
  /** Open once what the migration had to leave is there. */
  readonly ready: readonly Gate[];
}

export function migrated(host: Host, data: Database): Schema {
  const { settings, product: image } = host;
  const { version } = settings.stack;
  const { migrationDeadline: deadline, extraEnvironment, backup } = settings.api;
  const size = sized(settings.api);
  const { connection: postgres, password } = data;
  // Whenever another version begins, whether or not it changes the schema.
  const dumped: Resource[] = backup
    ? [
        host.task(
          'dump',
          dumpTask({
            ...{ name: 'dump', image: host.image('postgres'), ...size, keep: KEPT },
            ...{ ...postgres, password, version },
          }),
          {
            networks: ['data'],
            deadline,
            occasion: image.reference,
            requirement: 'E-DEP-3, E-BKP-1',
            after: data.ready,
          },
        ),
      ]
    : [];
  const migration = host.task(
    'migrate',
    migrationTask({ name: 'migrate', image, ...size, postgres, password, extraEnvironment }),
    { networks: ['data'], deadline, version, requirement: 'A-MIG-2, E-MIG-1', after: [...data.ready, ...dumped] },
  );
  const ready = Object.entries(schemaChecks(settings)).map(([name, { requirement, query, expect }]) =>
    host.ask(
      name,
      data.postgres,
      {
        ...(requirement !== undefined && { requirement }),
        command: sql(host, query),
        expect: {
          ...(expect.contains && { contains: expect.contains }),
          ...(expect.atLeast !== undefined && { atLeast: expect.atLeast }),
        },
      },
      [migration],
    ),
  );
  return { ready };
}
