/** Documents and reports: the object store, and what is in it (A-STOR-1, A-STOR-2, D-HELM-6, D-BKP-8). */
import type { Resource } from '@pulumi/pulumi';
import { Bucket, Minio, type CopyTarget } from '../../components/minio/index.ts';
import type { Tls } from './certificates.ts';
import type { Settings } from '../config/systems/corporate-intelligence.ts';
import type { Site } from './site.ts';

/**
 * The store. The API signs in as a user of its own where one is named, which may use its two buckets only.
 *
 * @param tls the certificate of the store, where it has one
 */
export function documents(
  { settings, common, provider, images, cluster }: Site,
  tls: Tls | undefined,
  after: readonly Resource[],
): Minio {
  const { apiUser: accessKey, buckets: all } = settings.minio;
  const user = accessKey === undefined ? undefined : { accessKey, buckets: Object.values(all).map(named), cluster };
  return new Minio(
    'minio',
    { ...settings.minio, ...common, image: images.minio, user, ...(tls && { tls }) },
    { provider, dependsOn: [...after] },
  );
}

const named = ({ name }: { readonly name: string }): string => name;

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
        ...(minio.trust && { tls: minio.trust }),
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
