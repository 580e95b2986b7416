/** Documents and reports: the object store, and the buckets in it (A-STOR-1, A-STOR-2, E-TOPO-1). */
import type { Output, Resource } from '@pulumi/pulumi';
import { RandomBytes } from '@pulumi/random/randomBytes.js';
import { bucketsTask, minioContainer } from '../../components/minio/docker.ts';
import type { Gate } from '../../components/gates/index.ts';
import { sized, type Host, type Running } from './host.ts';

export interface Documents extends Running {
  readonly secretKey: Output<string>;
}

export function documents(host: Host, after: readonly Resource[]): Documents {
  const { accessKey, startDeadline: deadline } = host.settings.minio;
  const secretKey = host.generated('minio-secret-key', 40);
  const { protect } = host.settings.stack;
  const encryptionKey = new RandomBytes('minio-encryption-key', { length: 32 }, { protect }).base64;
  const own = { name: 'minio', image: host.image('minio'), ...sized(host.settings.minio) };
  const service = minioContainer({ ...own, accessKey, secretKey, encryptionKey });
  // Clients of the store come through nginx, where it has a name.
  const networks = ['data', 'watch', 'front'] as const;
  return { ...host.run('minio', service, { networks, deadline, after }), secretKey };
}

/** The buckets, and proof that they are there (A-STOR-4). */
export function buckets(host: Host, minio: Documents, after: readonly Resource[]): readonly Gate[] {
  const { accessKey, buckets: all } = host.settings.minio;
  const own = { name: 'buckets', image: host.image('minio'), ...sized(host.settings.minio) };
  const made = host.task(
    'buckets',
    bucketsTask({
      ...{ ...own, accessKey, secretKey: minio.secretKey },
      ...{ endpoint: 'http://minio:9000', buckets: [all.documents, all.reports] },
    }),
    { networks: ['data'], deadline: '60s', occasion: minio.container.containerId, after },
  );
  const live = ['curl', '--fail', '--silent', 'http://127.0.0.1:9000/minio/health/live'];
  return [
    host.ask('store-live', minio, { requirement: 'A-GATE-7', command: live }, [made]),
    host.ask(
      'store-console',
      minio,
      {
        requirement: 'A-GATE-11',
        command: ['curl', '--fail', '--silent', 'http://127.0.0.1:9001/'],
        says: 'MinIO',
      },
      [made],
    ),
  ];
}
