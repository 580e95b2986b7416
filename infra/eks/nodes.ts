/** Groups of nodes that EKS makes, replaces and updates itself. */
import { LaunchTemplate } from '@pulumi/aws/ec2/launchTemplate.js';
import type { Cluster } from '@pulumi/aws/eks/cluster.js';
import { NodeGroup } from '@pulumi/aws/eks/nodeGroup.js';
import type * as pulumi from '@pulumi/pulumi';
import { contentName } from '../../components/core/index.ts';
import { named } from '../account/index.ts';

/** Where the root disk of Amazon Linux 2023 is. */
const ROOT_DEVICE = '/dev/xvda';

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: 'NO_SCHEDULE' | 'PREFER_NO_SCHEDULE' | 'NO_EXECUTE';
}

/** One group of equal nodes, spread over the zones of its subnets. */
export interface NodeGroupSettings {
  /** Several, where AWS may be short of one. Others make a new group, which stands before the old one is drained. */
  readonly instanceTypes: readonly string[];
  /**
   * How many there are. Where an autoscaler counts, an update that changes `min` or `max`, or follows a refresh, sets them
   * back to it: AWS refuses a `min` above what there are.
   */
  readonly min: number;
  readonly max: number;
  /**
   * GiB of the root disk, which holds images, logs and scratch. A change replaces node by node.
   * @default 50 (ours, GAP-7)
   */
  readonly diskSize?: number;
  /**
   * `SPOT` is cheaper and may be taken away within two minutes: nothing with a volume belongs there. Another one makes a
   * new group.
   * @default 'ON_DEMAND'
   */
  readonly capacity?: 'ON_DEMAND' | 'SPOT';
  /** Set by EKS on each node; changed in place. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  /**
   * Nodes that an update may take away at once.
   * @default 1
   */
  readonly maxUnavailable?: number;
  /**
   * The release of the machine image, as `1.34.2-20251209`. A change replaces node by node.
   * @default the newest one when the group is made or its Kubernetes version changes
   */
  readonly release?: string;
}

/** A GiB a second costs nothing up to here (gp3); the root disk of a node holds no data. */
const DISK = { volumeType: 'gp3', iops: 3000, throughput: 125 } as const;

/**
 * Its metadata answer only to a token (IMDSv2) and only to the node itself: one hop more, and each pod could act as the
 * node. A pod that needs AWS has a role of its own by Pod Identity.
 */
const METADATA = {
  httpEndpoint: 'enabled',
  httpTokens: 'required',
  httpPutResponseHopLimit: 1,
  instanceMetadataTags: 'disabled',
} as const;

export interface NodesArgs {
  readonly cluster: Cluster;
  readonly version: string;
  readonly roleArn: pulumi.Input<string>;
  readonly subnetIds: pulumi.Input<pulumi.Input<string>[]>;
  /** The key of the disks. Auto Scaling's own role must be allowed to use it, or no node starts. */
  readonly kmsKeyArn: pulumi.Input<string>;
  readonly tags: Readonly<Record<string, string>>;
  readonly after: readonly pulumi.Resource[];
}

/** A group of nodes. What EKS can only make anew has its content in the group's name: the new group stands before the old goes. */
export function nodeGroup(
  owner: pulumi.ComponentResource,
  name: string,
  settings: NodeGroupSettings,
  args: NodesArgs,
): NodeGroup {
  const { instanceTypes, min, max, capacity = 'ON_DEMAND', maxUnavailable = 1 } = settings;
  const template = launchTemplate(owner, `${name}-template`, settings, { ...args, name });
  return new NodeGroup(
    `${name}-group`,
    {
      clusterName: args.cluster.name,
      nodeGroupName: contentName(name, { instanceTypes, capacity }),
      nodeRoleArn: args.roleArn,
      subnetIds: args.subnetIds,
      version: args.version,
      ...(settings.release !== undefined && { releaseVersion: settings.release }),
      amiType: 'AL2023_x86_64_STANDARD',
      capacityType: capacity,
      instanceTypes: [...instanceTypes],
      launchTemplate: { id: template.id, version: template.latestVersion.apply((version) => `${version}`) },
      scalingConfig: { minSize: min, maxSize: max, desiredSize: min },
      updateConfig: { maxUnavailable },
      nodeRepairConfig: { enabled: true },
      labels: { ...settings.labels },
      taints: [...(settings.taints ?? [])],
    },
    { parent: owner, dependsOn: [...args.after] },
  );
}

/** How each node of a group is made: no public address, an encrypted disk, guarded metadata. */
function launchTemplate(
  owner: pulumi.ComponentResource,
  name: string,
  { diskSize = 50 }: NodeGroupSettings,
  { cluster, kmsKeyArn, tags, name: node }: NodesArgs & { readonly name: string },
): LaunchTemplate {
  // The provider's default tags reach the template, not what is made from it.
  const made = named(node, tags);
  return new LaunchTemplate(
    name,
    {
      name,
      updateDefaultVersion: true,
      metadataOptions: METADATA,
      monitoring: { enabled: true },
      blockDeviceMappings: [
        {
          deviceName: ROOT_DEVICE,
          ebs: { ...DISK, volumeSize: diskSize, encrypted: 'true', kmsKeyId: kmsKeyArn, deleteOnTermination: 'true' },
        },
      ],
      networkInterfaces: [
        {
          deviceIndex: 0,
          associatePublicIpAddress: 'false',
          deleteOnTermination: 'true',
          // Named here, since a template that describes the interface has to name all of it.
          securityGroups: [cluster.vpcConfig.clusterSecurityGroupId],
        },
      ],
      tagSpecifications: ['instance', 'volume', 'network-interface'].map((resourceType) => ({
        resourceType,
        tags: made,
      })),
    },
    { parent: owner },
  );
}
