/** MinIO, one instance on one volume. Its buckets are resources of their own; who reads them is the stack's edges. */
import type * as pulumi from '@pulumi/pulumi';
import { Secret } from '@pulumi/kubernetes/core/v1/secret.js';
import { RandomPassword } from '@pulumi/random/randomPassword.js';
import {
  CONTAINER_SECURITY,
  labels,
  PlatformComponent,
  probes,
  resources,
  type Bytes,
  type CpuRange,
  type Duration,
  type Image,
  type SecretRef,
  type Workload,
} from '../core/index.ts';
import { store, type Volume } from '../store/index.ts';

/** The S3 API and the console (A-PORT-4, A-PORT-5). */
const PORTS = { s3: 9000, console: 9001 } as const;
const AUTH = '/run/secrets/minio';

export interface MinioArgs extends Volume {
  readonly namespace: string;
  readonly partOf: string;
  /** A new one restarts the server. */
  readonly image: Image;
  /** The root user (A-ENV-17). Changing it restarts the server under the new name; the data stays. */
  readonly accessKey: string;
  readonly cpu: CpuRange;
  readonly memory: Bytes;
  /** How long the server may take to become ready. */
  readonly startDeadline: Duration;
  /** The key of the hash that rolls the pod with its credentials. */
  readonly fingerprintKey: pulumi.Input<string>;
}

/**
 * One MinIO with its root credentials in a Secret.
 *
 * Cost: one pod, one volume. Failure: while the pod is away, so are the documents and reports.
 */
export class Minio extends PlatformComponent {
  readonly workload: Workload;
  readonly port = PORTS.s3;
  /** The digest of template and configuration, as it stands on the pod. */
  readonly subject: pulumi.Output<string>;
  readonly accessKeyRef: SecretRef;
  readonly secretKeyRef: SecretRef;
  /** The root password, for those who must hand it on. A secret. */
  readonly secretKey: pulumi.Output<string>;

  constructor(name: string, args: MinioArgs, options: pulumi.ComponentResourceOptions) {
    super('platform:data:Minio', name, { storage: args.storage }, options);
    const { namespace } = args;
    const identity = { component: 'minio', instance: name, partOf: args.partOf };
    const child = { parent: this };

    const secretKey = new RandomPassword(`${name}-password`, { length: 40, special: false }, child).result;
    const values = { 'access-key': args.accessKey, 'secret-key': secretKey };
    const auth = new Secret(
      `${name}-auth`,
      { metadata: { name: `${name}-auth`, namespace, labels: labels(identity) }, stringData: values },
      child,
    );
    const { workload, subject } = store(this, name, {
      ...args,
      identity,
      uid: args.image.uid,
      ports: PORTS,
      container: container(args),
      volumes: [
        { name: 'auth', secret: { secretName: `${name}-auth`, defaultMode: 0o440 } },
        { name: 'tmp', emptyDir: {} },
      ],
      grace: 30,
      secrets: { key: args.fingerprintKey, values },
      reads: [auth],
    });

    this.workload = workload;
    this.subject = subject;
    this.accessKeyRef = { namespace, name: `${name}-auth`, key: 'access-key' };
    this.secretKeyRef = { namespace, name: `${name}-auth`, key: 'secret-key' };
    this.secretKey = secretKey;
    this.registerOutputs({ subject });
  }
}

const health = (what: string) => ({ httpGet: { path: `/minio/health/${what}`, port: 's3' } });

const container = (args: MinioArgs) => ({
  name: 'minio',
  image: args.image.reference,
  args: ['server', '/data', '--console-address', `:${PORTS.console}`],
  env: [
    { name: 'HOME', value: '/tmp' },
    { name: 'MINIO_ROOT_PASSWORD_FILE', value: `${AUTH}/secret-key` },
    { name: 'MINIO_ROOT_USER_FILE', value: `${AUTH}/access-key` },
    // Without it MinIO asks for news outside, which no edge allows.
    { name: 'MINIO_UPDATE', value: 'off' },
  ],
  resources: resources(args.cpu, args.memory),
  securityContext: CONTAINER_SECURITY,
  ...probes(health('ready'), health('live')),
  volumeMounts: [
    { name: 'data', mountPath: '/data' },
    { name: 'auth', mountPath: AUTH, readOnly: true },
    { name: 'tmp', mountPath: '/tmp' },
  ],
});
