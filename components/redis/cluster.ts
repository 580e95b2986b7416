/** Redis Cluster: what its pods have beyond a single one. */
import { readFileSync } from 'node:fs';
import { CONTAINER_SECURITY, resources, type Image } from '../core/index.ts';
import { membersName } from '../store/index.ts';
import { SHARDED } from './configuration.ts';
import { acquainted, domainOf, secretVariable, type Form, type Sharded, type Whereabouts } from './topology.ts';

/** On which the nodes of a cluster talk to each other; Redis adds 10000 to its own port. */
const BUS_PORT = 16_379;

/** The keeper runs a shell and a client every five seconds. */
const KEEPER = { cpu: { request: '10m', limit: '200m' }, memory: '32Mi' } as const;

const script = (): string => readFileSync(new URL('scripts/cluster.sh', import.meta.url), 'utf8');

/** The form of {@link Sharded}. */
export function sharded(
  name: string,
  args: Whereabouts & { readonly image: Image },
  { masters, replicasPerMaster, nodeTimeout }: Sharded,
): Form {
  const members = masters * (1 + replicasPerMaster);
  const env = acquainted(members, name, `${membersName(name)}.${domainOf(args)}`);
  return {
    conf: SHARDED(nodeTimeout),
    files: { 'cluster.sh': script() },
    helpers: ['replica'],
    container: {
      args: [
        ...['redis-server', '/etc/redis/redis.conf', '--include', '/run/secrets/redis/replication.conf'],
        ...['--cluster-announce-hostname', '$(SELF)'],
      ],
    },
    env,
    mounts: [],
    volumes: [],
    sidecars: [
      {
        name: 'keeper',
        image: args.image.reference,
        command: ['sh', '/etc/redis/cluster.sh'],
        env: [...env, { name: 'MASTERS', value: String(masters) }, secretVariable('REDISCLI_AUTH', name, 'password')],
        resources: resources(KEEPER.cpu, KEEPER.memory),
        securityContext: CONTAINER_SECURITY,
        volumeMounts: [{ name: 'config', mountPath: '/etc/redis', readOnly: true }],
      },
    ],
    store: {
      replicas: members,
      parallel: true,
      memberPorts: { bus: BUS_PORT },
      fixed: { topology: 'cluster', masters, replicasPerMaster },
      grace: 30,
    },
  };
}
