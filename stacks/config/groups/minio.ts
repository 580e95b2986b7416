/** MinIO and its buckets. */
import * as k from '../kinds.ts';
import { comfort, defaulted, group, listed, optional, part, stated } from '../setting.ts';
import { cpuRange, ours, storage, storageClass } from './common.ts';

const nodes: k.Kind<1 | 4> = {
  wanted: '1 or 4',
  accepts: (value): value is 1 | 4 => value === 1 || value === 4,
};
const days = k.whole(1, 3650);

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
    versioning: defaulted(k.flag, false, {
      means: 'Whether a replaced or deleted object is kept as an old version. Turned off later, what there is stays.',
      from: 'D-BKP-8',
    }),
    expiry: comfort({
      objects: optional(days, {
        means: 'Days after which an object goes by itself. Left out: it stays.',
        from: 'D-BKP-8 (lifecycle), ours',
      }),
      oldVersions: optional(days, {
        means: 'Days after which a replaced or deleted version goes. Left out: it stays. Needs `versioning`.',
        from: 'D-BKP-8 (lifecycle), ours',
      }),
    }),
    copyTo: optional(k.bucketName, {
      means: 'Bucket of `minio.copies` that its objects are copied to. Left out: they are not. Needs `versioning`.',
      from: 'D-BKP-8',
    }),
  });

export const minio = group({
  accessKey: stated(k.accessKey, {
    means: 'The root user. Changing it restarts MinIO, and rolls the API where that has no user of its own.',
    from: 'A-ENV-17',
  }),
  apiUser: optional(k.accessKey, {
    means:
      'The user that the API signs in as: it may use the objects of the two buckets and nothing else. Left out: root. Another name is another user; the old one stays.',
    from: 'D-SEC-1, D-K8S-6, A-ENV-17',
  }),
  nodes: defaulted(nodes, 1, {
    means: 'Nodes that share the data: 1, or 4 of which one may be away. A change is refused once there are data.',
    from: 'D-HELM-6, CONF-9',
  }),
  encryption: defaulted(k.flag, true, {
    means:
      'Whether objects are encrypted with a key of the store unless they say otherwise. The key is in a Secret and needed for ever; turning it off is refused.',
    from: 'D-SEC-1, CONF-11',
  }),
  cpu: cpuRange('MinIO'),
  memory: stated(k.size('128Mi', '1Ti'), { means: 'Memory of each pod, reserved and limit.', from: 'GAP-7, ours' }),
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
  copies: part({
    endpoint: stated(k.origin, {
      means:
        'Another MinIO, in another region, that buckets are copied to; with its port where that is not the usual one.',
      from: 'D-BKP-8, GAP-11',
    }),
    cidrs: listed(k.cidr, {
      means: 'Networks of its addresses: what the store may reach outside the cluster.',
      from: 'D-NET-1, GAP-4',
    }),
    region: defaulted(k.dnsLabel, 'us-east-1', { means: 'The region it says it is in.', from: 'D-BKP-8, GAP-11' }),
    secret: stated(k.dnsLabel, {
      means:
        'Secret in the namespace with `access-key` and `secret-key` for it. Made by whoever runs the other store; without it, the buckets that are copied fail.',
      from: 'D-BKP-8, GAP-11',
    }),
  }),
  startDeadline: defaulted(k.duration('30s', '1h'), '5m', {
    means: 'How long a pod may take to become ready.',
    from: ours,
  }),
});
