/** Where a stack lives: its name and version, its cluster, and the networks around it. */
import * as k from '../kinds.ts';
import { defaulted, group, listed, optional, part, stated } from '../setting.ts';
import { ours } from './common.ts';

/** Each system has the setting: it says whose the others are. */
export const system = defaulted(
  k.text(/^[a-z-]+$/, 'the name of a system, which is that of a page in docs/configuration'),
  'corporate-intelligence',
  { means: 'Which system the stack is; each has settings of its own.', from: 'ours' },
);

export const stack = group({
  system,
  environment: stated(k.choice('local', 'staging', 'production'), {
    means: 'What the platform is for. `ENVIRONMENT` of the API, and part of what `/health` answers.',
    from: 'A-ENV-1, A-GATE-8',
  }),
  namespace: stated(k.dnsLabel, {
    means: 'Namespace that holds everything. A change is refused once there are data: docs/runbooks/move-data.md.',
    from: ours,
  }),
  protect: defaulted(k.flag, true, {
    means:
      'Whether what holds data is protected: volumes, their servers and the namespace then refuse to be deleted or replaced. Only `local` may switch it off.',
    from: 'ours',
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
  pinnedImages: defaulted(k.flag, false, {
    means:
      'Whether images are named by the digests that `make pin` has asked for, and an update without all of them is refused. Not for a sandbox, whose images are of its own making. A new digest rolls the pods.',
    from: ours,
  }),
  storageClass: part({
    name: stated(k.dnsLabel, {
      means:
        'A class of encrypted gp3 volumes that can grow, made by this stack. Left out: the cluster has its classes.',
      from: 'A-HOST-2, D-SEC-1, GAP-6',
    }),
    iops: defaulted(k.whole(3000, 16_000), 3000, {
      means: 'Operations a second of each new volume.',
      from: 'A-HOST-2, CONF-10',
    }),
    throughput: defaulted(k.whole(125, 1000), 125, {
      means: 'MiB a second of each new volume, at most a quarter of `iops`.',
      from: 'GAP-6, ours',
    }),
  }),
});

export const network = group({
  apiServer: group({
    cidrs: listed(k.cidr, {
      means:
        'Addresses of the API server as pods call it: those behind the Service `kubernetes` and, where packets are judged before they are led there, as the VPC CNI of EKS does, the address of that Service as well.',
      from: 'GAP-4, ours',
    }),
    port: defaulted(k.port, 443, { means: 'Its port there: 443 on EKS.', from: 'GAP-4, ours' }),
  }),
  apiHost: stated(k.hostName, { means: 'Where clients reach the API; stands in the outputs.', from: 'A-DNS-1' }),
  monitoring: part({
    namespace: stated(k.dnsLabel, {
      means: 'Namespace of the pods that scrape metrics. The fence lets them to the ports where metrics are.',
      from: 'A-MON-2, D-MON-2, GAP-4',
    }),
    pods: stated(k.labels, { means: 'Labels of those pods.', from: 'GAP-4, ours' }),
  }),
  clients: listed(k.cidr, {
    means: 'Networks outside the cluster that may reach the API. Everyone else is refused.',
    from: 'A-HOST-6, GAP-4',
  }),
});
