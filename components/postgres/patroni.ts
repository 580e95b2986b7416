/**
 * What Patroni is told. Three parts: what a member needs to start (a change rolls the pods), what the members agree on
 * (kept in the cluster, changed through Patroni's API), and the statements of the first start. Pure.
 */
import { mebibytes, type Bytes, type Identity, selector } from '../core/index.ts';
import { firstStartSql, parameters, type Parameters, type ServerSettings } from './configuration.ts';
import { accessRules, AUTHORITY, podIdentity, tlsParameters, type Tls } from './tls.ts';

/** PostgreSQL and Patroni's REST API. */
export const SQL_PORT = 5432;
export const REST_PORT = 8008;

/** The label by which Patroni says what a pod is at the moment, and its values: `master` up to Patroni 3, `primary` after. */
export const ROLE_LABEL = 'role';
export const LEADER = 'master';
export const REPLICA = 'replica';

/** Where the image keeps the database: a folder that Patroni may rename, inside the volume. */
export const VOLUME = '/home/postgres/pgdata';
export const CONFIGURATION = '/etc/patroni';
const BIN = '/usr/lib/postgresql/15/bin';

/** Users that Patroni makes at the first start, beside the superuser. */
export const REPLICATION_USER = 'standby';
export const REWIND_USER = 'rewind';
/** Who may change the configuration through the REST API. */
export const REST_USER = 'patroni';

/** Seconds. How long a leader may be silent, how often members look, how long they try to reach the API server. */
export const PACE = { ttl: 20, loop_wait: 5, retry_timeout: 5 } as const;

export interface MemberSettings {
  readonly name: string;
  readonly namespace: string;
  readonly identity: Identity;
  /** The superuser. */
  readonly user: string;
  readonly tls?: Tls | undefined;
}

/** What stands in a member's own file, without its passwords. */
export function memberConfiguration({ name, namespace, identity, user, tls }: MemberSettings) {
  const { 'app.kubernetes.io/instance': _scope, ...labels } = selector(identity);
  return {
    scope: name,
    // ConfigMaps and not Endpoints: the Service follows one thing only, the label.
    kubernetes: {
      namespace,
      labels,
      scope_label: 'app.kubernetes.io/instance',
      role_label: ROLE_LABEL,
      use_endpoints: false,
    },
    restapi: { listen: `0.0.0.0:${REST_PORT}` },
    bootstrap: {
      initdb: [{ encoding: 'UTF8' }, { locale: 'C.UTF-8' }, 'data-checksums', { auth: 'scram-sha-256' }],
      post_bootstrap: `${BIN}/psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --file=${CONFIGURATION}/first-start.sql`,
    },
    postgresql: {
      listen: `0.0.0.0:${SQL_PORT}`,
      data_dir: `${VOLUME}/data`,
      bin_dir: BIN,
      pgpass: '/tmp/pgpass',
      // A new member copies at once, instead of waiting for the minutes that a checkpoint is spread over.
      basebackup: [{ checkpoint: 'fast' }],
      use_unix_socket: true,
      use_unix_socket_repl: true,
      pg_hba: accessRules(tls, { superuser: user, replication: REPLICATION_USER }),
      pg_ident: [podIdentity(user)],
      parameters: { unix_socket_directories: '/var/run/postgresql', ...tlsParameters(tls) },
    },
    // The containers have no device to be watched by; the lock and synchronous replication guard against two leaders.
    watchdog: { mode: 'off' },
  };
}

/** The passwords, as a second file beside {@link memberConfiguration}. */
export interface Passwords {
  readonly superuser: string;
  readonly replication: string;
  readonly rewind: string;
  readonly rest: string;
}

/** Members know each other by address, which no certificate holds: they check its authority. */
export function authentication(user: string, passwords: Passwords, tls?: Tls) {
  const ssl = tls === undefined ? {} : { sslmode: 'verify-ca', sslrootcert: AUTHORITY };
  return {
    restapi: { authentication: { username: REST_USER, password: passwords.rest } },
    postgresql: {
      authentication: {
        superuser: { username: user, password: passwords.superuser, ...ssl },
        replication: { username: REPLICATION_USER, password: passwords.replication, ...ssl },
        rewind: { username: REWIND_USER, password: passwords.rewind, ...ssl },
      },
    },
  };
}

/** What the members agree on. */
export interface Agreed {
  readonly [key: string]: unknown;
  readonly loop_wait: number;
  readonly postgresql: { readonly [key: string]: unknown; readonly parameters: Parameters };
}

/**
 * How members replicate and fail over (D-HELM-3). A commit is acknowledged only once a second member has it on disk; with
 * none there, writes wait. So the loss of any one member loses nothing, and a leader that is cut off acknowledges nothing.
 */
export const agreed = (settings: ServerSettings & { readonly storage: Bytes }): Agreed => ({
  ...PACE,
  synchronous_mode: true,
  synchronous_mode_strict: true,
  // While the API server is away, a leader that still reaches all members goes on.
  failsafe_mode: true,
  // A crashed leader hands over at once: its successor has everything that was acknowledged (ours, GAP-2).
  primary_start_timeout: 0,
  // Seconds after which a leader that does not stop is killed: it may be waiting for members it cannot reach.
  primary_stop_timeout: 10,
  postgresql: {
    use_pg_rewind: true,
    use_slots: true,
    // What a lost leader wrote and nobody acknowledged is thrown away; nobody has to be woken for that.
    remove_data_directory_on_rewind_failure: true,
    remove_data_directory_on_diverged_timelines: true,
    parameters: { ...parameters(settings), password_encryption: 'scram-sha-256', ...replication(settings.storage) },
  },
});

/** Sizes of the write-ahead log follow the volume, so that it cannot fill it (GAP-6: the shares are ours). */
function replication(storage: Bytes): Parameters {
  const share = (part: number, least: number, most: number): string =>
    `${Math.min(most, Math.max(least, Math.floor(mebibytes(storage) / part)))}MB`;
  return {
    max_wal_size: share(10, 128, 16_384),
    // For a member that was away: within it, it catches up without a copy of everything.
    wal_keep_size: share(20, 64, 8192),
    max_slot_wal_keep_size: share(5, 256, 65_536),
    // A connection to a member that is cut off is given up before the leader's time is over.
    wal_sender_timeout: '10s',
    wal_receiver_timeout: '10s',
    // After a failover the others find their slot on the new leader a moment later: they try again at once.
    wal_retrieve_retry_interval: '250ms',
    tcp_keepalives_idle: 10,
    tcp_keepalives_interval: 5,
    tcp_keepalives_count: 3,
  };
}

/** Run by psql as the superuser, once, when the first member has made the database. */
export const bootstrapSql = (settings: ServerSettings & { readonly database: string }): string =>
  `CREATE DATABASE "${settings.database}";\n\\connect "${settings.database}"\n${firstStartSql(settings)}`;

/** The least that a member needs of the API server: its own four ConfigMaps, and the labels of the members' pods. */
export function leastRole(name: string, members: number) {
  const objects = ['config', 'failover', 'leader', 'sync'].map((object) => `${name}-${object}`);
  const pods = Array.from({ length: members }, (_, i) => `${name}-${i}`);
  return [
    // Neither can be narrowed to names: the API server does not know them before they are made, nor when it lists.
    { apiGroups: [''], resources: ['configmaps'], verbs: ['create', 'list', 'watch'] },
    { apiGroups: [''], resources: ['configmaps'], resourceNames: objects, verbs: ['get', 'patch'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
    { apiGroups: [''], resources: ['pods'], resourceNames: pods, verbs: ['patch'] },
  ];
}
