/** Load balancers that a cloud makes for Services, and tells the name of when it has. */
import * as pulumi from '@pulumi/pulumi';
import type { Service } from '@pulumi/kubernetes/core/v1/service.js';

/**
 * Annotations of a Service that counts as made once its load balancer has a name, whatever pods it leads to, and as gone once
 * the load balancer is. For one whose maker the same stack installs: it must not go before it has taken the balancer away.
 */
export const AWAITED_BALANCER = {
  'pulumi.com/waitFor': 'jsonpath={.status.loadBalancer.ingress[0].hostname}',
} as const;

export interface NlbWanted {
  readonly scheme: string;
  readonly awaited?: boolean | undefined;
  /** Where pods are asked in the clear how they are. */
  readonly health: { readonly port: string; readonly path: string };
  /** Of the group of targets, as AWS names them: `preserve_client_ip.enabled=true`. */
  readonly targets: readonly string[];
  /** Further annotations, without the controller's prefix. */
  readonly more?: Readonly<Record<string, string>>;
}

/**
 * What the AWS Load Balancer Controller makes a network load balancer of. Targets are pods: no second hop over a node, and a
 * draining pod is told apart from a draining node. How often it asks is ours (GAP-17).
 */
export function nlbAnnotations({ scheme, awaited = false, health, targets, more }: NlbWanted): Record<string, string> {
  const wanted: Record<string, string> = {
    type: 'external',
    scheme,
    'nlb-target-type': 'ip',
    'healthcheck-protocol': 'http',
    'healthcheck-port': health.port,
    'healthcheck-path': health.path,
    'healthcheck-interval': '10',
    'healthcheck-healthy-threshold': '2',
    'healthcheck-unhealthy-threshold': '2',
    'target-group-attributes': [...targets, 'deregistration_delay.timeout_seconds=30'].join(','),
    attributes: 'load_balancing.cross_zone.enabled=true',
    ...more,
  };
  const named = Object.entries(wanted).map(
    ([name, value]) => [`service.beta.kubernetes.io/aws-load-balancer-${name}`, value] as const,
  );
  return { ...Object.fromEntries(named), ...(awaited && AWAITED_BALANCER) };
}

/** Those of a Service that nothing waits for, unless its own say what for. */
export const unlessAwaited = (annotations: Readonly<Record<string, string>> = {}): Record<string, string> =>
  'pulumi.com/waitFor' in annotations ? { ...annotations } : { 'pulumi.com/skipAwait': 'true', ...annotations };

/** The name of the load balancer of a Service with {@link AWAITED_BALANCER}. A preview before it is there shows so. */
export const balancerName = ({ status, id }: Service): pulumi.Output<string> =>
  pulumi.all([status, id]).apply(([known, service]) => nameIn(known, service, pulumi.runtime.isDryRun()));

type Status = { readonly loadBalancer?: { readonly ingress?: readonly { readonly hostname?: string }[] } } | undefined;

/** Pure. To a preview the API server may answer with a status in which nothing stands yet; after an update that is an error. */
export function nameIn(status: Status, service: string, preview: boolean): string {
  const known = status?.loadBalancer?.ingress?.[0]?.hostname;
  if (known === undefined && !preview) throw new Error(`the Service ${service} has no load balancer`);
  return known ?? `load-balancer-to-come.${service.replace('/', '.')}.invalid`;
}
