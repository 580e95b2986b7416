/** What is true of the MinIO image wherever it runs: read by the pods and by the container. */

/** The S3 API and the console (A-PORT-4, A-PORT-5). */
export const PORTS = { s3: 9000, console: 9001 } as const;
/** Where things lie: the objects, and the root user's credentials. */
export const FOLDERS = { data: '/data', auth: '/run/secrets/minio' } as const;

/** @param drives a folder, or the addresses of all nodes */
export const serverArguments = (drives: string): string[] => [
  ...['server', drives, '--console-address', `:${PORTS.console}`],
];

/** @param encryption whether the store has a key for encrypting objects */
export const serverEnvironment = (encryption: boolean): Record<string, string> => ({
  HOME: '/tmp',
  ...(encryption && { MINIO_KMS_SECRET_KEY_FILE: `${FOLDERS.auth}/encryption-key` }),
  MINIO_PROMETHEUS_AUTH_TYPE: 'jwt',
  MINIO_ROOT_PASSWORD_FILE: `${FOLDERS.auth}/secret-key`,
  MINIO_ROOT_USER_FILE: `${FOLDERS.auth}/access-key`,
  // Without it MinIO asks for news outside, which no edge allows.
  MINIO_UPDATE: 'off',
});

/**
 * How soon nodes give up on one of them that is lost, and find it again under another address. Left to itself MinIO waits 10
 * minutes for what was under way when a network was cut, with the object locked for everybody, and looks names up every 30 s.
 * What it costs: a client that takes nothing for 30 s is cut off, and asks again. (MINIO_DRIVE_MAX_TIMEOUT stays at its 30 s: at
 * 10 s a connection that is not made is given up before it can tell that the node is lost, and every read takes 10 s.)
 */
export const PEER_ENVIRONMENT = { MINIO_CONN_USER_TIMEOUT: '30s', MINIO_DNS_CACHE_TTL: '5s' } as const;

/** Whether it serves, and whether it lives (A-GATE-7). */
export const HEALTH = { ready: '/minio/health/ready', live: '/minio/health/live' } as const;
/** Seconds that requests have to come to their end. */
export const GRACE = 30;
