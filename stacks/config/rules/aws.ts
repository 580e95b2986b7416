/** What has to fit where the stack makes its own cluster in AWS. */
import type { Problems } from '../../../components/core/index.ts';
import { API_SERVER } from '../../aws/addresses.ts';
import type { Settings } from '../systems/corporate-intelligence.ts';

/** The registry of the account, as images are named after it. */
export const registryOf = ({ account, region }: NonNullable<Settings['aws']>): string =>
  `${account}.dkr.ecr.${region}.amazonaws.com`;

/** The parts of a stack's settings that these rules weigh: every system that may run in a cluster of its own has them. */
type Weighed = Pick<Settings, 'aws' | 'cluster' | 'network'> & { readonly api: { readonly image: string } };

export function checkAws({ aws, cluster, network, api }: Weighed, problems: Problems): void {
  if (aws === undefined) return;
  const { region } = aws;
  const strangers = aws.network.zones.filter((zone) => !zone.startsWith(region));
  problems.require(strangers.length === 0 && aws.network.zones.length === 3, {
    where: 'aws.network.zones',
    found: aws.network.zones.join(', '),
    wanted: `three zones of aws.region, which is "${region}"`,
  });
  problems.require(aws.cluster.administrator.split(':')[4] === aws.account, {
    where: 'aws.cluster.administrator',
    found: `"${aws.cluster.administrator}"`,
    wanted: `a role of aws.account, which is "${aws.account}": the provider takes no other's credentials`,
  });
  const registry = registryOf(aws);
  problems.require(aws.registry === undefined || api.image.startsWith(`${registry}/`), {
    where: 'api.image',
    found: `"${api.image}"`,
    wanted: `a repository of "${registry}", which aws.registry makes`,
  });
  problems.require(aws.cluster.nodes.least <= aws.cluster.nodes.most, {
    where: 'aws.cluster.nodes.least',
    found: `${aws.cluster.nodes.least}`,
    wanted: `at most aws.cluster.nodes.most, which is ${aws.cluster.nodes.most}`,
  });
  problems.require(aws.backups?.replicaRegion !== region, {
    where: 'aws.backups.replicaRegion',
    found: `"${region}"`,
    wanted: 'another region than aws.region: a copy beside its original is lost with it',
  });
  problems.require(cluster.context === undefined, {
    where: 'cluster.context',
    found: `"${cluster.context}"`,
    wanted: 'nothing while aws describes the cluster: this stack makes it, and no kubeconfig knows it yet',
  });
  const called = [aws.network.cidr, API_SERVER].toSorted();
  const { cidrs } = network.apiServer;
  problems.require(cidrs.toSorted().join() === called.join(), {
    where: 'network.apiServer.cidrs',
    found: cidrs.join(', '),
    wanted: `${called.join(' and ')}: aws.network.cidr, where the API server's interfaces are, and the Service that pods call it by, which EKS's network judges as it is called`,
  });
  problems.require(aws.cluster.privateFrom !== undefined || aws.cluster.publicFrom !== undefined, {
    where: 'aws.cluster.privateFrom',
    found: 'nothing',
    wanted:
      'a list here or in aws.cluster.publicFrom: EKS lets nobody but the nodes ask the API server, and whoever applies this program has to',
  });
}
