/** The database as it was before a release changes anything (D-DEP-5, D-DEP-6, B-RB-2). */
import type { Input, Resource } from '@pulumi/pulumi';
import { PreReleaseBackup } from '../../components/backup/index.ts';
import type { Minio } from '../../components/minio/index.ts';
import type { InsideCertificates } from './certificates.ts';
import { imageOf, type Database } from './database.ts';
import type { Site } from './site.ts';

/** @param attempt what is another one at each attempt of a release */
export function backedUp(
  { settings, common, cluster, provider, images }: Site,
  { postgres, connection }: Database,
  minio: Minio,
  tls: InsideCertificates['tls'],
  attempt: Input<string>,
  prepared: Resource,
): PreReleaseBackup {
  const { bucket, keep, space, deadline } = settings.release.backup;
  return new PreReleaseBackup(
    'pre-release-backup',
    {
      ...{ ...common, cluster, attempt, image: images.node, store: minio, bucket, keep, space, deadline },
      database: {
        ...{ host: connection.host, port: connection.port, name: connection.database, user: connection.user },
        ...{ image: images[imageOf(settings.postgres)], password: postgres.passwordRef, tls: tls.postgres },
      },
      endpoint: { url: `${tls.minio ? 'https' : 'http'}://minio:${minio.port}`, tls: tls.minio },
    },
    { provider, dependsOn: prepared },
  );
}
