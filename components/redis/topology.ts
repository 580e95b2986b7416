/** The forms a Redis may have, and what each adds to the one that all have in common. */
import type { types } from '@pulumi/kubernetes';
import { Problems, type Bytes, type CpuRange, type Duration, type Image } from '../core/index.ts';
import type { Sidecar, StoreArgs } from '../store/index.ts';
import type { Helper, Line } from './configuration.ts';

/** One Redis. While its pod is away, so is the cache. */
export interface Single {
  readonly kind: 'single';
}

/**
 * A master and its replicas, watched by a Sentinel each (D-HELM-4). The Service under the component's name leads to the
 * master always, for clients that know nothing of Sentinel; those that do find the Sentinels at `<name>-sentinel`.
 */
export interface Watched {
  readonly kind: 'sentinel';
  /** An odd number from 3 on: a majority chooses. */
  readonly members: number;
  /** How long a master may not answer before it counts as lost. Shorter fails over sooner, and for less. */
  readonly downAfter: Duration;
  /** Processor time of each Sentinel. */
  readonly sentinelCpu: CpuRange;
  /** Memory of each Sentinel. */
  readonly sentinelMemory: Bytes;
  readonly proxy: ProxySettings;
}

/** The proxies before a {@link Watched} Redis. */
export interface ProxySettings {
  /** HAProxy 2.6 or newer. A new one closes the connections that go through the old. */
  readonly image: Image;
  readonly replicas: number;
  readonly cpu: CpuRange;
  readonly memory: Bytes;
}

/** Redis Cluster: the keys shared out among masters (B-TOPO-4). Its clients have to know how to follow redirections. */
export interface Sharded {
  readonly kind: 'cluster';
  /** From 3 on, as Redis Cluster wants it. Fixed once there are data. */
  readonly masters: number;
  /** Without any, a lost pod's share of the keys is away until the pod is back. Fixed once there are data. */
  readonly replicasPerMaster: number;
  /** How long a node may not answer before the others count it as lost. */
  readonly nodeTimeout: Duration;
}

export type Topology = Single | Watched | Sharded;

/** What a form adds to the common pod and store. */
export interface Form {
  readonly conf: readonly Line[];
  /** Files of the configuration beside `redis.conf`. */
  readonly files: Readonly<Record<string, string>>;
  readonly helpers: readonly Helper[];
  /** Laid over the server's container. */
  readonly container: Partial<Omit<types.input.core.v1.Container, 'ports' | 'imagePullPolicy'>>;
  readonly env: types.input.core.v1.EnvVar[];
  readonly mounts: types.input.core.v1.VolumeMount[];
  readonly volumes: types.input.core.v1.Volume[];
  readonly sidecars: readonly Sidecar[];
  readonly store: Pick<StoreArgs, 'replicas' | 'parallel' | 'memberPorts' | 'front' | 'fixed' | 'grace' | 'dns'>;
}

/** What the Services of members are known under. */
export interface Whereabouts {
  readonly namespace: string;
  readonly clusterDomain: string;
}

/** What the names of Services end in. Whole: a name that needs the search list may be asked for outside the cluster too. */
export const domainOf = ({ namespace, clusterDomain }: Whereabouts): string => `${namespace}.svc.${clusterDomain}`;

/** Where the members are, by names that outlive their pods. */
export const hosts = (count: number, name: string, domain: string): string[] =>
  Array.from({ length: count }, (_, member) => `${name}-${member}.${domain}`);

/** The variables by which a script knows itself and the others. */
export const acquainted = (count: number, name: string, domain: string): types.input.core.v1.EnvVar[] => [
  { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
  { name: 'SELF', value: `$(POD).${domain}` },
  { name: 'MEMBERS', value: hosts(count, name, domain).join(' ') },
];

/** A key of the component's Secret as a variable. */
export const secretVariable = (variable: string, name: string, key: string): types.input.core.v1.EnvVar => ({
  name: variable,
  valueFrom: { secretKeyRef: { name: `${name}-auth`, key } },
});

/** @throws InputRefused for numbers that no election or no cluster comes out of */
export function checkTopology(name: string, topology: Topology): void {
  const problems = new Problems();
  if (topology.kind === 'sentinel') {
    const { members, proxy } = topology;
    problems.require(Number.isInteger(members) && members >= 3 && members % 2 === 1, {
      where: 'topology.members',
      found: `${members}`,
      wanted: 'an odd number from 3 on, so that there is a majority and its loss takes two',
    });
    problems.require(Number.isInteger(proxy.replicas) && proxy.replicas >= 1, {
      where: 'topology.proxy.replicas',
      found: `${proxy.replicas}`,
      wanted: 'a whole number from 1 on',
    });
  }
  if (topology.kind === 'cluster') {
    const { masters, replicasPerMaster } = topology;
    problems.require(Number.isInteger(masters) && masters >= 3, {
      where: 'topology.masters',
      found: `${masters}`,
      wanted: 'a whole number from 3 on: fewer masters have no majority',
    });
    problems.require(Number.isInteger(replicasPerMaster) && replicasPerMaster >= 0, {
      where: 'topology.replicasPerMaster',
      found: `${replicasPerMaster}`,
      wanted: 'a whole number from 0 on',
    });
  }
  problems.throwIfAny(`Redis "${name}"`);
}
