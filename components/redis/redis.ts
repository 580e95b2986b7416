/** Redis with its append-only file on volumes: one, watched by Sentinel, or a cluster. Knows nothing of who connects. */
import * as pulumi from '@pulumi/pulumi';
import { Service } from '@pulumi/kubernetes/core/v1/service.js';
import { RandomPassword } from '@pulumi/random/randomPassword.js';
import {
  CONTAINER_SECURITY,
  labels,
  PlatformComponent,
  probes,
  resources,
  selector,
  unreachable,
  type Identity,
  type SecretRef,
  type Workload,
} from '../core/index.ts';
import { configuration, credentials, store, type ServerArgs } from '../store/index.ts';
import { sharded } from './cluster.ts';
import { redisConf, replicationConf, usersAcl, type CacheSettings, type Helper } from './configuration.ts';
import { proxies } from './proxy.ts';
import { SENTINEL_PORT, watched } from './sentinel.ts';
import { checkTopology, secretVariable, type Form, type Topology, type Watched } from './topology.ts';

/** The port of the protocol (A-PORT-3). */
const PORT = 6379;
const AUTH = '/run/secrets/redis';

/** Where a helper's password stands in the Secret. Sentinel has one at the servers and one of its own. */
const KEYS: Readonly<Record<Helper, string>> = {
  replica: 'replication-password',
  sentinel: 'sentinel-user-password',
  probe: 'probe-password',
};

/**
 * The image is Redis 7's (A-TOPO-2); a restart reads the append-only file back. `memory` lies above `maxMemory` by what
 * rewriting that file needs.
 */
export interface RedisArgs extends CacheSettings, ServerArgs {
  /**
   * Another one is refused once there are data.
   * @default { kind: 'single' }
   */
  readonly topology?: Topology;
  /**
   * The DNS domain of the cluster, which the members' names end in.
   * @default 'cluster.local'
   */
  readonly clusterDomain?: string;
}

/** Something of a component that runs and can be judged. */
export interface Part {
  readonly workload: Workload;
  /** The digest of template and configuration, as it stands on the pods. */
  readonly subject: pulumi.Output<string>;
}

/**
 * A Redis with passwords and append-only files (A-TOPO-2, D-HELM-4, B-TOPO-4, CONF-4; CONF-5: sessions may live in it).
 *
 * Cost: a pod and a volume for each member; with Sentinel also a small container in each and the proxies.
 *
 * Failure of a single one: while the pod is away, so is the cache; at most the last second of writes is lost, and that
 * only with its host.
 *
 * Failure of one member with Sentinel: the others choose a master after `downAfter`, and writes go on within 15 s.
 * Replication follows the acknowledgement: a write survives for certain once `WAIT 1` has counted a replica. Without it,
 * lost are the writes of the last moments that no replica had received; a master that is cut off goes on acknowledging for
 * 5 s at the most. A rollout or a drain hands the lead over and loses nothing.
 *
 * Failure of one node of a cluster: its keys are away until a replica has taken over, after `nodeTimeout` and a second or
 * two, or, without replicas, until it is back. Acknowledged writes may be lost as above; `WAIT` holds here too.
 */
export class Redis extends PlatformComponent {
  /** What clients connect to: the server itself, or the proxies before it. */
  readonly workload: Workload;
  readonly port = PORT;
  /** The digest of that workload's template and configuration. */
  readonly subject: pulumi.Output<string>;
  /** Everything that runs. */
  readonly parts: readonly Part[];
  readonly passwordRef: SecretRef;
  /** The password, for those who must build an address of it. A secret. */
  readonly password: pulumi.Output<string>;
  /** The password of the Sentinels, where there are any. They call the members together by the component's name. */
  readonly sentinelPasswordRef: SecretRef | undefined;

  constructor(name: string, args: RedisArgs, options: pulumi.ComponentResourceOptions) {
    const { topology = { kind: 'single' } } = args;
    checkTopology(name, topology);
    super(
      'platform:data:Redis',
      name,
      { maxMemory: args.maxMemory, storage: args.storage, topology: topology.kind },
      options,
    );
    const identity = { component: 'redis', instance: name, partOf: args.partOf };
    const belonging = { ...args, identity };
    const form = formOf(name, args, topology);

    const words = generated(this, name, form, args.protect ?? false);
    const auth = credentials(this, name, belonging, 32, (password) => secrets(password, words));
    const config = configuration(this, `${name}-config`, belonging, {
      'redis.conf': redisConf(args, `${AUTH}/users.acl`, form.conf),
      ...form.files,
    });
    const members = store(this, name, {
      ...args,
      identity,
      uid: args.image.uid,
      ports: { redis: PORT },
      container: container(name, args, form),
      sidecars: form.sidecars,
      volumes: volumes(name, config.name, form),
      ...form.store,
      secrets: { key: args.fingerprintKey, values: auth.values },
      reads: [auth.secret, config.object],
    });
    const front =
      topology.kind === 'sentinel'
        ? found(this, name, args, topology, { identity, secret: auth.secret, probe: words.get('probe-password')! })
        : undefined;

    this.workload = (front ?? members).workload;
    this.subject = (front ?? members).subject;
    this.parts = [members, ...(front ? [front] : [])].map(({ workload, subject }) => ({ workload, subject }));
    this.passwordRef = auth.ref('password');
    this.password = auth.password;
    this.sentinelPasswordRef = front && auth.ref('sentinel-password');
    this.registerOutputs({ subject: this.subject });
  }
}

const domainOf = ({ clusterDomain = 'cluster.local' }: RedisArgs): string => clusterDomain;

/** What every form has. */
const PLAIN: Form = {
  ...{ conf: [], files: {}, helpers: [], container: {}, env: [], mounts: [], volumes: [], sidecars: [] },
  store: { fixed: { topology: 'single' }, grace: 30 },
};

function formOf(name: string, args: RedisArgs, topology: Topology): Form {
  switch (topology.kind) {
    case 'single':
      return PLAIN;
    case 'sentinel':
      return watched(name, { ...args, clusterDomain: domainOf(args) }, topology);
    case 'cluster':
      return sharded(name, { ...args, clusterDomain: domainOf(args) }, topology);
    default:
      return unreachable(topology);
  }
}

type Words = ReadonlyMap<string, pulumi.Output<string>>;

/** The passwords beside the clients' own, by their keys in the Secret. */
function generated(owner: PlatformComponent, name: string, { helpers }: Form, protect: boolean): Words {
  const keys = [
    ...helpers.map((helper) => KEYS[helper]),
    ...(helpers.includes('sentinel') ? ['sentinel-password'] : []),
  ];
  return new Map(
    keys.map((key) => [
      key,
      new RandomPassword(`${name}-${key}`, { length: 32, special: false }, { parent: owner, protect }).result,
    ]),
  );
}

/** What stands in the Secret. */
function secrets(password: pulumi.Output<string>, words: Words): Record<string, pulumi.Output<string>> {
  const helpers = Object.entries(KEYS).flatMap(([helper, key]) => {
    const word = words.get(key);
    return word === undefined ? [] : [[helper, word] as const];
  });
  const replication = words.get(KEYS.replica);
  return {
    password,
    'users.acl': pulumi.all([password, Object.fromEntries(helpers)]).apply(([own, all]) => usersAcl(own, all)),
    ...(replication && { 'replication.conf': replication.apply(replicationConf) }),
    ...Object.fromEntries(words),
  };
}

function volumes(name: string, config: string, form: Form): Form['volumes'] {
  const files = ['users.acl', ...(form.helpers.includes('replica') ? ['replication.conf'] : [])];
  const items = files.map((file) => ({ key: file, path: file }));
  return [
    { name: 'config', configMap: { name: config } },
    { name: 'auth', secret: { secretName: `${name}-auth`, defaultMode: 0o440, items } },
    { name: 'tmp', emptyDir: {} },
    ...form.volumes,
  ];
}

const container = (name: string, args: RedisArgs, form: Form) => ({
  name: 'redis',
  image: args.image.reference,
  args: ['redis-server', '/etc/redis/redis.conf'],
  // Only the probes' client reads it; the server knows a hash.
  env: [secretVariable('REDISCLI_AUTH', name, 'password'), ...form.env],
  resources: resources(args.cpu, args.memory),
  securityContext: CONTAINER_SECURITY,
  // `-e` makes an error reply (still loading, wrong password) an exit code.
  ...probes({ exec: { command: ['redis-cli', '-e', 'ping'] } }),
  volumeMounts: [
    { name: 'data', mountPath: '/data' },
    { name: 'config', mountPath: '/etc/redis', readOnly: true },
    { name: 'auth', mountPath: AUTH, readOnly: true },
    { name: 'tmp', mountPath: '/tmp' },
    ...form.mounts,
  ],
  ...form.container,
});

interface Front {
  readonly identity: Identity;
  readonly secret: pulumi.Resource;
  readonly probe: pulumi.Output<string>;
}

/** How clients find the master: the Sentinels, or proxies for those that do not ask them. */
function found(owner: PlatformComponent, name: string, args: RedisArgs, topology: Watched, front: Front): Part {
  const { namespace } = args;
  new Service(
    `${name}-sentinel`,
    {
      metadata: {
        name: `${name}-sentinel`,
        namespace,
        labels: labels(front.identity),
        annotations: { 'pulumi.com/skipAwait': 'true' },
      },
      spec: {
        selector: selector(front.identity),
        ports: [{ name: 'sentinel', port: SENTINEL_PORT, targetPort: 'sentinel' }],
      },
    },
    { parent: owner },
  );
  return proxies(
    owner,
    name,
    {
      ...topology.proxy,
      ...{ namespace, partOf: args.partOf, members: topology.members },
      ...{ clusterDomain: domainOf(args), startDeadline: args.startDeadline },
      ...{ fingerprintKey: args.fingerprintKey, password: front.probe, dependsOn: [front.secret] },
    },
    PORT,
  );
}
