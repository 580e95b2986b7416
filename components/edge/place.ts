/** Where things are in the pod, and what the configuration is made from. */
import type { Cpu } from '../core/index.ts';
import type { ClientAddress, Firewall, RateLimit, Site, Upstream } from './settings.ts';

/**
 * Where the pod listens. Clients use the first two; the third is the kubelet's, the fourth the monitoring's. The last is there
 * where an upstream has two sides, for whoever divides the traffic between them.
 */
export const PORTS = { http: 8080, https: 8443, health: 8081, status: 8082, split: 8083 } as const;

/** Where the files lie in the pod. */
export const FOLDERS = {
  configuration: '/etc/edge',
  certificates: '/run/edge',
  authorities: '/run/edge-authorities',
  /** On a host of containers: what a client of ACME lays down there, in the folder with the certificates. */
  challenges: '/run/edge/challenges',
  /** A folder for each split; a file in it for each bucket that is green's. */
  split: '/run/split',
  /** The ConfigMaps that a pod starts with. */
  splitStart: '/run/split-start',
  /** Who may write to each split. */
  splitAccess: '/run/split-access',
} as const;

/** Pods that answer an ACME challenge, as cert-manager makes them: their label, their port, and the Service that finds them. */
export const SOLVER = {
  service: 'acme-solver',
  port: 8089,
  pods: { 'acme.cert-manager.io/http01-solver': 'true' },
} as const;

export interface NginxSettings {
  /** Where the Services are, as the cluster's DNS knows them. Left out: a host of containers, whose names are used as they are. */
  readonly namespace: string | undefined;
  readonly sites: readonly Site[];
  /**
   * Where others say which container a variable leads to (`components/rollover`): the folder with their files, and the ports
   * under which what a variable leads to is found from inside, too.
   */
  readonly led?: {
    readonly folder: string;
    readonly inside: readonly { readonly port: number; readonly variable: string }[];
  };
  readonly clientAddress: ClientAddress;
  readonly rateLimit: RateLimit;
  readonly firewall?: Firewall | undefined;
  /** The limit of the pod's processor time: one worker a core. nginx itself would count the node's cores. */
  readonly cores: Cpu;
  /** Where the cluster's names are asked, as a name that resolves when nginx starts. */
  readonly resolver: string;
  /** The port of the public address that TLS is at, where redirects lead. */
  readonly publicHttps: number;
}

/** What follows `listen`. */
export interface Listeners {
  readonly plain: string;
  readonly tls: string;
}

/** The name of an upstream in the configuration. Connections kept to it were checked by one authority: another has its own. */
export const upstreamName = ({ service, port, tls }: Upstream): string =>
  [service, port, ...(tls ? [tls.secretName] : [])].join('_');
