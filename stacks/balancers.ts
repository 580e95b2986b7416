/** Who makes load balancers of AWS for a stack's Services, installed where the stack makes its own cluster (A-TOPO-7, B-TOPO-1). */
import type { Resource } from '@pulumi/pulumi';
import type { Provider } from '@pulumi/kubernetes/provider.js';
import type { Image } from '../components/core/index.ts';
import type { Guard } from '../components/guard/index.ts';
import {
  loadBalancerAccount,
  loadBalancerConnections,
  LoadBalancerController,
  type Connections,
  type Surroundings,
} from '../infra/addons/index.ts';
import type { Settings } from './config/systems/corporate-intelligence.ts';
import type { Ground } from './ground.ts';

/** Its name, and its namespace. */
const NAME = 'aws-load-balancer';

type Addons = Pick<Settings['addons'], 'loadBalancerController' | 'size' | 'startDeadline'>;

/** Whom a stack that installs it has to give a role. */
export const balancersOf = ({ loadBalancerController: wanted }: Addons) =>
  wanted === 'install' ? { namespace: NAME, serviceAccount: loadBalancerAccount(NAME) } : undefined;

/** What of a stack it is given. */
export interface Balanced {
  readonly addons: Addons;
  readonly ground: Ground | undefined;
  readonly common: { readonly namespace: string; readonly partOf: string };
  readonly image: Image;
  readonly provider: Provider;
  readonly around: Surroundings;
  /** Fences a namespace for these connections. */
  readonly fenced: (namespace: string, connections: Connections) => Guard;
}

/** @param served the platform's namespace, whose Services it looks at */
export function balancers({ ground, addons, common, around, ...site }: Balanced, served: Resource): Resource[] {
  if (ground?.balancing === undefined) return [];
  const { role, cidr, ...where } = ground.balancing;
  const fence = site.fenced(NAME, loadBalancerConnections(NAME, { ...around, aws: [cidr] }));
  return [
    new LoadBalancerController(
      NAME,
      {
        ...{ ...where, namespace: NAME, partOf: common.partOf, serves: common.namespace, image: site.image },
        ...{ size: addons.size, startDeadline: addons.startDeadline },
      },
      { provider: site.provider, dependsOn: [fence, served, role] },
    ),
  ];
}
