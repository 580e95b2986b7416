/** How clients outside the cluster reach the edge. Pure. */
import { nlbAnnotations, unreachable } from '../core/index.ts';
import { PORTS } from './place.ts';

/** A load balancer of AWS that works on connections, as the AWS Load Balancer Controller makes it (GAP-17, ours). */
export interface NetworkLoadBalancer {
  readonly scheme: 'internet-facing' | 'internal';
  /**
   * Whether an update waits until it has a name, and a destroy until it is gone: where the same stack installs the controller.
   * @default false
   */
  readonly awaited?: boolean;
}

export type EdgeExposure =
  /** From inside alone. */
  | { readonly kind: 'none' }
  /** Ports of each node that runs a pod of the edge. */
  | { readonly kind: 'nodePort'; readonly http: number; readonly https: number }
  /** Ports 80 and 443 of a load balancer of the cluster's cloud, which lets in these networks only. */
  | {
      readonly kind: 'loadBalancer';
      readonly clients: readonly string[];
      readonly nlb?: NetworkLoadBalancer | undefined;
    };

/** The port that a browser has to be sent to. */
export const publicHttps = (exposure: EdgeExposure): number => (exposure.kind === 'nodePort' ? exposure.https : 443);

/** An hour: longer than any pause of a client that is at work. */
const AFFINITY_SECONDS = 3600;

/**
 * One address stays with one pod, so that its limit is one limit. `Local` keeps its own address, which the limit, the fence
 * and the log go by.
 */
const REMEMBERED = {
  sessionAffinity: 'ClientIP',
  sessionAffinityConfig: { clientIP: { timeoutSeconds: AFFINITY_SECONDS } },
};

/** The part of a Service that the exposure decides. */
export function exposed(exposure: EdgeExposure, secure: boolean, proxyProtocol: boolean) {
  const nodePort = (port: 'http' | 'https') => (exposure.kind === 'nodePort' ? { nodePort: exposure[port] } : {});
  const ports = [
    { name: 'http', port: 80, targetPort: 'http', ...nodePort('http') },
    ...(secure ? [{ name: 'https', port: 443, targetPort: 'https', ...nodePort('https') }] : []),
  ];
  switch (exposure.kind) {
    case 'none':
      return { annotations: {}, spec: { type: 'ClusterIP', ports, ...REMEMBERED } };
    case 'nodePort':
      return { annotations: {}, spec: { type: 'NodePort', externalTrafficPolicy: 'Local', ports, ...REMEMBERED } };
    case 'loadBalancer':
      return {
        annotations: exposure.nlb ? annotations(exposure.nlb, proxyProtocol) : {},
        spec: {
          type: 'LoadBalancer',
          externalTrafficPolicy: 'Local',
          loadBalancerSourceRanges: exposure.clients.toSorted(),
          ports,
          ...REMEMBERED,
        },
      };
    default:
      return unreachable(exposure);
  }
}

const annotations = ({ scheme, awaited }: NetworkLoadBalancer, proxyProtocol: boolean): Record<string, string> =>
  nlbAnnotations({
    ...{ scheme, awaited },
    // In the clear for both doors: what is asked without TLS at the one that speaks it answers 400.
    health: { port: String(PORTS.http), path: '/healthz' },
    targets: [
      // Stickiness by source does for several nodes what the Service's affinity does on one.
      ...['stickiness.enabled=true', 'stickiness.type=source_ip'],
      // With the PROXY protocol the address comes in the stream; keeping it on the packets too would send answers astray.
      `preserve_client_ip.enabled=${!proxyProtocol}`,
    ],
    ...(proxyProtocol && { more: { 'proxy-protocol': '*' } }),
  });
