/** Load balancers of AWS: somebody makes them. */
import { covers, type Problems } from '../../../components/core/index.ts';
import type { Settings } from '../systems/corporate-intelligence.ts';

/** The parts that this rule weighs: every system that may run in a cluster of its own has them. */
interface Weighed {
  readonly aws?: { readonly network: { readonly cidr: string } } | undefined;
  readonly network: { readonly clients: readonly string[] };
  readonly addons: { readonly loadBalancerController: Settings['addons']['loadBalancerController'] };
}

/** @param asked what asks for a load balancer of AWS, as it stands in the settings; nothing where none is wanted */
export function requireBalancers(
  { aws, addons, network }: Weighed,
  asked: string | undefined,
  problems: Problems,
): void {
  const { loadBalancerController: found } = addons;
  problems.require(asked === undefined || found !== 'none', {
    where: 'addons.loadBalancerController',
    found: '"none"',
    wanted: `"install" or "present", because ${asked} asks for a load balancer of AWS, which nobody else makes`,
    remedy: '"install" where this stack makes its own cluster, "present" where the cluster has the controller',
  });
  problems.require(found !== 'install' || aws !== undefined, {
    where: 'addons.loadBalancerController',
    found: '"install"',
    wanted:
      '"present" or "none" without aws: the role and the network that it needs are those of a stack with its own cluster',
  });
  const own = aws?.network.cidr;
  problems.require(asked === undefined || own === undefined || network.clients.some((each) => covers(each, own)), {
    where: 'network.clients',
    found: network.clients.join(', '),
    wanted: `aws.network.cidr, which is ${own}, among them: the load balancer of ${asked} asks for health from there`,
  });
}

export function checkBalancers(settings: Settings, problems: Problems): void {
  const { kind, exposure } = settings.edge;
  const asked = kind === 'nginx' && exposure.kind === 'loadBalancer' && exposure.nlb !== 'off';
  requireBalancers(settings, asked ? `edge.exposure.nlb "${exposure.nlb}"` : undefined, problems);
}
