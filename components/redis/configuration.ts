/** What Redis reads at its start. */
import { createHash } from 'node:crypto';
import { bytes, type Bytes } from '../core/index.ts';

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

/** `redis.conf`. It holds no password: the users stand in a file of their own. */
export function redisConf(settings: CacheSettings, users: string): string {
  const lines: [string, string | number][] = [
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
  ];
  return lines.map(([key, value]) => `${key} ${value}\n`).join('');
}

/** The one user, known by the hash of its password. */
export const usersAcl = (password: string): string =>
  `user default on #${createHash('sha256').update(password).digest('hex')} ~* &* +@all\n`;
