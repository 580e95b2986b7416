/** How clients come in: B's Service is a load balancer on 443, which ends TLS; the pods speak HTTP (CONF-35, CONF-37). */
import { nlbAnnotations } from '../core/index.ts';
import type { ExposedSpec } from '../release/index.ts';

/** The port of the Service and its name (B-K8S-8). */
export const HTTPS = { name: 'https', port: 443, targetPort: 'http' } as const;

/** The load balancer of AWS, made by the AWS Load Balancer Controller, which the cluster has. */
export interface AwsBalancer {
  /** `internal` has addresses of the VPC only: B lets nobody in from outside (CONF-35, B-TOPO-6). */
  readonly scheme: 'internal' | 'internet-facing';
  /** The certificate of AWS Certificate Manager that it shows (B-TOPO-1). */
  readonly certificateArn: string;
  /**
   * Whether an update waits until it has a name, and a destroy until it is gone: where the same stack installs the controller.
   * @default false
   */
  readonly awaited?: boolean;
}

export interface Exposure {
  /** Networks that may come in. Enforced by the load balancer and by the fence behind it. */
  readonly clients: readonly string[];
  /** Left out: whatever the cluster makes of a load balancer, without TLS. For a sandbox, which has none. */
  readonly aws?: AwsBalancer | undefined;
}

/** What the Service says beside its ports and whom it picks. */
export const exposed = ({
  clients,
  aws,
}: Exposure): { annotations: Readonly<Record<string, string>>; spec: ExposedSpec } => ({
  annotations: aws ? annotations(aws) : {},
  spec: {
    type: 'LoadBalancer',
    // The client's own address is what the fence judges.
    externalTrafficPolicy: 'Local',
    loadBalancerSourceRanges: clients.toSorted(),
  },
});

/** A network load balancer that asks each pod for `/health` (B-TOPO-1, B-GATE-6). TLS 1.2 at the least, by AWS's policy. */
const annotations = ({ scheme, certificateArn, awaited }: AwsBalancer): Record<string, string> =>
  nlbAnnotations({
    ...{ scheme, awaited },
    health: { port: 'traffic-port', path: '/health' },
    targets: ['preserve_client_ip.enabled=true'],
    more: {
      'ssl-cert': certificateArn,
      'ssl-ports': HTTPS.name,
      'ssl-negotiation-policy': 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      'backend-protocol': 'tcp',
    },
  });
