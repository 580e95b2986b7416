/** Which driver divides the traffic. */
import { EdgePods } from './edge-pods.ts';
import type { Ground } from './ground.ts';
import { splitName } from './record.ts';
import { gatewayRoute } from './traffic-gateway.ts';
import { nginxSplit } from './traffic-nginx.ts';
import { serviceSelector } from './traffic-service.ts';
import type { Traffic, TrafficDriver } from './traffic.ts';

/** The edge that divides, where one does. */
export const edgeOf = (name: string, traffic: Traffic, password: () => string): EdgePods | undefined =>
  traffic.driver === 'nginx' ? new EdgePods({ ...traffic.edge, split: splitName(name), password }) : undefined;

/** @param lag milliseconds, where another than the usual one holds */
export function driverOf(ground: Ground, edge: EdgePods | undefined, lag?: number): TrafficDriver {
  const { traffic } = ground;
  switch (traffic.driver) {
    case 'service':
      return serviceSelector(ground, lag);
    case 'gateway':
      return gatewayRoute(ground, traffic.route, lag);
    case 'nginx':
      return nginxSplit(ground, edge!, lag);
    default:
      return traffic satisfies never;
  }
}
