/** MinIO, one instance on one volume. Its buckets are resources of their own; who reads them is the stack's edges. */
import type * as pulumi from '@pulumi/pulumi';
import {
  CONTAINER_SECURITY,
  PlatformComponent,
  probes,
  resources,
  type SecretRef,
  type Workload,
} from '../core/index.ts';
import { credentials, store, type ServerArgs } from '../store/index.ts';

/** The S3 API and the console (A-PORT-4, A-PORT-5). */
const PORTS = { s3: 9000, console: 9001 } as const;
const AUTH = '/run/secrets/minio';

export interface MinioArgs extends ServerArgs {
  /** The root user (A-ENV-17). Changing it restarts the server under the new name; the data stay. */
  readonly accessKey: string;
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
    const identity = { component: 'minio', instance: name, partOf: args.partOf };

    const auth = credentials(this, name, { ...args, identity }, 40, (password) => ({
      'access-key': args.accessKey,
      'secret-key': password,
    }));
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
      secrets: { key: args.fingerprintKey, values: auth.values },
      reads: [auth.secret],
    });

    this.workload = workload;
    this.subject = subject;
    this.accessKeyRef = auth.ref('access-key');
    this.secretKeyRef = auth.ref('secret-key');
    this.secretKey = auth.password;
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
