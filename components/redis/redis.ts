/** Redis, one instance with its append-only file on a volume. Knows nothing of who connects. */
import type * as pulumi from '@pulumi/pulumi';
import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js';
import { Secret } from '@pulumi/kubernetes/core/v1/secret.js';
import { RandomPassword } from '@pulumi/random/randomPassword.js';
import {
  CONTAINER_SECURITY,
  contentName,
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
import { redisConf, usersAcl, type CacheSettings } from './configuration.ts';

/** The port of the protocol (A-PORT-3). */
const PORT = 6379;
const AUTH = '/run/secrets/redis';

export interface RedisArgs extends CacheSettings, Volume {
  readonly namespace: string;
  readonly partOf: string;
  /** Redis 7 (A-TOPO-2). A new one restarts the server; the append-only file is read back. */
  readonly image: Image;
  readonly cpu: CpuRange;
  /** The pod's memory. Above `maxMemory` by what rewriting the append-only file needs. */
  readonly memory: Bytes;
  /** How long the server may take to become ready. */
  readonly startDeadline: Duration;
  /** The key of the hash that rolls the pod with its password. */
  readonly fingerprintKey: pulumi.Input<string>;
}

/**
 * One Redis with a password and an append-only file (A-TOPO-2; CONF-5: sessions may live in it).
 *
 * Cost: one pod, one volume. Failure: while the pod is away, so is the cache; at most the last second of writes is lost.
 */
export class Redis extends PlatformComponent {
  readonly workload: Workload;
  readonly port = PORT;
  /** The digest of template and configuration, as it stands on the pod. */
  readonly subject: pulumi.Output<string>;
  readonly passwordRef: SecretRef;
  /** The password, for those who must build an address of it. A secret. */
  readonly password: pulumi.Output<string>;

  constructor(name: string, args: RedisArgs, options: pulumi.ComponentResourceOptions) {
    super('platform:data:Redis', name, { maxMemory: args.maxMemory, storage: args.storage }, options);
    const { namespace } = args;
    const identity = { component: 'redis', instance: name, partOf: args.partOf };
    const metadata = (object: string) => ({ name: object, namespace, labels: labels(identity) });
    const child = { parent: this };

    const password = new RandomPassword(`${name}-password`, { length: 32, special: false }, child).result;
    const values = { password, 'users.acl': password.apply(usersAcl) };
    const auth = new Secret(`${name}-auth`, { metadata: metadata(`${name}-auth`), stringData: values }, child);
    const data = { 'redis.conf': redisConf(args, `${AUTH}/users.acl`) };
    const configuration = contentName(`${name}-config`, data);
    const config = new ConfigMap(configuration, { metadata: metadata(configuration), immutable: true, data }, child);

    const { workload, subject } = store(this, name, {
      ...args,
      identity,
      uid: args.image.uid,
      ports: { redis: PORT },
      container: container(name, args),
      volumes: [
        { name: 'config', configMap: { name: configuration } },
        {
          name: 'auth',
          secret: { secretName: `${name}-auth`, defaultMode: 0o440, items: [{ key: 'users.acl', path: 'users.acl' }] },
        },
        { name: 'tmp', emptyDir: {} },
      ],
      grace: 30,
      secrets: { key: args.fingerprintKey, values },
      reads: [auth, config],
    });

    this.workload = workload;
    this.subject = subject;
    this.passwordRef = { namespace, name: `${name}-auth`, key: 'password' };
    this.password = password;
    this.registerOutputs({ subject });
  }
}

const container = (name: string, args: RedisArgs) => ({
  name: 'redis',
  image: args.image.reference,
  args: ['redis-server', '/etc/redis/redis.conf'],
  // Only the probes' client reads it; the server knows a hash.
  env: [{ name: 'REDISCLI_AUTH', valueFrom: { secretKeyRef: { name: `${name}-auth`, key: 'password' } } }],
  resources: resources(args.cpu, args.memory),
  securityContext: CONTAINER_SECURITY,
  // `-e` makes an error reply (still loading, wrong password) an exit code.
  ...probes({ exec: { command: ['redis-cli', '-e', 'ping'] } }),
  volumeMounts: [
    { name: 'data', mountPath: '/data' },
    { name: 'config', mountPath: '/etc/redis', readOnly: true },
    { name: 'auth', mountPath: AUTH, readOnly: true },
    { name: 'tmp', mountPath: '/tmp' },
  ],
});
