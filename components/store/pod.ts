/** The pods of a store. */
import type { types } from '@pulumi/kubernetes';
import { apart, podSecurity, selector, type Identity } from '../core/index.ts';
import type { Ports } from './services.ts';

type Container = types.input.core.v1.Container;

/** A container beside the server's own: complete, but for when its image is pulled. */
export type Sidecar = Omit<Container, 'imagePullPolicy'>;

/** What a member runs. */
export interface Pod extends Ports {
  /** The user of the image; the volume's files belong to it. */
  readonly uid: number;
  /** The server. Its ports are the store's. */
  readonly container: Omit<Container, 'ports' | 'imagePullPolicy'>;
  /** Run before the server, in this order. */
  readonly initContainers?: readonly Sidecar[];
  /** Run beside the server, like exporters; with ports of their own. */
  readonly sidecars?: readonly Sidecar[];
  /** Volumes beside `data`, which is the store's own. */
  readonly volumes: readonly types.input.core.v1.Volume[];
  /** Seconds between being asked to stop and being killed. */
  readonly grace: number;
  /** How the pods ask for names, where the cluster's way does not do. */
  readonly dns?: types.input.core.v1.PodDNSConfig;
}

interface Members extends Pod {
  readonly identity: Identity;
  readonly replicas?: number;
  readonly role?: unknown;
}

const ONLY_MISSING = { imagePullPolicy: 'IfNotPresent' };

/** The spec of the pod template. Members that need each other wish to be apart; a lone one has no such wish. */
export const podSpec = (name: string, args: Members) => ({
  serviceAccountName: name,
  automountServiceAccountToken: args.role !== undefined,
  enableServiceLinks: false,
  securityContext: podSecurity(args.uid),
  terminationGracePeriodSeconds: args.grace,
  ...(args.dns && { dnsConfig: args.dns }),
  ...((args.replicas ?? 1) > 1 && apart(selector(args.identity), false)),
  ...(args.initContainers && { initContainers: args.initContainers.map((one) => ({ ...one, ...ONLY_MISSING })) }),
  containers: [
    {
      ...args.container,
      ...ONLY_MISSING,
      ports: Object.entries({ ...args.ports, ...args.memberPorts }).map(([port, containerPort]) => ({
        name: port,
        containerPort,
      })),
    },
    ...(args.sidecars ?? []).map((one) => ({ ...one, ...ONLY_MISSING })),
  ],
  volumes: [...args.volumes],
});
