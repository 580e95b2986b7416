/** For every role: what it may do and what it may not. What is in neither list is in no policy, or a row is missing. */
import {
  addresses,
  balance,
  clusterSecrets,
  node,
  pullImages,
  pushImages,
  readBackups,
  readSecrets,
  replicate,
  unseal,
  volumes,
  writeBackups,
  writeFlowLogs,
  type Policy,
} from '../../../../infra/identity/index.ts';
import type { Request } from './evaluate.ts';

export const PLACE = { region: 'us-east-1', accountId: '111122223333' } as const;
const KEY = 'arn:aws:kms:us-east-1:111122223333:key/mine';
const OTHER_KEY = 'arn:aws:kms:us-east-1:111122223333:key/other';
const COPY_KEY = 'arn:aws:kms:us-west-2:111122223333:key/copy';
const BUCKET = 'arn:aws:s3:::shop-backups';
const COPY = 'arn:aws:s3:::shop-backups-copy';
const SECRET = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:corporate-intel/staging';
const VOLUME = 'arn:aws:ec2:us-east-1:111122223333:volume/vol-1';
const INSTANCE = 'arn:aws:ec2:us-east-1:111122223333:instance/i-1';
const CLUSTER = 'arn:aws:eks:us-east-1:111122223333:cluster/shop';
const REPOSITORY = 'arn:aws:ecr:us-east-1:111122223333:repository/corporate-intel-api';
const GROUP = 'arn:aws:logs:us-east-1:111122223333:log-group';

const backups = { bucket: 'shop-backups', prefix: 'postgres/', keyArn: KEY };
const throughS3 = { 'kms:ViaService': 's3.us-east-1.amazonaws.com', 'kms:EncryptionContext:aws:s3:arn': BUCKET };
const throughEC2 = { 'kms:ViaService': 'ec2.us-east-1.amazonaws.com' };
const ROLE = 'arn:aws:iam::111122223333:role/aws-service-role';
const GROUPS = 'arn:aws:ec2:us-east-1:111122223333:security-group';
const BALANCING = 'arn:aws:elasticloadbalancing:us-east-1:111122223333';
const BALANCER = `${BALANCING}:loadbalancer/net/shop/0123456789abcdef`;
const TARGETS = `${BALANCING}:targetgroup/shop/0123456789abcdef`;
const LISTENER = `${BALANCING}:listener/net/shop/0123456789abcdef/0123456789abcdef`;
const asked = (cluster: string) => ({ 'aws:RequestTag/elbv2.k8s.aws/cluster': cluster });
const made = (cluster: string) => ({ 'aws:ResourceTag/elbv2.k8s.aws/cluster': cluster });
const driven = { 'aws:ResourceTag/ebs.csi.aws.com/cluster': 'true' };

/** `action on resource`, with what AWS knows about the call. */
const call = (action: string, resource: string, context: NonNullable<Request['context']> = {}): Request => ({
  action,
  resource,
  context,
});

export interface Row {
  readonly role: string;
  readonly policy: Policy;
  readonly may: readonly Request[];
  readonly mayNot: readonly Request[];
}

const throughSecrets = (secret: string) => ({
  'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com',
  'kms:EncryptionContext:SecretARN': secret,
});

export const TABLE: readonly Row[] = [
  {
    role: 'External Secrets, and an EC2 host at its boot',
    policy: readSecrets(PLACE, { secrets: ['corporate-intel/staging/database'], keyArn: KEY }),
    may: [
      call('secretsmanager:GetSecretValue', `${SECRET}/database-a1B2c3`),
      call('secretsmanager:DescribeSecret', `${SECRET}/database-a1B2c3`),
      call('kms:Decrypt', KEY, throughSecrets(`${SECRET}/database-a1B2c3`)),
    ],
    mayNot: [
      call('secretsmanager:GetSecretValue', `${SECRET}/redis-a1B2c3`),
      call('secretsmanager:GetSecretValue', `${SECRET}/database-admin-a1B2c3`),
      call('secretsmanager:GetSecretValue', `${SECRET.replace('staging', 'production')}/database-a1B2c3`),
      call('secretsmanager:GetSecretValue', `${SECRET.replace('1111', '4444')}/database-a1B2c3`),
      call('secretsmanager:PutSecretValue', `${SECRET}/database-a1B2c3`),
      call('secretsmanager:DeleteSecret', `${SECRET}/database-a1B2c3`),
      call('secretsmanager:ListSecrets', '*'),
      call('kms:Decrypt', KEY),
      call('kms:Decrypt', KEY, throughSecrets(`${SECRET}/redis-a1B2c3`)),
      call('kms:Decrypt', KEY, throughS3),
      call('kms:Decrypt', OTHER_KEY, throughSecrets(`${SECRET}/database-a1B2c3`)),
    ],
  },
  {
    role: 'Vault at its seal',
    policy: unseal(KEY),
    may: [call('kms:Encrypt', KEY), call('kms:Decrypt', KEY), call('kms:DescribeKey', KEY)],
    mayNot: [
      call('kms:Decrypt', OTHER_KEY),
      call('kms:ScheduleKeyDeletion', KEY),
      call('kms:PutKeyPolicy', KEY),
      call('kms:CreateGrant', KEY),
    ],
  },
  {
    role: 'the writer of backups',
    policy: writeBackups(PLACE, backups),
    may: [
      call('s3:PutObject', `${BUCKET}/postgres/2026-01-01.dump`),
      call('s3:AbortMultipartUpload', `${BUCKET}/postgres/2026-01-01.dump`),
      call('kms:GenerateDataKey', KEY, throughS3),
    ],
    mayNot: [
      call('s3:GetObject', `${BUCKET}/postgres/2026-01-01.dump`),
      call('s3:GetObjectVersion', `${BUCKET}/postgres/2026-01-01.dump`),
      call('s3:DeleteObject', `${BUCKET}/postgres/2026-01-01.dump`),
      call('s3:DeleteObjectVersion', `${BUCKET}/postgres/2026-01-01.dump`),
      call('s3:ListBucket', BUCKET, { 's3:prefix': 'postgres/' }),
      call('s3:PutObject', `${BUCKET}/vault/2026-01-01.dump`),
      call('s3:PutObject', `${COPY}/postgres/2026-01-01.dump`),
      call('s3:PutLifecycleConfiguration', BUCKET),
      call('s3:PutBucketVersioning', BUCKET),
      call('kms:GenerateDataKey', KEY),
      call('kms:GenerateDataKey', KEY, { 'kms:EncryptionContext:aws:s3:arn': BUCKET }),
      call('kms:GenerateDataKey', OTHER_KEY, throughS3),
    ],
  },
  {
    role: 'the restorer of backups',
    policy: readBackups(PLACE, backups),
    may: [
      call('s3:ListBucket', BUCKET, { 's3:prefix': 'postgres/' }),
      call('s3:ListBucketVersions', BUCKET, { 's3:prefix': 'postgres/2026' }),
      call('s3:GetObject', `${BUCKET}/postgres/2026-01-01.dump`),
      call('s3:GetObjectVersion', `${BUCKET}/postgres/2026-01-01.dump`),
      call('kms:Decrypt', KEY, throughS3),
    ],
    mayNot: [
      call('s3:ListBucket', BUCKET),
      call('s3:ListBucket', BUCKET, { 's3:prefix': 'vault/' }),
      call('s3:GetObject', `${BUCKET}/vault/raft.snap`),
      call('s3:PutObject', `${BUCKET}/postgres/2026-01-01.dump`),
      call('s3:DeleteObject', `${BUCKET}/postgres/2026-01-01.dump`),
      call('kms:GenerateDataKey', KEY, throughS3),
      call('kms:Decrypt', KEY, { 'kms:EncryptionContext:aws:s3:arn': BUCKET }),
      call('kms:Decrypt', KEY, { ...throughS3, 'kms:EncryptionContext:aws:s3:arn': COPY }),
    ],
  },
  {
    role: 'S3 as it copies to the other region',
    policy: replicate(PLACE, {
      from: { bucket: 'shop-backups', keyArn: KEY },
      to: { bucket: 'shop-backups-copy', keyArn: COPY_KEY, region: 'us-west-2' },
    }),
    may: [
      call('s3:GetReplicationConfiguration', BUCKET),
      call('s3:GetObjectVersionForReplication', `${BUCKET}/postgres/a`),
      call('s3:ReplicateObject', `${COPY}/postgres/a`),
      call('kms:Decrypt', KEY, throughS3),
      call('kms:Encrypt', COPY_KEY, {
        'kms:ViaService': 's3.us-west-2.amazonaws.com',
        'kms:EncryptionContext:aws:s3:arn': COPY,
      }),
    ],
    mayNot: [
      call('s3:ReplicateDelete', `${COPY}/postgres/a`),
      call('s3:DeleteObject', `${COPY}/postgres/a`),
      call('s3:ReplicateObject', `${BUCKET}/postgres/a`),
      call('s3:GetObject', `${BUCKET}/postgres/a`),
      call('s3:GetObjectVersionForReplication', `${COPY}/postgres/a`),
      call('kms:Decrypt', COPY_KEY, throughS3),
      call('kms:Encrypt', KEY, throughS3),
    ],
  },
  {
    role: 'what pulls images',
    policy: pullImages(PLACE, ['corporate-intel-api']),
    may: [
      call('ecr:GetAuthorizationToken', '*'),
      call('ecr:BatchGetImage', REPOSITORY),
      call('ecr:GetDownloadUrlForLayer', REPOSITORY),
    ],
    mayNot: [
      call('ecr:PutImage', REPOSITORY),
      call('ecr:BatchDeleteImage', REPOSITORY),
      call('ecr:BatchGetImage', `${REPOSITORY}-other`),
    ],
  },
  {
    role: 'what pushes images',
    policy: pushImages(PLACE, ['corporate-intel-api']),
    may: [
      call('ecr:GetAuthorizationToken', '*'),
      call('ecr:PutImage', REPOSITORY),
      call('ecr:InitiateLayerUpload', REPOSITORY),
      call('ecr:DescribeImageScanFindings', REPOSITORY),
    ],
    mayNot: [
      call('ecr:BatchDeleteImage', REPOSITORY),
      call('ecr:DeleteRepository', REPOSITORY),
      call('ecr:PutLifecyclePolicy', REPOSITORY),
      call('ecr:PutImageTagMutability', REPOSITORY),
      call('ecr:SetRepositoryPolicy', REPOSITORY),
      call('ecr:PutImage', `${REPOSITORY}-other`),
    ],
  },
  {
    role: 'the control plane of a cluster, beside what AWS gives it',
    policy: clusterSecrets(KEY),
    may: [call('kms:Encrypt', KEY), call('kms:Decrypt', KEY), call('kms:DescribeKey', KEY)],
    mayNot: [call('kms:Decrypt', OTHER_KEY), call('kms:ScheduleKeyDeletion', KEY), call('kms:PutKeyPolicy', KEY)],
  },
  {
    role: 'a node',
    policy: node(PLACE, 'shop'),
    may: [
      call('ec2:DescribeInstances', '*'),
      call('eks:DescribeCluster', CLUSTER),
      call('eks-auth:AssumeRoleForPodIdentity', CLUSTER),
      call('ecr:BatchGetImage', 'arn:aws:ecr:us-east-1:602401143452:repository/eks/pause'),
    ],
    mayNot: [
      call('eks-auth:AssumeRoleForPodIdentity', `${CLUSTER}-other`),
      call('ec2:AssignPrivateIpAddresses', 'arn:aws:ec2:us-east-1:111122223333:network-interface/eni-1'),
      call('ec2:AttachVolume', VOLUME, driven),
      call('ecr:PutImage', REPOSITORY),
      call('s3:GetObject', `${BUCKET}/postgres/a`),
      call('secretsmanager:GetSecretValue', `${SECRET}/database-a1B2c3`),
      call('sts:AssumeRole', 'arn:aws:iam::111122223333:role/admin'),
      call('iam:PassRole', 'arn:aws:iam::111122223333:role/admin'),
    ],
  },
  {
    role: 'the driver of volumes',
    policy: volumes(PLACE, 'shop', KEY),
    may: [
      call('ec2:DescribeVolumes', '*'),
      call('ec2:CreateVolume', VOLUME, { 'aws:RequestTag/ebs.csi.aws.com/cluster': 'true' }),
      call('ec2:CreateTags', VOLUME, { 'ec2:CreateAction': 'CreateVolume' }),
      call('ec2:ModifyVolume', VOLUME, driven),
      call('ec2:DeleteVolume', VOLUME, driven),
      call('ec2:AttachVolume', VOLUME, driven),
      call('ec2:AttachVolume', INSTANCE, { 'aws:ResourceTag/kubernetes.io/cluster/shop': 'owned' }),
      call('kms:CreateGrant', KEY, { ...throughEC2, 'kms:GrantIsForAWSResource': 'true' }),
      call('kms:GenerateDataKeyWithoutPlaintext', KEY, throughEC2),
    ],
    mayNot: [
      call('ec2:CreateVolume', VOLUME),
      call('ec2:DeleteVolume', VOLUME),
      call('ec2:DetachVolume', VOLUME),
      call('ec2:AttachVolume', INSTANCE, { 'aws:ResourceTag/kubernetes.io/cluster/other': 'owned' }),
      call('ec2:CreateTags', VOLUME, driven),
      call('ec2:CreateTags', INSTANCE, { 'ec2:CreateAction': 'CreateVolume' }),
      call('ec2:DeleteSnapshot', 'arn:aws:ec2:us-east-1::snapshot/snap-1'),
      call('kms:CreateGrant', KEY, throughEC2),
      call('kms:Decrypt', KEY),
    ],
  },
  {
    role: 'the network plug-in',
    policy: addresses(PLACE),
    may: [
      call('ec2:DescribeSubnets', '*'),
      call('ec2:CreateNetworkInterface', 'arn:aws:ec2:us-east-1:111122223333:subnet/subnet-1'),
      call('ec2:AssignPrivateIpAddresses', 'arn:aws:ec2:us-east-1:111122223333:network-interface/eni-1'),
      call('ec2:CreateTags', 'arn:aws:ec2:us-east-1:111122223333:network-interface/eni-1'),
    ],
    mayNot: [
      call('ec2:CreateTags', INSTANCE),
      call('ec2:AssociateAddress', 'arn:aws:ec2:us-east-1:111122223333:network-interface/eni-1'),
      call('ec2:AuthorizeSecurityGroupIngress', 'arn:aws:ec2:us-east-1:111122223333:security-group/sg-1'),
      call('ec2:AssignPrivateIpAddresses', 'arn:aws:ec2:eu-west-1:111122223333:network-interface/eni-1'),
      call('ec2:TerminateInstances', INSTANCE),
    ],
  },
  {
    role: 'the writer of flow logs',
    policy: writeFlowLogs(PLACE, '/platform/shop/flow'),
    may: [
      call('logs:CreateLogStream', `${GROUP}:/platform/shop/flow:log-stream:eni-1`),
      call('logs:PutLogEvents', `${GROUP}:/platform/shop/flow:log-stream:eni-1`),
      call('logs:DescribeLogGroups', `${GROUP}:`),
    ],
    mayNot: [
      call('logs:PutLogEvents', `${GROUP}:/platform/shop/flow-other:log-stream:eni-1`),
      call('logs:CreateLogGroup', `${GROUP}:/platform/shop/flow`),
      call('logs:DeleteLogGroup', `${GROUP}:/platform/shop/flow`),
      call('logs:PutRetentionPolicy', `${GROUP}:/platform/shop/flow`),
      call('logs:GetLogEvents', `${GROUP}:/platform/shop/flow:log-stream:eni-1`),
    ],
  },
  {
    role: 'what makes load balancers',
    policy: balance(PLACE, 'shop'),
    may: [
      call('elasticloadbalancing:DescribeLoadBalancers', '*'),
      call('ec2:DescribeSubnets', '*'),
      // Of the account's first balancer.
      call('ec2:DescribeAccountAttributes', '*'),
      call('ec2:DescribeAddresses', '*'),
      call('ec2:DescribeInternetGateways', '*'),
      call('elasticloadbalancing:CreateLoadBalancer', BALANCER, asked('shop')),
      call('elasticloadbalancing:CreateTargetGroup', TARGETS, asked('shop')),
      call('elasticloadbalancing:CreateListener', BALANCER, asked('shop')),
      call('elasticloadbalancing:AddTags', BALANCER, {
        ...asked('shop'),
        'elasticloadbalancing:CreateAction': 'CreateLoadBalancer',
      }),
      call('elasticloadbalancing:AddTags', LISTENER, made('shop')),
      call('elasticloadbalancing:RegisterTargets', TARGETS, made('shop')),
      call('elasticloadbalancing:DeleteListener', LISTENER, made('shop')),
      call('elasticloadbalancing:DeleteLoadBalancer', BALANCER, made('shop')),
      call('ec2:CreateSecurityGroup', `${GROUPS}/sg-1`, asked('shop')),
      call('ec2:CreateSecurityGroup', 'arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1'),
      call('ec2:CreateTags', `${GROUPS}/sg-1`, { ...asked('shop'), 'ec2:CreateAction': 'CreateSecurityGroup' }),
      call('ec2:CreateTags', `${GROUPS}/sg-1`, made('shop')),
      call('ec2:DeleteSecurityGroup', `${GROUPS}/sg-1`, made('shop')),
      call('ec2:AuthorizeSecurityGroupIngress', `${GROUPS}/sg-2`, {
        'aws:ResourceTag/kubernetes.io/cluster/shop': 'owned',
      }),
      call(
        'iam:CreateServiceLinkedRole',
        `${ROLE}/elasticloadbalancing.amazonaws.com/AWSServiceRoleForElasticLoadBalancing`,
        {
          'iam:AWSServiceName': 'elasticloadbalancing.amazonaws.com',
        },
      ),
    ],
    mayNot: [
      call('elasticloadbalancing:CreateLoadBalancer', BALANCER),
      call('elasticloadbalancing:CreateLoadBalancer', BALANCER, asked('other')),
      call('elasticloadbalancing:CreateLoadBalancer', BALANCER.replace('/net/', '/app/'), asked('shop')),
      call('elasticloadbalancing:DeleteLoadBalancer', BALANCER),
      call('elasticloadbalancing:DeleteLoadBalancer', BALANCER, made('other')),
      call('elasticloadbalancing:RegisterTargets', TARGETS, made('other')),
      call('elasticloadbalancing:ModifyListener', LISTENER),
      // What is another's is not made its own by a new tag, and what is its own not given away.
      call('elasticloadbalancing:AddTags', BALANCER, asked('shop')),
      call('elasticloadbalancing:AddTags', BALANCER, { ...made('shop'), ...asked('other') }),
      call('ec2:CreateTags', `${GROUPS}/sg-1`, asked('shop')),
      call('ec2:CreateTags', INSTANCE, { ...asked('shop'), 'ec2:CreateAction': 'CreateSecurityGroup' }),
      call('ec2:AuthorizeSecurityGroupIngress', `${GROUPS}/sg-2`),
      call('ec2:AuthorizeSecurityGroupIngress', `${GROUPS}/sg-2`, {
        'aws:ResourceTag/kubernetes.io/cluster/other': 'owned',
      }),
      call('ec2:DeleteSecurityGroup', `${GROUPS}/sg-2`, { 'aws:ResourceTag/kubernetes.io/cluster/shop': 'owned' }),
      call('ec2:AuthorizeSecurityGroupEgress', `${GROUPS}/sg-1`, made('shop')),
      call('ec2:TerminateInstances', INSTANCE),
      call('acm:ListCertificates', '*'),
      call('wafv2:AssociateWebACL', '*'),
      call('iam:CreateServiceLinkedRole', `${ROLE}/eks.amazonaws.com/AWSServiceRoleForAmazonEKS`, {
        'iam:AWSServiceName': 'eks.amazonaws.com',
      }),
    ],
  },
];
