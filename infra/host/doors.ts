/** Who reaches a host on which port: one list for the cloud's firewall and for the host's own (C-NET-1, C-NET-2, CONF-38, CONF-39). */
import type { Problems } from '../../components/core/index.ts';
import { requireNarrow } from '../narrow.ts';

/** Each list holds IPv4 ranges, as `203.0.113.7/32`. */
export interface Doors {
  /** SSH (C-HOST-2 `allowed_ssh_ips`). `0.0.0.0/0` is refused. */
  readonly sshFrom: readonly string[];
  /**
   * The ports of HTTP and HTTPS on the host, for everybody. HTTPS left out: there is none.
   * @default 80 and 443 (C-NET-1)
   */
  readonly web?: { readonly http: number; readonly https?: number | undefined };
  /**
   * The backend's own port 8003, past the proxy (CONF-39). `0.0.0.0/0` is refused.
   * @default []
   */
  readonly backendFrom?: readonly string[];
  /**
   * node_exporter's port 9100: the address of Prometheus (CONF-38). `0.0.0.0/0` is refused.
   * @default []
   */
  readonly metricsFrom?: readonly string[];
}

const EVERYBODY = '0.0.0.0/0';

export interface Door {
  readonly name: 'ssh' | 'http' | 'https' | 'backend' | 'metrics';
  readonly port: number;
  readonly from: readonly string[];
}

/** What the host listens on itself, and where a published backend does (C-PORT-1, C-PORT-3). */
export const PORTS = { ssh: 22, backend: 8003, metrics: 9100 } as const;

/** What is let in over TCP, in the order of C-NET-1: 22 before everything, so that nobody locks himself out. */
export const doors = ({
  sshFrom,
  web = { http: 80, https: 443 },
  backendFrom = [],
  metricsFrom = [],
}: Doors): readonly Door[] => [
  { name: 'ssh', port: PORTS.ssh, from: sshFrom },
  { name: 'http', port: web.http, from: [EVERYBODY] },
  ...(web.https === undefined ? [] : [{ name: 'https', port: web.https, from: [EVERYBODY] } as const]),
  { name: 'backend', port: PORTS.backend, from: backendFrom },
  { name: 'metrics', port: PORTS.metrics, from: metricsFrom },
];

/** @param where the argument that holds them */
export function checkDoors(problems: Problems, where: string, { sshFrom, ...others }: Doors): void {
  problems.require(sshFrom.length > 0, {
    where: `${where}.sshFrom`,
    found: 'an empty list',
    wanted: 'the addresses that may use SSH, as "203.0.113.7/32": nobody could look after the host',
  });
  requireNarrow(problems, `${where}.sshFrom`, 'SSH', sshFrom);
  requireNarrow(problems, `${where}.backendFrom`, 'the backend', others.backendFrom ?? []);
  requireNarrow(problems, `${where}.metricsFrom`, 'the metrics', others.metricsFrom ?? []);
}
