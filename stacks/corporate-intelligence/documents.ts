/** Documents and reports: the object store, and its buckets (A-STOR-1, A-STOR-2). */
import type { Resource } from '@pulumi/pulumi';
import { Bucket, Minio } from '../../components/minio/index.ts';
import type { Site } from './site.ts';

export const documents = ({ settings, common, provider, images }: Site, after: readonly Resource[]): Minio =>
  new Minio('minio', { ...settings.minio, ...common, image: images.minio }, { provider, dependsOn: [...after] });

export const buckets = ({ settings, cluster }: Site, minio: Minio, after: Resource): Bucket[] =>
  Object.values(settings.minio.buckets).map(
    ({ name, anonymousDownload }) =>
      new Bucket(
        `bucket-${name}`,
        {
          ...{ cluster, subject: minio.subject, target: { workload: minio.workload, port: minio.port } },
          ...{ accessKey: minio.accessKeyRef, secretKey: minio.secretKeyRef },
          ...{ bucket: name, anonymousDownload },
        },
        { dependsOn: after },
      ),
  );
