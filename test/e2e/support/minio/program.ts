/**
 * What a test lays beside the rehearsal's store: a second store in a namespace of its own, a bucket in each that is copied
 * from the one to the other, and a user that may use one bucket.
 */
export interface Beside {
  /** The rehearsal's. */
  readonly namespace: string;
  /** The second store's own. */
  readonly other: string;
  readonly image: string;
  readonly bucket: string;
}

export const programBeside = ({ namespace, other, image, bucket }: Beside): string => `
import * as pulumi from '@pulumi/pulumi';
import { Provider } from '@pulumi/kubernetes/provider.js';
import { StorageClass } from '@pulumi/kubernetes/storage/v1/storageClass.js';
import { Namespace } from '@pulumi/kubernetes/core/v1/namespace.js';
import { PlatformComponent } from './components/core/index.ts';
import { Bucket, Minio, User } from './components/minio/index.ts';
import { credentials } from './components/store/index.ts';

const provider = new Provider('cluster', { kubeconfig: '', clusterIdentifier: 'test', upsertExistingObjects: true });
const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
const space = new Namespace('other', { metadata: { name: '${other}', labels } }, { provider });
// As the node's own, but one that says yes to a larger volume: folders have no size.
const growing = new StorageClass('growing', {
  metadata: { name: '${other}' }, provisioner: 'rancher.io/local-path', volumeBindingMode: 'WaitForFirstConsumer',
  allowVolumeExpansion: true,
}, { provider });
const storage = new pulumi.Config().require('storage');
const copies = new Minio('copies', {
  namespace: '${other}', partOf: 'trial', image: { reference: '${image}', uid: 1000 }, accessKey: 'copies_admin',
  cpu: { request: '10m', limit: '1' }, memory: '384Mi', storage, storageClass: '${other}', startDeadline: '5m', fingerprintKey: 'key',
}, { provider, dependsOn: [space, growing] });
const there = {
  cluster: {}, target: { workload: copies.workload, port: copies.port }, subject: copies.subject,
  accessKey: copies.accessKeyRef, secretKey: copies.secretKeyRef,
};
const copy = new Bucket('copy', { ...there, bucket: '${bucket}-copy', anonymousDownload: false, versioning: true }, { dependsOn: copies });

const workload = { namespace: '${namespace}', kind: 'StatefulSet', name: 'minio' };
const root = (key) => ({ namespace: '${namespace}', name: 'minio-auth', key });
const here = {
  cluster: {}, target: { workload, port: 9000 }, subject: 'trial', accessKey: root('access-key'), secretKey: root('secret-key'),
  tls: { authority: { namespace: '${namespace}', name: 'minio-tls', key: 'ca.crt' }, serverName: 'minio' },
};
new Bucket('trial', {
  ...here, bucket: '${bucket}', anonymousDownload: false, versioning: true, encrypted: true,
  expiry: { objects: 1, oldVersions: 1 },
}, {});
new Bucket('source', {
  ...here, bucket: '${bucket}-source', anonymousDownload: false, versioning: true,
  copyTo: {
    endpoint: 'http://copies.${other}.svc:9000', bucket: '${bucket}-copy',
    accessKey: copies.accessKeyRef, secretKey: copies.secretKeyRef,
  },
}, { dependsOn: copy });

class Account extends PlatformComponent {
  constructor() {
    super('platform:data:Account', 'account', {}, { provider, dependsOn: space });
    const identity = { component: 'account', instance: 'account', partOf: 'trial' };
    const auth = credentials(this, 'account', { namespace: '${other}', identity }, 40, (password) => ({ 'secret-key': password }));
    new User('account-user', {
      ...here, user: '${bucket}-user', userKey: auth.ref('secret-key'), buckets: ['${bucket}-source'],
    }, { parent: this, dependsOn: auth.secret });
  }
}
new Account();
`;
