/** What AWS gives a resource: names of its own, addresses, documents. Made up here, in the form of the real ones. */
import type { MakeUp, Place } from '../shared/made.ts';
import { isTree, type Tree, type Value } from '../shared/values.ts';

/** The account of AWS's own documentation. */
const ACCOUNT = '123456789012';
const REGION = 'us-east-1';

export const regionOf = (settings: Tree): string => (typeof settings.region === 'string' ? settings.region : REGION);

export function accountOf({ allowedAccountIds }: Tree): string {
  const [first] = Array.isArray(allowedAccountIds) ? allowedAccountIds : [];
  return typeof first === 'string' ? first : ACCOUNT;
}

/** How the ids of EC2's kinds begin. Those of others are a name, an ARN or plain digits. */
const PREFIXES: Readonly<Record<string, string>> = {
  Eip: 'eipalloc',
  EipAssociation: 'eipassoc',
  FlowLog: 'fl',
  Instance: 'i',
  InternetGateway: 'igw',
  LaunchTemplate: 'lt',
  NatGateway: 'nat',
  NetworkAcl: 'acl',
  NetworkInterface: 'eni',
  RouteTable: 'rtb',
  RouteTableAssociation: 'rtbassoc',
  SecurityGroup: 'sg',
  SecurityGroupEgressRule: 'sgr',
  SecurityGroupIngressRule: 'sgr',
  Subnet: 'subnet',
  Volume: 'vol',
  VolumeAttachment: 'vai',
  Vpc: 'vpc',
  VpcEndpoint: 'vpce',
};

/** Kinds that are known by their ARN. */
const BY_ARN = new Set([
  'aws:acm/certificate:Certificate',
  'aws:alb/listener:Listener',
  'aws:alb/loadBalancer:LoadBalancer',
  'aws:alb/targetGroup:TargetGroup',
  'aws:iam/openIdConnectProvider:OpenIdConnectProvider',
  'aws:iam/policy:Policy',
  'aws:lb/listener:Listener',
  'aws:lb/loadBalancer:LoadBalancer',
  'aws:lb/targetGroup:TargetGroup',
  'aws:secretsmanager/secret:Secret',
  'aws:sns/topic:Topic',
]);

const kindOf = (token: string): string => token.split(':').at(-1)!;
/** `aws:ec2/vpc:Vpc`: ec2 */
const serviceOf = (token: string): string => token.split(/[:/]/)[1]!;

/** The name that the program gave a resource. */
const nameOf = (given: Tree): string | undefined =>
  [given.name, given.bucket, given.clusterName, given.repository].find((one) => typeof one === 'string');

function arnOf(token: string, given: Tree, hex: (length: number) => string, settings: Tree): string {
  const [service, account] = [serviceOf(token), accountOf(settings)];
  const name = nameOf(given) ?? hex(17);
  if (service === 's3') return `arn:aws:s3:::${name}`;
  const kind = kindOf(token).replace(/^[A-Z]+/, (letters) => letters.toLowerCase());
  if (service === 'iam') return `arn:aws:iam::${account}:${kind}/${name}`;
  return `arn:aws:${service}:${regionOf(settings)}:${account}:${kind}/${name}`;
}

/** The id of a resource. */
export function idOf(token: string, given: Tree, hex: (length: number) => string, settings: Tree): string {
  const prefix = PREFIXES[kindOf(token)];
  if (prefix !== undefined && serviceOf(token) !== 'efs') return `${prefix}-${hex(17)}`;
  if (BY_ARN.has(token)) return arnOf(token, given, hex, settings);
  if (token === 'aws:kms/key:Key') {
    return hex(32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }
  return nameOf(given) ?? hex(20);
}

/** A resource's own ids among its properties: `keyId` of a key, `allocationId` of an address. */
const prefixed = (property: string): string | undefined => {
  const kind = Object.keys(PREFIXES).find((one) => property.toLowerCase().endsWith(`${one.toLowerCase()}id`));
  return kind === undefined ? undefined : PREFIXES[kind];
};

function text({ token, path, given, hex }: Place, settings: Tree): Value {
  const [property, service] = [path.at(-1)!, serviceOf(token)];
  if (/^arn$|Arn$/.test(property)) {
    return property === 'arn'
      ? arnOf(token, given, hex, settings)
      : `arn:aws:${service}:${regionOf(settings)}:${accountOf(settings)}:${property.replace(/Arn$/, '')}/${hex(17)}`;
  }
  if (/^(ownerId|accountId|registryId)$/.test(property)) return accountOf(settings);
  if (property === 'region') return regionOf(settings);
  if (property === 'name') return hex(12);
  const host = `${hex(12)}.${service}.${regionOf(settings)}.amazonaws.com`;
  if (/^(endpoint|issuer|invokeUrl|url)$/.test(property)) return `https://${host}`;
  if (property === 'repositoryUrl') {
    return `${accountOf(settings)}.dkr.ecr.${regionOf(settings)}.amazonaws.com/${nameOf(given) ?? hex(12)}`;
  }
  if (property === 'resourceRecordName' && typeof given.domainName === 'string')
    return `_${hex(12)}.${given.domainName}`;
  if (property === 'domainName' && typeof given.domainName === 'string') return given.domainName;
  if (/(dnsName|dns|domainName|address|fqdn)$/i.test(property)) return host;
  if (/^public_?ip$/i.test(property)) return `198.51.100.${Number.parseInt(hex(2), 16)}`;
  if (/ip$/i.test(property)) return `10.0.0.${Number.parseInt(hex(2), 16)}`;
  if (property === 'data') return Buffer.from('made up for a plan').toString('base64');
  const prefix = prefixed(property);
  return prefix === undefined ? hex(12) : `${prefix}-${hex(17)}`;
}

/** A value of AWS's. */
export const makeUp =
  (settings: Tree): MakeUp =>
  (place) => {
    if (place.type === 'number') return 1;
    if (place.type === 'boolean') return false;
    return text(place, settings);
  };

/** AWS's plugin knows the region and all tags before it asks anybody. */
export function known(settings: Tree, inputs: Tree): Tree {
  const defaults = isTree(settings.defaultTags) && isTree(settings.defaultTags.tags) ? settings.defaultTags.tags : {};
  const own = inputs.tags ?? {};
  return {
    ...(typeof settings.region === 'string' && { region: settings.region }),
    ...(isTree(own) && { tagsAll: { ...defaults, ...own } }),
  };
}
