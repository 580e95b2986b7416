/** The cluster that a stack stands on: one that is there, or one that the same stack makes. Loads no cloud. */
import type * as pulumi from '@pulumi/pulumi';
import { Provider } from '@pulumi/kubernetes/provider.js';
import type { ClusterRef } from '../components/gates/index.ts';
import type { Settings } from './config/systems/corporate-intelligence.ts';

/** What a stack has made for itself before anything runs in it. */
export interface Ground {
  /** Known once nodes and add-ons are there. Holds no secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** The key of the volumes. */
  readonly volumesKey: pulumi.Output<string>;
  /** The role that reads what is kept outside, where somebody asked for one. */
  readonly secretsRole: pulumi.Output<string> | undefined;
  /** What makes load balancers, and what that needs, where somebody asked for it. */
  readonly balancing: Balancing | undefined;
  /** Leads host names to a load balancer by its own name, where the stack states a zone for them. */
  readonly lead: ((hosts: readonly string[], balancer: pulumi.Output<string>) => pulumi.Resource) | undefined;
}

/** For the AWS Load Balancer Controller. */
export interface Balancing {
  readonly cluster: string;
  readonly region: string;
  readonly vpcId: pulumi.Output<string>;
  /** Where AWS answers inside the network. */
  readonly cidr: string;
  /** Its role, bound to its account: before its pods, which are given their credentials as they start. */
  readonly role: pulumi.Resource;
}

/** How everything of a stack finds its cluster. */
export interface Found {
  readonly provider: Provider;
  /** For gates and dynamic resources. */
  readonly cluster: ClusterRef;
}

export function clusterOf({ context, identifier }: Settings['cluster'], ground: Ground | undefined): Found {
  const named = context === undefined ? {} : { context };
  const provider = new Provider('cluster', {
    ...named,
    // Empty means the ambient one. Left out, the SDK would put this machine's KUBECONFIG into the state.
    kubeconfig: ground?.kubeconfig ?? '',
    // Only another identifier is another cluster; a renewed kubeconfig is not.
    clusterIdentifier: identifier,
    kubeClientSettings: { qps: 2000, burst: 4000 },
    enableSecretMutable: true,
    // An update that was killed may have made what its state does not hold; the next one takes it over.
    upsertExistingObjects: true,
  });
  return { provider, cluster: ground ? { kubeconfig: ground.kubeconfig } : named };
}
