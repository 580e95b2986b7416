/** What a stack makes of AWS for itself: network, cluster, roles, buckets, names (D-K8S-11, CONF-1). */
import { isNetworkBlock, NETWORK_BLOCK } from '../../../infra/network/blocks.ts';
import { account as accountId, instanceType, region, roleArn, zone } from '../aws-kinds.ts';
import * as k from '../kinds.ts';
import { comfort, defaulted, group, listed, optional, part, stated } from '../setting.ts';
import { ours } from './common.ts';

export const account = stated(accountId, {
  means: 'Account of AWS. Credentials of another one are refused before anything is changed.',
  from: 'GAP-7, ours',
});

const block = {
  wanted: NETWORK_BLOCK,
  accepts: (value: unknown): value is string => typeof value === 'string' && isNetworkBlock(value),
};
const narrow = k.narrowCidrs(1);

export const network = group({
  cidr: stated(block, {
    means: 'Addresses of the network, a /16 to a /20. It cannot be changed: another one is another network.',
    from: 'GAP-7, ours',
  }),
  zones: listed(zone, {
    means:
      'Zones that subnets and nodes are spread over, three. Their order does not matter. They stay for the life of the cluster: EKS lets its control plane into no other.',
    from: 'D-K8S-8, GAP-7',
  }),
  natGateways: defaulted(k.choice('one', 'each'), 'each', {
    means:
      'How pods reach what is outside: over a gateway in each zone, or over one for all, which costs a third and is lost with its zone.',
    from: 'GAP-7, ours',
  }),
});

const nodes = group({
  types: listed(instanceType, { means: 'Types of the nodes, the wanted one first.', from: 'GAP-7, ours' }),
  least: stated(k.whole(1, 450), {
    means: 'Nodes that there are, unless somebody else counts them: then those at the least.',
    from: 'GAP-7, ours',
  }),
  most: stated(k.whole(1, 450), {
    means: 'Nodes that there are at the most, whoever counts them.',
    from: 'GAP-7, ours',
  }),
  disk: defaulted(k.size('20Gi', '1Ti'), '50Gi', {
    means: 'Disk of a node, encrypted. A change rolls the nodes, one at a time.',
    from: 'GAP-7, ours',
  }),
});

export const aws = part({
  account,
  region: stated(region, { means: 'Region of everything but the copies of the backups.', from: 'C-HOST-2, GAP-7' }),
  network,
  cluster: group({
    version: defaulted(k.text(/^1\.\d{2}$/, 'a minor version of Kubernetes like "1.34"'), '1.34', {
      means: 'Version of Kubernetes. One step up at a time, never down: docs/runbooks/upgrade-eks.md.',
      from: 'GAP-7, ours',
    }),
    administrator: stated(roleArn, {
      means:
        'Role that may do anything in the cluster: the one that applies this program. Whoever made it is not let in by that.',
      from: 'D-K8S-6, ours',
    }),
    privateFrom: optional(narrow, {
      means:
        'Networks from which the API server can be asked inside the network: those of a VPN, a peering, or the subnet of a machine that deploys. EKS lets in the nodes alone. Here or in `publicFrom` has to be whoever applies this program.',
      from: 'A-HOST-5, ours',
    }),
    publicFrom: optional(narrow, {
      means:
        'Networks outside from which the API server answers, too. Left out: from `privateFrom` alone. The first update makes the network, and comes from here: docs/runbooks/first-cluster.md.',
      from: 'A-HOST-5, ours',
    }),
    nodes,
  }),
  backups: part({
    replicaRegion: stated(region, {
      means: 'Region that every backup is copied to, another one than `region`.',
      from: 'D-BKP-8, GAP-11',
    }),
    keepDays: defaulted(k.whole(1, 3650), 30, {
      means: 'Days for which a backup is kept, in both regions.',
      from: 'D-BKP-5, CONF-17',
    }),
  }),
  registry: part({
    keep: defaulted(k.whole(2, 1000), 30, {
      means:
        'The stack makes the repository that `api.image` names in its own account, where every image is looked through and no tag but `<environment>-latest` is given twice. Of those that are tagged `<environment>-…` this many stay, the newest; versions stay for ever. Left out: the image lies elsewhere.',
      from: 'A-IMG-5, D-SEC-2, ours',
    }),
  }),
  dns: part({
    zoneId: stated(k.text(/^Z[A-Z0-9]{5,31}$/, 'the id of a hosted zone like "Z0123456789ABCDEFGHIJ"'), {
      means:
        'Hosted zone of Route 53 in the same account, in which the host names of this stack lead to its load balancer. It is there already and outlives the stack. The group left out: whoever owns the domain makes the records.',
      from: 'A-DNS-1, A-DNS-2, A-DNS-3, B-TOPO-8, GAP-5',
    }),
    domain: stated(k.hostName, { means: 'Domain that the zone answers for.', from: 'A-DNS-1, GAP-5' }),
  }),
  logs: comfort({
    keepDays: defaulted(k.choice(30, 60, 90, 180, 365), 90, {
      means: 'Days for which the logs of the control plane and of the network are kept.',
      from: ours,
    }),
  }),
});
