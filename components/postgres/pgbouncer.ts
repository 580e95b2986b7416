/** What PgBouncer is told. Pure. */
import { AUTHORITY, CERTIFICATES, type Tls } from './tls.ts';

/** The port of PgBouncer's own documentation. */
export const POOLER_PORT = 6432;
export const POOLER_FOLDER = '/etc/pgbouncer';
export const USERS = `${POOLER_FOLDER}/auth/userlist.txt`;

/** How many connections there are on either side, of each pod. */
export interface Pool {
  /** Clients that may be connected at once (E-OPS-4: 100 and more, five times what the database holds for them). */
  readonly maxClients: number;
  /** Connections to PostgreSQL that the clients share. */
  readonly size: number;
  /** More of them for when clients have waited for five seconds. */
  readonly reserve: number;
}

/** How a client's connection relates to TLS: as the database's own connections do. */
const clientTls = (tls: Tls | undefined): [string, string | number][] =>
  tls === undefined
    ? []
    : [
        ['client_tls_sslmode', tls.required ? 'require' : 'allow'],
        ['client_tls_cert_file', `${CERTIFICATES}/tls.crt`],
        ['client_tls_key_file', `${CERTIFICATES}/tls.key`],
        ['client_tls_ca_file', AUTHORITY],
        ['server_tls_sslmode', 'verify-full'],
        ['server_tls_ca_file', AUTHORITY],
      ];

/**
 * `pgbouncer.ini`: one database, pooled by transaction. What lives longer than a transaction does not work through it:
 * session settings, advisory locks, LISTEN, prepared statements. Migrations therefore connect to the database itself.
 *
 * @param server the Service that leads to whoever may write; PgBouncer follows the leader by following it
 */
export function pgbouncerIni(server: string, database: string, pool: Pool, tls?: Tls): string {
  const settings: [string, string | number][] = [
    ['listen_addr', '0.0.0.0'],
    ['listen_port', POOLER_PORT],
    // No socket: nobody else is in the pod.
    ['unix_socket_dir', ''],
    ['auth_type', 'scram-sha-256'],
    ['auth_file', USERS],
    ['pool_mode', 'transaction'],
    ['max_client_conn', pool.maxClients],
    ['default_pool_size', pool.size],
    ['reserve_pool_size', pool.reserve],
    ['reserve_pool_timeout', 5],
    ['max_db_connections', pool.size + pool.reserve],
    // libpq sends it unasked where the client's environment says so; each query formats its own numbers anyway.
    ['ignore_startup_parameters', 'extra_float_digits'],
    // A leader that is lost without a word: a connection to it is given up after seconds, and tried anew every second.
    ['server_connect_timeout', 3],
    ['server_login_retry', 1],
    ['tcp_keepalive', 1],
    ['tcp_keepidle', 5],
    ['tcp_keepintvl', 3],
    ['tcp_keepcnt', 3],
    ['tcp_user_timeout', 10_000],
    ['server_check_delay', 5],
    // Longer than a failover takes: clients wait for the next leader, they are not sent away.
    ['query_wait_timeout', 60],
    ...clientTls(tls),
    ['log_connections', 0],
    ['log_disconnections', 0],
  ];
  const lines = settings.map(([key, value]) => `${key} = ${value}\n`).join('');
  return `[databases]\n${database} = host=${server} port=5432\n\n[pgbouncer]\n${lines}`;
}

/** One user of `userlist.txt`. The password as it is: PgBouncer proves to know it on both sides. */
export const userLine = (user: string, password: string): string => `"${quoted(user)}" "${quoted(password)}"\n`;

const quoted = (text: string): string => text.replaceAll('"', '""');
