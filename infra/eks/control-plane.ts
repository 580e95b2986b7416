/** The part of a cluster that AWS runs: API server, scheduler, store, and what they write down. */
import { LogGroup } from '@pulumi/aws/cloudwatch/logGroup.js';
import { Cluster } from '@pulumi/aws/eks/cluster.js';
import { SecurityGroupIngressRule } from '@pulumi/aws/vpc/securityGroupIngressRule.js';
import type * as pulumi from '@pulumi/pulumi';
import type { ClusterArgs } from './cluster.ts';

/** All there are. Who did what is in `audit` and `authenticator`. */
const LOGS = ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'];

/**
 * The group the control plane writes to, under the name that EKS looks for. It stands before the cluster: EKS would
 * otherwise make one itself, unencrypted and kept for ever, and no program would know it.
 */
export function logs(owner: pulumi.ComponentResource, name: string, args: ClusterArgs): LogGroup {
  return new LogGroup(
    `${name}-logs`,
    {
      name: `/aws/eks/${args.clusterName}/cluster`,
      kmsKeyId: args.logsKeyArn,
      retentionInDays: args.logRetentionDays ?? 90,
    },
    { parent: owner, protect: args.protect ?? true },
  );
}

/** The cluster itself. Ten minutes to make; a change of role, subnets' network, key or Service range is another cluster. */
export function controlPlane(
  owner: pulumi.ComponentResource,
  name: string,
  version: string,
  args: ClusterArgs,
  log: LogGroup,
): Cluster {
  const { endpoint = {}, protect = true } = args;
  return new Cluster(
    `${name}-cluster`,
    {
      name: args.clusterName,
      version,
      roleArn: args.roleArn,
      vpcConfig: {
        subnetIds: args.subnetIds,
        endpointPrivateAccess: true,
        endpointPublicAccess: endpoint.publicFrom !== undefined,
        ...(endpoint.publicFrom && { publicAccessCidrs: endpoint.publicFrom.toSorted() }),
      },
      kubernetesNetworkConfig: { ipFamily: 'ipv4', serviceIpv4Cidr: args.serviceCidr },
      encryptionConfig: { provider: { keyArn: args.secretsKeyArn }, resources: ['secrets'] },
      enabledClusterLogTypes: LOGS,
      // The list of principals is EKS's own, and nobody is on it who is not named.
      accessConfig: { authenticationMode: 'API', bootstrapClusterCreatorAdminPermissions: false },
      // The add-ons bring network, proxy and DNS, in versions that are stated.
      bootstrapSelfManagedAddons: false,
      upgradePolicy: { supportType: args.support ?? 'STANDARD' },
      deletionProtection: protect,
    },
    { parent: owner, protect, dependsOn: [log] },
  );
}

/**
 * Whom the API server's interfaces let in beside the nodes: a rule each. Another address is another rule, made before the old
 * goes. The group is the nodes' too, and under the VPC CNI their pods': port 443 of theirs is open to the same addresses.
 */
export const privateDoors = (
  owner: pulumi.ComponentResource,
  name: string,
  cluster: Cluster,
  from: readonly string[] = [],
): SecurityGroupIngressRule[] =>
  from.toSorted().map(
    (cidrIpv4) =>
      new SecurityGroupIngressRule(
        `${name}-from-${cidrIpv4.replace('/', '-')}`,
        {
          securityGroupId: cluster.vpcConfig.clusterSecurityGroupId,
          description: 'The API server',
          ...{ cidrIpv4, ipProtocol: 'tcp', fromPort: 443, toPort: 443 },
        },
        { parent: owner },
      ),
  );
