/** The network of a stack. blocks.ts is a second door, for who has nothing of AWS loaded. */
export { zoneBlocks, type ZoneBlocks } from './blocks.ts';
export { CLUSTER_ENDPOINTS, type EndpointService } from './endpoints.ts';
export { flowLogGroup } from './flow-logs.ts';
export { Network, type NetworkArgs } from './network.ts';
export type { Nat, Subnet } from './zones.ts';
