/** What stands between clients and the platform. The only door of this folder. */
export { Edge, type EdgeArgs } from './edge.ts';
export { EdgeIngress, type EdgeIngressArgs } from './ingress.ts';
export { EdgeGateway, type EdgeGatewayArgs } from './gateway.ts';
export type { EdgeExposure, NetworkLoadBalancer } from './exposure.ts';
export { ACCESS_KEY } from './split.ts';
export { PORTS as EDGE_PORTS, SOLVER } from './place.ts';
export type { Certificate, ClientAddress, Cors, Firewall, RateLimit, Sides, Site, Upstream } from './settings.ts';
