/** What a cluster of EKS needs of AWS: its control plane, its nodes, and the add-ons that reach for disks and addresses. */
import { arn, type Place } from '../../account/index.ts';
import type { Conditions, Policy } from '../policy.ts';

/**
 * The control plane works by a policy of AWS's: what it calls changes with each version of Kubernetes, and AWS demands
 * this one. What is ours is said by {@link clusterSecrets}.
 */
export const clusterManaged = ({ partition = 'aws' }: Place): string[] => [
  `arn:${partition}:iam::aws:policy/AmazonEKSClusterPolicy`,
];

/** The control plane encrypts the Secrets of Kubernetes with this key (D-SEC-1). */
export const clusterSecrets = (keyArn: string): Policy => [
  {
    sid: 'EncryptSecrets',
    actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:ListGrants'],
    resources: [keyArn],
  },
];

const LOOKING = 'the Describe calls of EC2 know no narrower resource';

/**
 * A node: it joins its cluster, hands pods their identities, pulls images. What pods may do is not its business: addresses
 * and disks have roles of their own, so a pod that gets at the node's credentials gains little.
 */
export const node = (place: Place, cluster: string): Policy => [
  {
    sid: 'KnowItself',
    actions: ['ec2:DescribeInstances', 'ec2:DescribeInstanceTypes'],
    resources: ['*'],
    because: LOOKING,
  },
  {
    sid: 'JoinItsCluster',
    actions: ['eks:DescribeCluster', 'eks-auth:AssumeRoleForPodIdentity'],
    resources: [arn(place, 'eks', `cluster/${cluster}`)],
  },
  {
    sid: 'PullImages',
    actions: [
      'ecr:BatchCheckLayerAvailability',
      'ecr:BatchGetImage',
      'ecr:GetAuthorizationToken',
      'ecr:GetDownloadUrlForLayer',
    ],
    resources: ['*'],
    because:
      'the images of EKS itself lie in accounts of AWS, another in each region; what they allow is theirs to say',
  },
];

const MADE_BY_DRIVER = 'ebs.csi.aws.com/cluster';
const volumesOf = (place: Place): string => arn(place, 'ec2', 'volume/*');
const NUMBERED = 'EC2 numbers volumes as it makes them; the condition leaves those that the driver made';
const itsOwn: Conditions = { StringEquals: { [`aws:ResourceTag/${MADE_BY_DRIVER}`]: 'true' } };

/**
 * The driver of volumes: makes them tagged as its own, and touches no others. It makes no snapshots, since nothing here
 * asks for any.
 *
 * @param keyArn the key of the volumes
 */
export const volumes = (place: Place, cluster: string, keyArn: string): Policy => [
  {
    sid: 'Look',
    actions: [
      'ec2:DescribeAvailabilityZones',
      'ec2:DescribeInstances',
      'ec2:DescribeTags',
      'ec2:DescribeVolumeStatus',
      'ec2:DescribeVolumes',
      'ec2:DescribeVolumesModifications',
    ],
    resources: ['*'],
    because: LOOKING,
  },
  {
    sid: 'MakeItsOwn',
    actions: ['ec2:CreateVolume'],
    resources: [volumesOf(place)],
    conditions: { StringEquals: { [`aws:RequestTag/${MADE_BY_DRIVER}`]: 'true' } },
    because: NUMBERED,
  },
  {
    sid: 'TagWhatItMakes',
    actions: ['ec2:CreateTags'],
    resources: [volumesOf(place)],
    conditions: { StringEquals: { 'ec2:CreateAction': 'CreateVolume' } },
    because: NUMBERED,
  },
  {
    sid: 'ChangeItsOwn',
    actions: ['ec2:AttachVolume', 'ec2:DeleteVolume', 'ec2:DetachVolume', 'ec2:ModifyVolume'],
    resources: [volumesOf(place)],
    conditions: itsOwn,
    because: NUMBERED,
  },
  {
    sid: 'AttachToItsNodes',
    actions: ['ec2:AttachVolume', 'ec2:DetachVolume'],
    resources: [arn(place, 'ec2', 'instance/*')],
    conditions: { StringEquals: { [`aws:ResourceTag/kubernetes.io/cluster/${cluster}`]: 'owned' } },
    because: 'nodes come and go, numbered by EC2; the condition leaves those of this cluster',
  },
  {
    sid: 'UseTheKeyThroughEC2',
    actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKeyWithoutPlaintext'],
    resources: [keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `ec2.${place.region}.amazonaws.com` } },
  },
  {
    sid: 'LendTheKeyToEC2',
    actions: ['kms:CreateGrant'],
    resources: [keyArn],
    conditions: {
      Bool: { 'kms:GrantIsForAWSResource': 'true' },
      StringEquals: { 'kms:ViaService': `ec2.${place.region}.amazonaws.com` },
    },
  },
];

/** The network plug-in: gives nodes interfaces and addresses of the subnets for their pods. */
export const addresses = (place: Place): Policy => [
  {
    sid: 'Look',
    actions: [
      'ec2:DescribeInstanceTypes',
      'ec2:DescribeInstances',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeSubnets',
      'ec2:DescribeTags',
      'ec2:DescribeVpcs',
    ],
    resources: ['*'],
    because: LOOKING,
  },
  {
    sid: 'GiveAddresses',
    actions: [
      'ec2:AssignPrivateIpAddresses',
      'ec2:AttachNetworkInterface',
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DetachNetworkInterface',
      'ec2:ModifyNetworkInterfaceAttribute',
      'ec2:UnassignPrivateIpAddresses',
    ],
    resources: ['instance/*', 'network-interface/*', 'security-group/*', 'subnet/*'].map((kind) =>
      arn(place, 'ec2', kind),
    ),
    because:
      'EC2 numbers interfaces as it makes them, and the plug-in tags them only afterwards; this account and region',
  },
  {
    sid: 'TagInterfaces',
    actions: ['ec2:CreateTags'],
    resources: [arn(place, 'ec2', 'network-interface/*')],
    because: 'EC2 numbers interfaces as it makes them',
  },
];
