/** Updates on a Docker host without being away. The only door of this folder. */
export { Rollover, type RolloverArgs } from './rollover.ts';
export { upstreamVariable } from './order.ts';
