/** Redis. The only door of this folder. */
export { Redis, type Part, type RedisArgs } from './redis.ts';
export { EVICTION_POLICIES, type EvictionPolicy } from './configuration.ts';
export { proxyIdentity, STATUS_PORT as PROXY_STATUS_PORT } from './proxy.ts';
export { type ProxySettings, type Sharded, type Single, type Topology, type Watched } from './topology.ts';
