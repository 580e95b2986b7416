/** Documents and reports: the object store, and what is in it (A-STOR-1, A-STOR-2, D-HELM-6, D-BKP-8). */
import type { Resource } from '@pulumi/pulumi';
import { Bucket, Minio, type CopyTarget } from '../../components/minio/index.ts';
import type { Tls } from './certificates.ts';
import type { Settings } from '../config/schema.ts';
import type { Site } from './site.ts';

/** @param tls the certificate of the store, where it has one */
export const documents = (
  { settings, common, provider, images }: Site,
  tls: Tls | undefined,
  after: readonly Resource[],
): Minio =>
  new Minio(
    'minio',
    { ...settings.minio, ...common, image: images.minio, ...(tls && { tls }) },
    { provider, dependsOn: [...after] },
  );

export const buckets = ({ settings, common, cluster }: Site, minio: Minio, after: Resource): Bucket[] =>
  Object.values(settings.minio.buckets).map(({ name, copyTo, ...bucket }) => {
    const copy = copyTarget(settings, common.namespace, copyTo);
    return new Bucket(
      `bucket-${name}`,
      {
        ...{ cluster, subject: minio.subject, target: { workload: minio.workload, port: minio.port } },
        ...{ accessKey: minio.accessKeyRef, secretKey: minio.secretKeyRef },
        ...{ ...bucket, bucket: name, encrypted: settings.minio.encryption },
        ...(copy && { copyTo: copy }),
      },
      { dependsOn: after },
    );
  });

function copyTarget({ minio }: Settings, namespace: string, bucket: string | undefined): CopyTarget | undefined {
  if (minio.copies === undefined || bucket === undefined) return undefined;
  const { endpoint, region, secret: name } = minio.copies;
  const credential = (key: string) => ({ namespace, name, key });
  return { endpoint, region, bucket, accessKey: credential('access-key'), secretKey: credential('secret-key') };
}
