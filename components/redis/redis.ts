/** Redis with its append-only file on volumes: one, watched by Sentinel, or a cluster. Knows nothing of who connects. */
import type * as pulumi from '@pulumi/pulumi';
import {
  CONTAINER_SECURITY,
  PlatformComponent,
  probes,
  resources,
  unreachable,
  type SecretRef,
  type Workload,
} from '../core/index.ts';
import { configuration, credentials, store, type ServerArgs } from '../store/index.ts';
import { sharded } from './cluster.ts';
import { secrets, words } from './accounts.ts';
import { redisConf, type CacheSettings } from './configuration.ts';
import { ALIVE, CLIENT_PASSWORD, COMMAND, FOLDERS, GRACE, PORT, READY, USERS_FILE } from './facts.ts';
import { proxies } from './proxy.ts';
import { watched } from './sentinel.ts';
import { memberServices } from './services.ts';
import { checkTopology, secretVariable, type Form, type Topology, type Watched } from './topology.ts';

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

    const known = words(this, name, form.helpers, args.protect ?? false);
    const auth = credentials(this, name, belonging, 32, (password) => secrets(password, known));
    const config = configuration(this, `${name}-config`, belonging, {
      'redis.conf': redisConf(args, USERS_FILE, form.conf),
      ...form.files,
    });
    const watching = topology.kind === 'sentinel' ? topology : undefined;
    const reached = watching ? memberServices(this, name, { ...belonging, members: watching.members, port: PORT }) : [];
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
      reads: [auth.secret, config.object, ...reached],
    });
    const proxied =
      watching && front(this, name, args, watching, known.get('probe-password')!, [auth.secret, ...reached]);

    this.workload = (proxied ?? members).workload;
    this.subject = (proxied ?? members).subject;
    this.parts = [members, ...(proxied ? [proxied] : [])].map(({ workload, subject }) => ({ workload, subject }));
    this.passwordRef = auth.ref('password');
    this.password = auth.password;
    this.sentinelPasswordRef = watching && auth.ref('sentinel-password');
    this.registerOutputs({ subject: this.subject });
  }
}

const clusterDomainOf = ({ clusterDomain = 'cluster.local' }: RedisArgs): string => clusterDomain;

/** What every form has. */
const PLAIN: Form = {
  ...{ conf: [], files: {}, helpers: [], container: {}, env: [], mounts: [], volumes: [], sidecars: [] },
  store: { fixed: { topology: 'single' }, grace: GRACE },
};

function formOf(name: string, args: RedisArgs, topology: Topology): Form {
  switch (topology.kind) {
    case 'single':
      return PLAIN;
    case 'sentinel':
      return watched(name, { ...args, clusterDomain: clusterDomainOf(args) }, topology);
    case 'cluster':
      return sharded(name, { ...args, clusterDomain: clusterDomainOf(args) }, topology);
    default:
      return unreachable(topology);
  }
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
  args: [...COMMAND],
  env: [secretVariable(CLIENT_PASSWORD, name, 'password'), ...form.env],
  resources: resources(args.cpu, args.memory),
  securityContext: CONTAINER_SECURITY,
  ...probes({ exec: { command: [...READY] } }, { exec: { command: [...ALIVE] } }),
  volumeMounts: [
    { name: 'data', mountPath: FOLDERS.data },
    { name: 'config', mountPath: FOLDERS.configuration, readOnly: true },
    { name: 'auth', mountPath: FOLDERS.auth, readOnly: true },
    { name: 'tmp', mountPath: '/tmp' },
    ...form.mounts,
  ],
  ...form.container,
});

/** What leads clients that do not ask the Sentinels to the master. */
const front = (
  owner: PlatformComponent,
  name: string,
  args: RedisArgs,
  { members, proxy }: Watched,
  password: pulumi.Output<string>,
  after: readonly pulumi.Resource[],
): Part =>
  proxies(
    owner,
    name,
    {
      ...proxy,
      ...{ namespace: args.namespace, partOf: args.partOf, members, password, dependsOn: [...after] },
      ...{ clusterDomain: clusterDomainOf(args), startDeadline: args.startDeadline },
      fingerprintKey: args.fingerprintKey,
    },
    PORT,
  );
