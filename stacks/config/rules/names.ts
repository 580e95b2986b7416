/** Records in a zone of AWS: they lead to a load balancer that this stack makes, under names that the zone answers for. */
import type { Problems } from '../../../components/core/index.ts';
import type { Settings } from '../systems/corporate-intelligence.ts';

interface Weighed {
  readonly aws?: Pick<NonNullable<Settings['aws']>, 'dns'> | undefined;
  readonly addons: { readonly loadBalancerController: Settings['addons']['loadBalancerController'] };
}

/** Where clients come in, by the key that says so. */
type Hosts = Readonly<Record<string, string | undefined>>;

/** @param balanced whether the stack asks for a load balancer of AWS, and where */
export function requireNames(
  { aws, addons }: Weighed,
  hosts: Hosts,
  balanced: { readonly asked: boolean; readonly where: string },
  problems: Problems,
): void {
  const dns = aws?.dns;
  if (dns === undefined) return;
  problems.require(balanced.asked && addons.loadBalancerController === 'install', {
    where: 'aws.dns',
    found: `addons.loadBalancerController "${addons.loadBalancerController}", ${balanced.asked ? '' : 'no '}${balanced.where}`,
    wanted: `"install" and ${balanced.where}: the records lead to the load balancer that this stack has made`,
  });
  for (const [where, host] of Object.entries(hosts)) {
    problems.require(host === undefined || host.endsWith(`.${dns.domain}`), {
      where,
      found: `"${host}"`,
      wanted: `a name below aws.dns.domain, which is "${dns.domain}": its zone answers for no other, and its top is not ours`,
    });
  }
}

export function checkNames(settings: Settings, problems: Problems): void {
  const { edge, network } = settings;
  const { kind, nlb } = edge.exposure;
  requireNames(
    settings,
    {
      'network.apiHost': network.apiHost,
      'edge.storageHost': edge.storageHost,
      'edge.monitoring.host': edge.monitoring?.host,
    },
    { asked: edge.kind === 'nginx' && kind === 'loadBalancer' && nlb !== 'off', where: 'edge.exposure.nlb' },
    problems,
  );
}
