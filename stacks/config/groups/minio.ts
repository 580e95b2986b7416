/** MinIO and its buckets. */
import * as k from '../kinds.ts';
import { defaulted, group, stated } from '../setting.ts';
import { cpuRange, ours, storage, storageClass } from './common.ts';

const bucket = (what: string, from: string) =>
  group({
    name: stated(k.bucketName, {
      means: `Bucket for ${what}. A new name is a new, empty bucket; the old one stays.`,
      from,
    }),
    anonymousDownload: stated(k.flag, {
      means: 'Whether anybody may download its objects without credentials. Needs `minio.allowAnonymous`.',
      from: 'A-STOR-2, CONF-11',
    }),
  });

export const minio = group({
  accessKey: stated(k.accessKey, {
    means: 'The root user. Changing it restarts MinIO and rolls the API.',
    from: 'A-ENV-17',
  }),
  cpu: cpuRange('MinIO'),
  memory: stated(k.size('128Mi', '1Ti'), { means: 'Memory of the pod, reserved and limit.', from: 'GAP-7, ours' }),
  storage: storage('MinIO', 'GAP-6, ours'),
  storageClass,
  allowAnonymous: defaulted(k.flag, false, {
    means: 'Whether any bucket may be public at all. A safety catch: a public bucket takes two settings.',
    from: 'CONF-11',
  }),
  buckets: group({
    documents: bucket('documents', 'A-ENV-20, A-STOR-1'),
    reports: bucket('reports', 'A-ENV-21, A-STOR-1'),
  }),
  startDeadline: defaulted(k.duration('30s', '1h'), '5m', {
    means: 'How long the pod may take to become ready.',
    from: ours,
  }),
});
