/** What the platform relies on in its cluster, installed where the cluster has it not: each behind a fence of its own. */
import type { Resource } from '@pulumi/pulumi';
import { digest, selector } from '../../components/core/index.ts';
import type { Gate } from '../../components/gates/index.ts';
import { Guard, type Place } from '../../components/guard/index.ts';
import { CertManager, certManagerConnections, type Connections, type Surroundings } from '../../infra/addons/index.ts';
import { balancers } from '../balancers.ts';
import type { Settings } from '../config/systems/corporate-intelligence.ts';
import type { Site } from './site.ts';

const DNS: Place = { namespace: 'kube-system', pods: { 'k8s-app': 'kube-dns' } };

/** Where the edge's pods listen for plain HTTP. */
const EDGE_PORT = 8080;

/** The namespace of an add-on, closed but for its connections. */
export function fencedFor(
  { settings, common, provider, present }: Site,
  namespace: string,
  { places, edges }: Connections,
): Guard {
  const { podSecurityVersion } = settings.cluster;
  const args = { namespace, partOf: common.partOf, podSecurityVersion, places, edges };
  return new Guard(`${namespace}-guard`, args, { provider, dependsOn: [...present] });
}

/** What of the cluster add-ons are told. */
export const surroundings = ({ network }: Settings): Surroundings => ({ apiServer: network.apiServer, dns: DNS });

/** What makes the load balancer before the edge. */
export const edgeBalancers = (site: Site, served: Resource): Resource[] =>
  balancers(
    {
      ...{ ...site, addons: site.settings.addons, image: site.images.loadBalancerController },
      ...{ around: surroundings(site.settings), fenced: (...fence) => fencedFor(site, ...fence) },
    },
    served,
  );

/** Where certificates are asked for, cert-manager has to be there and answer, whoever installed it. */
export function certManager(site: Site, guard: Resource): Gate[] {
  const { settings, common, gates } = site;
  const { addons, certificates } = settings;
  if (!certificates.inside && certificates.edge === 'none') return [];
  const installed = addons.certManager === 'install' ? [installCertManager(site, guard)] : [];
  const webhook = installed.map(({ programs }) => programs.webhook.subject)[0] ?? digest('present');
  return [gates.certManager('cert-manager', common.namespace, webhook, [guard, ...installed])];
}

const NAME = 'cert-manager';

function installCertManager(site: Site, served: Resource): CertManager {
  const { settings, common, provider, images } = site;
  const { certificates, addons } = settings;
  const acme = certificates.edge === 'acme' ? certificates.acme : undefined;
  const edge: Place = {
    namespace: common.namespace,
    pods: selector({ component: 'edge', instance: 'edge' }),
  };
  const fence = fencedFor(
    site,
    NAME,
    certManagerConnections(NAME, {
      ...surroundings(settings),
      ...(acme && !acme.route53 && { edge: { place: edge, port: EDGE_PORT } }),
      outside: acme ? ['0.0.0.0/0'] : [],
    }),
  );
  return new CertManager(
    NAME,
    {
      ...{ namespace: NAME, partOf: common.partOf, serves: common.namespace },
      images: {
        controller: images.certManagerController,
        webhook: images.certManagerWebhook,
        cainjector: images.certManagerCainjector,
        solver: images.certManagerSolver,
      },
      ...{ size: addons.size, startDeadline: addons.startDeadline },
      ...(acme?.route53 && { tokensOf: [DNS_ACCOUNT] }),
    },
    { provider, dependsOn: [fence, served] },
  );
}

/** The account whose token Route 53 is shown. */
export const DNS_ACCOUNT = 'dns-challenges';
