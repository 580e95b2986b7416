/** What holds for the hosts of every stack, whoever wrote its program: each rule names the resources that break it. */
import type { PlannedResource } from '../planned.ts';

type Resource = Pick<PlannedResource, 'type' | 'name' | 'inputs' | 'protect'>;
type Tree = Readonly<Record<string, any>>;

export interface Rule {
  readonly claim: string;
  /** The resources that the rule speaks of. */
  readonly about: (resource: Resource) => boolean;
  /** What breaks it, in a word or two; nothing where it holds. */
  readonly broken: (inputs: Tree, resource: Resource) => string | undefined;
}

const kind =
  (...types: readonly string[]) =>
  ({ type }: Resource): boolean =>
    types.some((one) => type === `aws:${one}`);

const EVERYBODY = new Set(['0.0.0.0/0', '::/0']);
const SSH = 22;
/** PostgreSQL, pgbouncer, Redis, Sentinel, MinIO, RabbitMQ, MySQL: what holds data, or leads to it. */
const STORES: readonly number[] = [5432, 6432, 6379, 26379, 9000, 5672, 3306];

interface Opening {
  readonly from: number;
  readonly to: number;
  readonly sources: readonly string[];
}

/** Who is let in where, by a rule of its own or by one inside a group. A protocol of all has all ports. */
function openings({ type, inputs }: Resource): Opening[] {
  const of = (rule: Tree, sources: readonly unknown[]): Opening => {
    const all = [rule.ipProtocol, rule.protocol].some((protocol) => ['-1', 'all'].includes(String(protocol)));
    return {
      from: all ? 0 : Number(rule.fromPort ?? 0),
      to: all ? 65535 : Number(rule.toPort ?? rule.fromPort ?? 65535),
      sources: sources.filter((one): one is string => typeof one === 'string'),
    };
  };
  const lists = (rule: Tree): unknown[] => [...(rule.cidrBlocks ?? []), ...(rule.ipv6CidrBlocks ?? [])];
  if (type === 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule') {
    return [of(inputs, [inputs.cidrIpv4, inputs.cidrIpv6])];
  }
  if (type === 'aws:ec2/securityGroupRule:SecurityGroupRule' && inputs.type === 'ingress')
    return [of(inputs, lists(inputs))];
  const own = type === 'aws:ec2/securityGroup:SecurityGroup' && Array.isArray(inputs.ingress) ? inputs.ingress : [];
  return (own as Tree[]).map((rule) => of(rule, lists(rule)));
}

/** Whether everybody is let in to a port, and which. */
const openToAll = (resource: Resource, ports: readonly number[]): string | undefined => {
  const open = openings(resource)
    .filter(({ sources }) => sources.some((one) => EVERYBODY.has(one)))
    .flatMap(({ from, to }) => ports.filter((port) => port >= from && port <= to));
  return open.length === 0 ? undefined : `everybody reaches ${open.join(', ')}`;
};

const letsIn = (resource: Resource): boolean => openings(resource).length > 0;
const unless = (holds: boolean, word: string): string | undefined => (holds ? undefined : word);
const isSet = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

/** Whether an argument that may be one block or a list of them holds in all of them, and there is one. */
const everywhere = (value: unknown, holds: (block: Tree) => boolean): boolean => {
  const blocks = (Array.isArray(value) ? value : [value]).filter(isSet) as Tree[];
  return blocks.length > 0 && blocks.every(holds);
};

export const RULES: readonly Rule[] = [
  {
    claim: 'SSH is not open to everybody',
    about: letsIn,
    broken: (_inputs, resource) => openToAll(resource, [SSH]),
  },
  {
    claim: 'no database, cache or queue is open to everybody',
    about: letsIn,
    broken: (_inputs, resource) => openToAll(resource, STORES),
  },
  {
    claim: 'no database of AWS has a public address',
    about: kind('rds/instance:Instance', 'rds/clusterInstance:ClusterInstance'),
    broken: ({ publiclyAccessible }) => unless(publiclyAccessible !== true, 'publiclyAccessible'),
  },
  {
    claim: 'a database of AWS is encrypted',
    about: kind('rds/instance:Instance', 'rds/cluster:Cluster'),
    broken: ({ storageEncrypted }) => unless(storageEncrypted === true, 'storageEncrypted'),
  },
  {
    claim: 'a server asks for its own facts with a token (IMDSv2)',
    about: kind('ec2/instance:Instance', 'ec2/launchTemplate:LaunchTemplate'),
    broken: ({ metadataOptions }) => unless(metadataOptions?.httpTokens === 'required', 'metadataOptions.httpTokens'),
  },
  {
    claim: 'the disks of a server are encrypted',
    about: kind('ec2/instance:Instance'),
    broken: ({ rootBlockDevice }) =>
      unless(
        everywhere(rootBlockDevice, (one) => one.encrypted === true),
        'rootBlockDevice',
      ),
  },
  {
    claim: 'the disks of a node are encrypted',
    about: kind('ec2/launchTemplate:LaunchTemplate'),
    broken: ({ blockDeviceMappings }) =>
      unless(
        everywhere(blockDeviceMappings, ({ ebs }) => String(ebs?.encrypted) === 'true'),
        'blockDeviceMappings',
      ),
  },
  {
    claim: 'a volume is encrypted with a key of the platform’s',
    about: kind('ebs/volume:Volume'),
    broken: ({ encrypted, kmsKeyId }) => unless(encrypted === true && isSet(kmsKeyId), 'encrypted, kmsKeyId'),
  },
  {
    claim: 'a cluster’s Secrets are encrypted with a key of the platform’s',
    about: kind('eks/cluster:Cluster'),
    broken: ({ encryptionConfig }) =>
      unless(
        isSet(encryptionConfig?.provider?.keyArn) && (encryptionConfig.resources ?? []).includes('secrets'),
        'encryptionConfig',
      ),
  },
  {
    claim: 'a cluster’s API server is not open to everybody',
    about: kind('eks/cluster:Cluster'),
    broken: ({ vpcConfig }) =>
      unless(
        vpcConfig?.endpointPublicAccess === false ||
          ((vpcConfig?.publicAccessCidrs ?? []).length > 0 &&
            !(vpcConfig.publicAccessCidrs as unknown[]).some((one) => EVERYBODY.has(String(one)))),
        'vpcConfig',
      ),
  },
  {
    claim: 'a log group is encrypted, and does not grow for ever',
    about: kind('cloudwatch/logGroup:LogGroup'),
    broken: ({ kmsKeyId, retentionInDays }) =>
      unless(isSet(kmsKeyId) && Number(retentionInDays) > 0, 'kmsKeyId, retentionInDays'),
  },
  {
    claim: 'a secret is encrypted with a key of the platform’s',
    about: kind('secretsmanager/secret:Secret'),
    broken: ({ kmsKeyId }) => unless(isSet(kmsKeyId), 'kmsKeyId'),
  },
  {
    claim: 'a key is renewed every year',
    about: ({ type, inputs }) =>
      type === 'aws:kms/key:Key' && (inputs.keyUsage ?? 'ENCRYPT_DECRYPT') === 'ENCRYPT_DECRYPT',
    broken: ({ enableKeyRotation }) => unless(enableKeyRotation === true, 'enableKeyRotation'),
  },
  {
    claim: 'a bucket is closed to the public, wholly',
    about: kind('s3/bucketPublicAccessBlock:BucketPublicAccessBlock'),
    broken: (inputs) =>
      unless(
        ['blockPublicAcls', 'blockPublicPolicy', 'ignorePublicAcls', 'restrictPublicBuckets'].every(
          (key) => inputs[key] === true,
        ),
        'one of its four switches',
      ),
  },
  {
    claim: 'a repository’s tags never move, and its images are scanned',
    about: kind('ecr/repository:Repository'),
    broken: ({ imageTagMutability, imageScanningConfiguration }) =>
      unless(
        String(imageTagMutability).startsWith('IMMUTABLE') && imageScanningConfiguration?.scanOnPush === true,
        'imageTagMutability, imageScanningConfiguration',
      ),
  },
  {
    claim: 'what holds data, or opens it, is protected from deletion',
    about: kind(
      'ebs/volume:Volume',
      'ecr/repository:Repository',
      'eks/cluster:Cluster',
      'kms/key:Key',
      'rds/cluster:Cluster',
      'rds/instance:Instance',
      's3/bucket:Bucket',
    ),
    broken: (_inputs, { protect }) => unless(protect === true, 'protect'),
  },
];

/** The buckets of a plan beside which there is no encryption, no lock against the public or no versions. */
export function bareBuckets(resources: readonly PlannedResource[]): string[] {
  const COMPANIONS = ['BucketServerSideEncryptionConfiguration', 'BucketPublicAccessBlock', 'BucketVersioning'];
  const companions = resources.filter(({ type }) => type.startsWith('aws:s3/'));
  return resources
    .filter(({ type }) => type === 'aws:s3/bucket:Bucket')
    .flatMap((bucket) =>
      COMPANIONS.filter(
        (one) =>
          !companions.some(({ type, inputs, dependencies = [] }) => {
            const own = inputs.bucket === bucket.inputs.bucket || dependencies.includes(bucket.urn);
            return own && new RegExp(`:${one}(V2)?$`).test(type);
          }),
      ).map((one) => `${bucket.name}: no ${one}`),
    );
}

/** Every broken rule: `SSH is not open to everybody: door (everybody reaches 22)`. */
export const brokenRules = (resources: readonly Resource[]): string[] =>
  RULES.flatMap(({ claim, about, broken }) =>
    resources.filter(about).flatMap((resource) => {
      const why = broken(resource.inputs, resource);
      return why === undefined ? [] : [`${claim}: ${resource.name} (${why})`];
    }),
  );
