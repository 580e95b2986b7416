/** MinIO on one node or on four that share the data. Its buckets and users are resources; who reads them is the stack's. */
import * as pulumi from '@pulumi/pulumi';
import { RandomBytes } from '@pulumi/random/randomBytes.js';
import {
  CONTAINER_SECURITY,
  keyedDigest,
  PlatformComponent,
  probes,
  resources,
  type SecretRef,
  type Workload,
} from '../core/index.ts';
import type { ClusterRef } from '../gates/index.ts';
import type { StoreRef } from './connect.ts';
import { FOLDERS, GRACE, HEALTH, PEER_ENVIRONMENT, PORTS, serverArguments, serverEnvironment } from './facts.ts';
import { credentials, store, type Belonging, type ServerArgs } from '../store/index.ts';
import { metricsToken } from './metrics.ts';
import { User } from './user.ts';

const CERTS = '/run/secrets/minio-certs';

export interface MinioArgs extends ServerArgs {
  /** The root user (A-ENV-17). Changing it restarts the server under the new name; the data stay. */
  readonly accessKey: string;
  /**
   * Nodes, each on a volume of its own (D-HELM-6, CONF-9). Four keep two of every four pieces of an object as parity
   * (MinIO's own default, EC:2): reads go on without two of them, writes without one. Changing it is refused: MinIO cannot
   * turn one into the other; copy the buckets to a second store.
   * @default 1
   */
  readonly nodes?: 1 | 4;
  /**
   * Whether the store has a key for encrypting objects (D-SEC-1); buckets say whether they use it. Once there are objects
   * under it, it is needed for ever: the key is protected as the data are. Turning it off is refused.
   * @default false
   */
  readonly encryption?: boolean;
  /**
   * The user that an application signs in as, with a generated secret key: it may use the objects of these buckets and do
   * nothing else. Made through the cluster's API, once the server runs.
   * @default applications sign in as root
   */
  readonly user?:
    { readonly accessKey: string; readonly buckets: readonly string[]; readonly cluster: ClusterRef } | undefined;
  /**
   * A Secret of type kubernetes.io/tls with `ca.crt`, for the Service's name and `*.<name>-members`. The server reads a
   * renewed one by itself. Left out: plain.
   */
  readonly tls?: { readonly secretName: string };
}

/**
 * MinIO with its root credentials in a Secret.
 *
 * Cost: a pod and a volume for each node. Failure: a lone node takes the documents along while it is away. Of four, one
 * may be away: clients that meet it try again, and it catches up when it is back. What was under way to it waits for up to a
 * minute, and so does whoever asks for the same object meanwhile. Of four volumes, two may be lost.
 */
export class Minio extends PlatformComponent {
  readonly workload: Workload;
  readonly port = PORTS.s3;
  /** The digest of template and configuration, as it stands on the pods. */
  readonly subject: pulumi.Output<string>;
  readonly accessKeyRef: SecretRef;
  readonly secretKeyRef: SecretRef;
  /** The token with which metrics are read at `/minio/v2/metrics/cluster`; nothing else takes it for an identity. */
  readonly metricsTokenRef: SecretRef;
  /** How its certificate is checked by who comes through the cluster's API; nothing where it speaks plainly. */
  readonly trust: StoreRef['tls'] | undefined;
  /** What applications sign in with: the user's credentials where there is one, else root's. The key is a secret. */
  readonly login: { readonly accessKey: string; readonly secretKey: pulumi.Output<string> };

  constructor(name: string, args: MinioArgs, options: pulumi.ComponentResourceOptions) {
    const { nodes = 1, encryption = false, protect = false } = args;
    super('platform:data:Minio', name, { storage: args.storage, nodes }, options);
    const identity = { component: 'minio', instance: name, partOf: args.partOf };

    const key = encryption && new RandomBytes(`${name}-key`, { length: 32 }, { parent: this, protect }).base64;
    const auth = credentials(this, name, { ...args, identity }, 40, (password) => ({
      'access-key': args.accessKey,
      'secret-key': password,
      'metrics-token': password.apply((secret) => metricsToken(args.accessKey, secret)),
      ...(key && { 'encryption-key': pulumi.interpolate`${name}:${key}` }),
    }));
    const { workload, subject } = store(this, name, {
      ...args,
      identity,
      uid: args.image.uid,
      replicas: nodes,
      // They find each other before any of them is ready.
      parallel: nodes > 1,
      fixed: { nodes, ...(encryption && { encryption }) },
      ports: PORTS,
      container: container(name, { ...args, nodes, encryption }),
      volumes: [
        { name: 'auth', secret: { secretName: `${name}-auth`, defaultMode: 0o440, items: files(encryption) } },
        { name: 'tmp', emptyDir: {} },
        ...(args.tls ? [certificates(args.tls.secretName)] : []),
      ],
      grace: GRACE,
      secrets: { key: args.fingerprintKey, values: auth.values },
      reads: [auth.secret],
    });

    this.workload = workload;
    this.subject = subject;
    this.accessKeyRef = auth.ref('access-key');
    this.secretKeyRef = auth.ref('secret-key');
    this.metricsTokenRef = auth.ref('metrics-token');
    this.trust = args.tls && {
      authority: { namespace: args.namespace, name: args.tls.secretName, key: 'ca.crt' },
      serverName: name,
    };
    this.login = args.user
      ? this.#signIn(name, args.user, { ...args, identity }, args)
      : { accessKey: args.accessKey, secretKey: auth.password };
    this.registerOutputs({ subject });
  }

  #signIn(name: string, user: NonNullable<MinioArgs['user']>, belonging: Belonging, args: MinioArgs): Minio['login'] {
    const { accessKey, buckets, cluster } = user;
    const own = credentials(this, `${name}-user`, belonging, 40, (password) => ({ 'secret-key': password }));
    // The hash is public on purpose, as on a pod: with another secret key the user is looked after again.
    const hash = pulumi.unsecret(
      pulumi.all([args.fingerprintKey, own.password]).apply(([key, secret]) => keyedDigest(key, secret)),
    );
    const root = { accessKey: this.accessKeyRef, secretKey: this.secretKeyRef };
    const target = { workload: this.workload, port: this.port };
    const subject = pulumi.interpolate`${this.subject} ${hash}`;
    new User(
      `${name}-user`,
      {
        cluster,
        target,
        ...root,
        ...(this.trust && { tls: this.trust }),
        user: accessKey,
        userKey: own.ref('secret-key'),
        buckets,
        subject,
      },
      { parent: this, dependsOn: own.secret },
    );
    return { accessKey, secretKey: own.password };
  }
}

/** The server needs no token for its own metrics. */
const files = (encryption: boolean) =>
  ['access-key', 'secret-key', ...(encryption ? ['encryption-key'] : [])].map((key) => ({ key, path: key }));

/** The names under which MinIO looks for a certificate. */
const certificates = (secretName: string) => ({
  name: 'certs',
  secret: {
    secretName,
    defaultMode: 0o440,
    items: [
      { key: 'tls.crt', path: 'public.crt' },
      { key: 'tls.key', path: 'private.key' },
      { key: 'ca.crt', path: 'CAs/ca.crt' },
    ],
  },
});

type Chosen = MinioArgs & Required<Pick<MinioArgs, 'nodes' | 'encryption'>>;

/** One node serves its folder; four are told all names, and find out which is theirs. */
const drives = (name: string, { nodes, namespace, tls }: Chosen): string =>
  nodes === 1
    ? FOLDERS.data
    : `${tls ? 'https' : 'http'}://${name}-{0...${nodes - 1}}.${name}-members.${namespace}.svc:${PORTS.s3}/data`;

const environment = ({ nodes, encryption }: Chosen): Record<string, string> => ({
  ...serverEnvironment(encryption),
  ...(nodes > 1 && PEER_ENVIRONMENT),
});

function container(name: string, args: Chosen) {
  const health = (path: string) => ({ httpGet: { path, port: 's3', ...(args.tls && { scheme: 'HTTPS' }) } });
  return {
    name: 'minio',
    image: args.image.reference,
    args: [...serverArguments(drives(name, args)), ...(args.tls ? ['--certs-dir', CERTS] : [])],
    env: Object.entries(environment(args)).map(([name, value]) => ({ name, value })),
    resources: resources(args.cpu, args.memory),
    securityContext: CONTAINER_SECURITY,
    ...probes(health(HEALTH.ready), health(HEALTH.live)),
    volumeMounts: [
      { name: 'data', mountPath: FOLDERS.data },
      { name: 'auth', mountPath: FOLDERS.auth, readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
      ...(args.tls ? [{ name: 'certs', mountPath: CERTS, readOnly: true }] : []),
    ],
  };
}
