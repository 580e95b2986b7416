/** A copy of the database before each release, then its schema, then the proof of it (B-MIG-1..4, CONF-20). */
import type { Resource } from '@pulumi/pulumi';
import { Schema } from '../../components/architect/index.ts';
import type { ReleasePrepare } from '../../components/release/index.ts';
import type { Database } from './database.ts';
import type { ArchitectSite } from './site.ts';

export function migrated(
  { settings, common, provider, image, images }: ArchitectSite,
  { postgres, connection, ready }: Database,
  prepared: ReleasePrepare,
): readonly Resource[] {
  const { deadline, ...backups } = settings.release.backups;
  const schema = new Schema(
    'architect-migrate',
    {
      ...{ ...common, version: settings.stack.version, image, shell: images.node, attempt: prepared.next },
      ...{ environment: settings.stack.environment, postgres: connection, password: postgres.password },
      ...{ cpu: settings.api.cpu, memory: settings.api.memory, backups, deadline },
    },
    { provider, dependsOn: [...ready, prepared] },
  );
  return [schema];
}
