/** Redis, one instance with its append-only file on a volume. Knows nothing of who connects. */
import type * as pulumi from '@pulumi/pulumi';
import {
  CONTAINER_SECURITY,
  PlatformComponent,
  probes,
  resources,
  type SecretRef,
  type Workload,
} from '../core/index.ts';
import { configuration, credentials, store, type ServerArgs } from '../store/index.ts';
import { redisConf, usersAcl, type CacheSettings } from './configuration.ts';

/** The port of the protocol (A-PORT-3). */
const PORT = 6379;
const AUTH = '/run/secrets/redis';

/**
 * The image is Redis 7's (A-TOPO-2); a restart reads the append-only file back. `memory` lies above `maxMemory` by what
 * rewriting that file needs.
 */
export interface RedisArgs extends CacheSettings, ServerArgs {}

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
    const identity = { component: 'redis', instance: name, partOf: args.partOf };
    const belonging = { ...args, identity };

    const auth = credentials(this, name, belonging, 32, (password) => ({
      password,
      'users.acl': password.apply(usersAcl),
    }));
    const config = configuration(this, `${name}-config`, belonging, {
      'redis.conf': redisConf(args, `${AUTH}/users.acl`),
    });

    const { workload, subject } = store(this, name, {
      ...args,
      identity,
      uid: args.image.uid,
      ports: { redis: PORT },
      container: container(name, args),
      volumes: [
        { name: 'config', configMap: { name: config.name } },
        {
          name: 'auth',
          secret: { secretName: `${name}-auth`, defaultMode: 0o440, items: [{ key: 'users.acl', path: 'users.acl' }] },
        },
        { name: 'tmp', emptyDir: {} },
      ],
      grace: 30,
      secrets: { key: args.fingerprintKey, values: auth.values },
      reads: [auth.secret, config.object],
    });

    this.workload = workload;
    this.subject = subject;
    this.passwordRef = auth.ref('password');
    this.password = auth.password;
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
