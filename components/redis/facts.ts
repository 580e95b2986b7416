/** What is true of the Redis image wherever it runs: read by the pods and by the container. */

/** The port of the protocol (A-PORT-3). */
export const PORT = 6379;
/** Where things lie: the data, the configuration, and the users with the hashes of their passwords. */
export const FOLDERS = { data: '/data', configuration: '/etc/redis', auth: '/run/secrets/redis' } as const;

export const USERS_FILE = `${FOLDERS.auth}/users.acl`;
export const CONFIGURATION_FILE = `${FOLDERS.configuration}/redis.conf`;
export const COMMAND: readonly string[] = ['redis-server', CONFIGURATION_FILE];
/** The variable that the image's client reads its password from; the server knows a hash. */
export const CLIENT_PASSWORD = 'REDISCLI_AUTH';

/** `-e` makes an error reply (still loading, wrong password) an exit code (A-GATE-6). */
export const READY: readonly string[] = ['redis-cli', '-e', 'ping'];
/** What can still say that it is loading lives. */
export const ALIVE: readonly string[] = ['redis-cli', 'ping'];
/** Seconds that a stop may take: the last writes go to the disk. */
export const GRACE = 30;
