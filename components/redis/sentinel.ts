/** Redis watched by Sentinel: what its pods have beyond a single one. Who leads is the members' business, not this file's. */
import { readFileSync } from 'node:fs';
import { CONTAINER_SECURITY, probes, resources, selector, type Image } from '../core/index.ts';
import { SENTINEL, sentinelGroup, WATCHED } from './configuration.ts';
import { proxyIdentity } from './proxy.ts';
import { SENTINEL_PORT } from './services.ts';
import { acquainted, domainOf, secretVariable, type Form, type Watched, type Whereabouts } from './topology.ts';

const script = (): string => readFileSync(new URL('scripts/sentinel.sh', import.meta.url), 'utf8');
/**
 * A Sentinel stands still while it asks for a name, and after two seconds of standing still it does nothing for half a minute:
 * it no longer trusts its clock (TILT). By the resolver's defaults one lost packet costs five. Here it costs one, and members'
 * names, which are whole, are asked for as they are and not in three other domains before.
 */
const RESOLVER = {
  options: [
    { name: 'ndots', value: '1' },
    { name: 'timeout', value: '1' },
    { name: 'attempts', value: '2' },
  ],
};

const run = (what: string): string[] => ['sh', '/etc/redis/sentinel.sh', what];

/** The form of {@link Watched}. Sentinel calls the members together by the component's name. */
export function watched(
  name: string,
  args: Whereabouts & { readonly partOf: string; readonly image: Image },
  topology: Watched,
): Form {
  const { members } = topology;
  const env = [
    ...acquainted(members, name, domainOf(args)),
    { name: 'GROUP', value: name },
    { name: 'QUORUM', value: String(Math.floor(members / 2) + 1) },
    secretVariable('SENTINEL_PASSWORD', name, 'sentinel-password'),
  ];
  const config = { name: 'config', mountPath: '/etc/redis', readOnly: true };
  return {
    conf: WATCHED,
    files: {
      'sentinel.sh': script(),
      'sentinel.conf': SENTINEL,
      'sentinel-group.conf': sentinelGroup(name, topology.downAfter),
    },
    helpers: ['replica', 'sentinel', 'probe'],
    container: {
      command: run('redis'),
      args: [],
      lifecycle: { preStop: { exec: { command: run('leave') } } },
    },
    env,
    mounts: [{ name: 'run', mountPath: '/run/redis' }],
    // In memory: what is written there holds the password of the replicas.
    volumes: [{ name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }],
    sidecars: [
      {
        name: 'sentinel',
        image: args.image.reference,
        command: run('sentinel'),
        env: [
          ...env,
          // Only the probes' client reads it.
          secretVariable('REDISCLI_AUTH', name, 'sentinel-password'),
          secretVariable('MASTER_PASSWORD', name, 'sentinel-user-password'),
        ],
        ports: [{ name: 'sentinel', containerPort: SENTINEL_PORT }],
        resources: resources(topology.sentinelCpu, topology.sentinelMemory),
        securityContext: CONTAINER_SECURITY,
        ...probes(
          { exec: { command: ['redis-cli', '-e', '-p', String(SENTINEL_PORT), 'ping'] } },
          { tcpSocket: { port: 'sentinel' } },
        ),
        volumeMounts: [{ name: 'data', mountPath: '/data' }, config, { name: 'tmp', mountPath: '/tmp' }],
      },
    ],
    store: {
      replicas: members,
      parallel: true,
      front: selector(proxyIdentity(name, args.partOf)),
      fixed: { topology: 'sentinel' },
      // Handing the lead over may take 20 s; then the file is written out.
      grace: 45,
      dns: RESOLVER,
    },
  };
}
