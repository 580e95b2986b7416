/** Where a stack lives: its name and version, its cluster, and the networks around it. */
import * as k from '../kinds.ts';
import { defaulted, group, listed, optional, stated } from '../setting.ts';
import { ours } from './common.ts';

export const stack = group({
  environment: stated(k.choice('local', 'staging', 'production'), {
    means: 'What the platform is for. `ENVIRONMENT` of the API, and part of what `/health` answers.',
    from: 'A-ENV-1, A-GATE-8',
  }),
  namespace: stated(k.dnsLabel, {
    means: 'Namespace that holds everything. Changing it replaces everything, data included.',
    from: ours,
  }),
  version: stated(k.version, { means: 'Version of the product: the tag of its image.', from: 'A-TOPO-1' }),
});

export const cluster = group({
  identifier: stated(k.dnsLabel, {
    means:
      'A name for the cluster. Only another name means another cluster, on which everything is made anew; a changed kubeconfig does not.',
    from: ours,
  }),
  context: optional(k.line, {
    means: 'Context of the kubeconfig. Left out: its current one.',
    from: ours,
  }),
  podSecurityVersion: defaulted(
    k.text(/^v1\.\d{1,2}$/, 'a Kubernetes minor version like "v1.34"') as k.Kind<`v1.${number}`>,
    'v1.34',
    { means: 'Kubernetes version whose Pod Security `restricted` is enforced.', from: ours },
  ),
});

export const network = group({
  apiHost: stated(k.hostName, { means: 'Where clients reach the API; stands in the outputs.', from: 'A-DNS-1' }),
  clients: listed(k.cidr, {
    means: 'Networks outside the cluster that may reach the API. Everyone else is refused.',
    from: 'A-HOST-6, GAP-4',
  }),
});
