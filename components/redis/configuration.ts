/** What Redis reads at its start. */
import { createHash } from 'node:crypto';
import { bytes, seconds, type Bytes, type Duration } from '../core/index.ts';

/** What Redis may do when `maxMemory` is reached, by its own names. */
export const EVICTION_POLICIES = [
  'noeviction',
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
] as const;
export type EvictionPolicy = (typeof EVICTION_POLICIES)[number];

export interface CacheSettings {
  /** Upper bound of the memory used for data. Lowered below current use, keys are evicted at once. */
  readonly maxMemory: Bytes;
  readonly evictionPolicy: EvictionPolicy;
}

/** One line of a configuration. */
export type Line = readonly [key: string, value: string | number];

const text = (lines: readonly Line[]): string => lines.map(([key, value]) => `${key} ${value}\n`).join('');

/**
 * `redis.conf`. It holds no password: the users stand in a file of their own.
 *
 * @param more what a topology adds
 */
export const redisConf = (settings: CacheSettings, users: string, more: readonly Line[] = []): string =>
  text([
    ['bind', '* -::*'],
    ['port', 6379],
    ['dir', '/data'],
    ['aclfile', users],
    ['appendonly', 'yes'],
    ['appendfsync', 'everysec'],
    // The append-only file is the durable copy; snapshots beside it would only double the writes.
    ['save', '""'],
    ['maxmemory', bytes(settings.maxMemory)],
    ['maxmemory-policy', settings.evictionPolicy],
    ...more,
  ]);

/** Seconds after which a master that no replica answers stops acknowledging writes (ours). */
const MOST_LAG = 5;

/**
 * What members of a Sentinel group add. A master that is cut off stops acknowledging after {@link MOST_LAG}, so what it
 * might still take in vain is bounded.
 */
export const WATCHED: readonly Line[] = [
  ['min-replicas-to-write', 1],
  ['min-replicas-max-lag', MOST_LAG],
  // A link that is dead without a word is given up after this, in seconds; the default is a minute.
  ['repl-timeout', 20],
  ['repl-ping-replica-period', 2],
];

/** What the nodes of a Redis Cluster add. The rest of the slots goes on being served while some are without a master. */
export const SHARDED = (nodeTimeout: Duration): readonly Line[] => [
  ['cluster-enabled', 'yes'],
  ['cluster-config-file', '/data/nodes.conf'],
  ['cluster-node-timeout', seconds(nodeTimeout) * 1000],
  ['cluster-preferred-endpoint-type', 'hostname'],
  ['cluster-require-full-coverage', 'no'],
];

/** What Sentinels read before they are told whom to watch. Names instead of addresses: a pod's address dies with it. */
export const SENTINEL = text([
  ['bind', '* -::*'],
  ['port', 26_379],
  ['dir', '/tmp'],
  ['sentinel', 'resolve-hostnames yes'],
  ['sentinel', 'announce-hostnames yes'],
]);

/** What they read once they know whom. */
export const sentinelGroup = (group: string, downAfter: Duration): string =>
  text([
    ['sentinel', `down-after-milliseconds ${group} ${seconds(downAfter) * 1000}`],
    // A failover that hangs is tried again after twice this; the default of three minutes is an outage of its own.
    ['sentinel', `failover-timeout ${group} 10000`],
    ['sentinel', `parallel-syncs ${group} 1`],
  ]);

const user = (name: string, password: string, may: string): string =>
  `user ${name} on #${createHash('sha256').update(password).digest('hex')} ${may}\n`;

/** The users beside the clients' own, and what each may do. */
export const HELPERS = {
  /** A replica at its master. */
  replica: '+psync +replconf +ping',
  /** What Sentinel needs, by its documentation. */
  sentinel:
    '&* +multi +slaveof +ping +exec +subscribe +config|rewrite +role +publish +info +client|setname +client|kill +script|kill',
  /** Who only asks which role a member has. */
  probe: '+ping +info',
} as const;

export type Helper = keyof typeof HELPERS;

/** The users, known by the hashes of their passwords. */
export const usersAcl = (password: string, helpers: Partial<Record<Helper, string>> = {}): string =>
  [
    user('default', password, '~* &* +@all'),
    ...Object.entries(helpers).map(([name, secret]) => user(name, secret, HELPERS[name as Helper])),
  ].join('');

/** How a replica names itself to its master. */
export const replicationConf = (password: string): string => `masteruser replica\nmasterauth ${password}\n`;
