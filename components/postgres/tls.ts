/** TLS of the database's own connections (D-SEC-1, E-SEC-2, CONF-33). Pure. */
import type { Parameters } from './configuration.ts';

export interface Tls {
  /** A Secret of type `kubernetes.io/tls` that also holds `ca.crt`. A renewed one counts within two minutes. */
  readonly secretName: string;
  /** Whether a connection without TLS is refused. Those from within the pod are not: a port-forward comes out there. */
  readonly required: boolean;
}

/** Where the Secret is mounted. PostgreSQL insists on a key that others cannot read. */
export const CERTIFICATES = '/run/secrets/tls';
export const AUTHORITY = `${CERTIFICATES}/ca.crt`;

/** What the server is told. */
export const tlsParameters = (tls: Tls | undefined): Parameters =>
  tls === undefined
    ? {}
    : {
        ssl: 'on',
        ssl_cert_file: `${CERTIFICATES}/tls.crt`,
        ssl_key_file: `${CERTIFICATES}/tls.key`,
        ssl_ca_file: AUTHORITY,
        ssl_min_protocol_version: 'TLSv1.2',
      };

/** Who has a line of their own. */
export interface Users {
  readonly superuser: string;
  /** The user that copies the database, where there is one. */
  readonly replication?: string;
}

const POD_MAP = 'pod';

/** Whom the user that the pod runs as, `postgres` in all of the images, is taken for over the socket. */
export const podIdentity = (superuser: string): string => `${POD_MAP} postgres ${superuser}`;

/**
 * Who may connect and how, line by line: over the network nobody without a password. The pod itself may over the socket:
 * it has the passwords anyway.
 */
export function accessRules(tls: Tls | undefined, { superuser, replication }: Users): string[] {
  const host = tls?.required === true ? 'hostssl' : 'host';
  const scram = 'scram-sha-256';
  return [
    `local all ${superuser} peer map=${POD_MAP}`,
    `local all all ${scram}`,
    `host all all 127.0.0.1/32 ${scram}`,
    `host all all ::1/128 ${scram}`,
    ...(replication === undefined
      ? []
      : [`local replication ${replication} ${scram}`, `${host} replication ${replication} all ${scram}`]),
    `${host} all all all ${scram}`,
  ];
}

/** The volume and its mount; none without TLS. */
export const tlsVolumes = (tls: Tls | undefined) =>
  tls === undefined ? [] : [{ name: 'tls', secret: { secretName: tls.secretName, defaultMode: 0o440 } }];
export const tlsMounts = (tls: Tls | undefined) =>
  tls === undefined ? [] : [{ name: 'tls', mountPath: CERTIFICATES, readOnly: true }];
