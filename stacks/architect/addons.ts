/** What the system relies on in its cluster, installed where the cluster has it not: each behind a fence of its own. */
import type { Resource } from '@pulumi/pulumi';
import { digest } from '../../components/core/index.ts';
import type { Gate } from '../../components/gates/index.ts';
import { Guard, type Place } from '../../components/guard/index.ts';
import {
  CertManager,
  certManagerConnections,
  ExternalSecrets,
  externalSecretsConnections,
  type Connections,
} from '../../infra/addons/index.ts';
import { balancers } from '../balancers.ts';
import type { ArchitectSite } from './site.ts';

export const DNS: Place = { namespace: 'kube-system', pods: { 'k8s-app': 'kube-dns' } };

/** The namespace of an add-on, closed but for its connections. */
function fencedFor(
  { settings, common, provider, present }: ArchitectSite,
  namespace: string,
  { places, edges }: Connections,
): Guard {
  const { podSecurityVersion } = settings.cluster;
  const args = { namespace, partOf: common.partOf, podSecurityVersion, places, edges };
  return new Guard(`${namespace}-guard`, args, { provider, dependsOn: [...present] });
}

/** What makes the load balancer before the API. */
export const apiBalancers = (site: ArchitectSite, served: Resource): Resource[] =>
  balancers(
    {
      ...{ ...site, addons: site.settings.addons, image: site.images.loadBalancerController },
      around: { apiServer: site.settings.network.apiServer, dns: DNS },
      fenced: (...fence) => fencedFor(site, ...fence),
    },
    served,
  );

/** Who signs the certificate of the database has to be there and answer, whoever installed it; needed where TLS is asked for. */
export function certManager(site: ArchitectSite, guard: Resource): Gate[] {
  const { settings, common, gates } = site;
  if (!settings.postgres.requireTls) return [];
  const installed = settings.addons.certManager === 'install' ? [installCertManager(site, guard)] : [];
  const webhook = installed.map(({ programs }) => programs.webhook.subject)[0] ?? digest('present');
  return [gates.certManager('cert-manager', common.namespace, webhook, [guard, ...installed])];
}

function installCertManager(site: ArchitectSite, served: Resource): CertManager {
  const { settings, common, provider, images } = site;
  const name = 'cert-manager';
  const around = { apiServer: settings.network.apiServer, dns: DNS, outside: [] };
  return new CertManager(
    name,
    {
      ...{ namespace: name, partOf: common.partOf, serves: common.namespace },
      images: {
        controller: images.certManagerController,
        webhook: images.certManagerWebhook,
        cainjector: images.certManagerCainjector,
        solver: images.certManagerSolver,
      },
      ...{ size: settings.addons.size, startDeadline: settings.addons.startDeadline },
    },
    { provider, dependsOn: [fencedFor(site, name, certManagerConnections(name, around)), served] },
  );
}

/**
 * @param keeps the Secret that it fills
 * @param tokensOf the account that signs in to the manager
 * @param stores where the manager answers
 */
export function installExternalSecrets(
  site: ArchitectSite,
  served: Resource,
  { keeps, tokensOf, stores }: { keeps: string; tokensOf: string; stores: { cidrs: readonly string[]; port: number } },
): ExternalSecrets {
  const { settings, common, provider, images } = site;
  const name = 'external-secrets';
  const connections = externalSecretsConnections(name, {
    ...{ apiServer: settings.network.apiServer, dns: DNS },
    stores: [{ name: 'secrets-manager', ...stores }],
  });
  return new ExternalSecrets(
    name,
    {
      ...{ namespace: name, partOf: common.partOf, serves: common.namespace, keeps: [keeps], tokensOf: [tokensOf] },
      ...{ image: images.externalSecrets, size: settings.addons.size, startDeadline: settings.addons.startDeadline },
    },
    { provider, dependsOn: [fencedFor(site, name, connections), served] },
  );
}
