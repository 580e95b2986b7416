/** Redis. The only door of this folder. */
export { Redis, type RedisArgs } from './redis.ts';
export { EVICTION_POLICIES, type EvictionPolicy } from './configuration.ts';
