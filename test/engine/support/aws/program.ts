/** A program with one of every component that stands on AWS, so that each is planned whichever stacks use it. */

/** The services of AWS whose components the program has: `test/engine/aws.test.ts` compares them with the tree. */
export const BUILT = [
  'account',
  'dns',
  'ec2',
  'eks',
  'identity',
  'keys',
  'logs',
  'network',
  'registry',
  'storage',
] as const;

/** What the program is told of, and stands before it: calls that make it in a stand-in for AWS. */
export const BEFORE = [
  {
    ...{ client: 'ec2', call: 'create_vpc', with: { CidrBlock: '10.0.0.0/16' } },
    ...{ planned: 'vpc-0123456789abcdef0', found: 'VpcId' },
  },
  ...['a', 'b', 'c'].map((zone, index) => ({
    ...{ client: 'ec2', call: 'create_subnet', planned: `subnet-0123456789abcdef${index}`, found: 'SubnetId' },
    with: { VpcId: 'vpc-0123456789abcdef0', CidrBlock: `10.0.${index}.0/24`, AvailabilityZone: `eu-central-1${zone}` },
  })),
  {
    ...{ client: 'route53', call: 'create_hosted_zone', with: { Name: 'shop.example.com', CallerReference: 'one' } },
    ...{ planned: 'Z0123456789ABCDEFGHIJ', found: 'Id' },
  },
  { client: 'iam', call: 'create_instance_profile', with: { InstanceProfileName: 'shop' } },
] as const;

export const PROGRAM = `
import { Account } from './infra/account/index.ts';
import { Certificate, Names } from './infra/dns/index.ts';
import { Host, HostSecret } from './infra/ec2/index.ts';
import { Cluster } from './infra/eks/index.ts';
import { readBackups, ServiceRole, WorkloadRole, writeBackups } from './infra/identity/index.ts';
import { Key } from './infra/keys/index.ts';
import { Logs } from './infra/logs/index.ts';
import { CLUSTER_ENDPOINTS, Network } from './infra/network/index.ts';
import { Registry } from './infra/registry/index.ts';
import { Storage } from './infra/storage/index.ts';

const account = new Account('account', {
  region: 'eu-central-1', accountId: '111122223333', partOf: 'shop', environment: 'staging',
  replicaRegion: 'eu-west-1',
}, {});
const { place } = account;
const options = { provider: account.provider };
const key = new Key('key', {
  place, alias: 'shop-staging/data', description: 'everything of shop-staging',
  uses: [{ by: 'logs', groups: ['/shop/flow'] }, { by: 'nodes' }],
}, options);
new Logs('logs', { keyArn: key.arn, groups: { flow: { groupName: '/shop/flow', retention: 30 } } }, options);
const role = (name, service) => new ServiceRole(name, { place, service, roleName: 'shop-' + name }, options);
const cluster = new Cluster('k8s', {
  serviceCidr: '172.20.0.0/16',
  clusterName: 'shop-staging',
  region: place.region,
  subnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1', 'subnet-0123456789abcdef2'],
  roleArn: role('control', 'eks.amazonaws.com').arn,
  nodeRoleArn: role('nodes', 'ec2.amazonaws.com').arn,
  addonRoles: { network: role('network', 'eks.amazonaws.com').arn, volumes: role('volumes', 'eks.amazonaws.com').arn },
  access: { deployer: { principalArn: 'arn:aws:iam::111122223333:role/deployer', level: 'clusterAdmin' } },
  nodeGroups: { general: { instanceTypes: ['m6i.large', 'm6a.large'], min: 3, max: 9 } },
  secretsKeyArn: key.arn,
  disksKeyArn: key.arn,
  logsKeyArn: key.arn,
}, options);
const secret = new HostSecret('env', { secretName: 'shop/env', variables: { A: '1' }, kmsKeyArn: key.arn }, options);
const host = new Host('server', {
  hostName: 'shop-staging',
  imageId: 'ami-0123456789abcdef0',
  vpcId: 'vpc-0123456789abcdef0',
  subnetId: 'subnet-0123456789abcdef0',
  zone: 'eu-central-1a',
  instanceProfile: 'shop',
  key: { name: 'shop', publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g' },
  firewall: { sshFrom: ['203.0.113.7/32'] },
  data: { size: 100 },
  kmsKeyArn: key.arn,
  userData: (volume) => volume.apply((id) => '#!/bin/sh\\n# ' + id + '\\n'),
}, options);
const network = new Network('net', {
  place, prefix: 'shop-staging', cidr: '10.1.0.0/16', nat: 'zone', clusters: ['shop-staging'],
  zones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
  endpoints: CLUSTER_ENDPOINTS,
  flowLogs: { keyArn: key.arn, retention: 30 },
}, options);
const copyKey = new Key('copy-key', {
  place: account.replicaPlace, alias: 'shop-staging/copies', description: 'copies of backups', uses: [],
}, { provider: account.replica });
const backups = new Storage('backups', {
  place, bucketName: 'shop-staging-backups', keyArn: key.arn, expireAfter: '30d',
  copy: { place: account.replicaPlace, provider: account.replica, keyArn: copyKey.arn },
}, options);
for (const [name, rights] of [['writer', writeBackups], ['restorer', readBackups]]) {
  new WorkloadRole('backup-' + name, {
    place, roleName: 'shop-staging-' + name, description: name + ' of backups',
    policy: key.arn.apply((keyArn) => rights(place, { bucket: backups.bucketName, prefix: 'postgres/', keyArn })),
    namespace: 'shop', serviceAccount: 'backup-' + name,
    taken: { by: 'pod-identity', cluster: 'shop-staging' },
  }, { ...options, dependsOn: cluster });
}
new Registry('images', {
  place, repository: 'shop-api', keyArn: key.arn, keep: [{ tags: 'staging-*', newest: 20 }], moving: ['staging-latest'],
}, options);
const zone = { zoneId: 'Z0123456789ABCDEFGHIJ', domain: 'shop.example.com' };
new Certificate('tls', { zone, hosts: ['api.shop.example.com'] }, options);
new Names('names', {
  zone,
  hosts: { 'api.shop.example.com': { to: 'addresses', addresses: [host.publicIp] } },
  issuers: ['amazon.com', 'letsencrypt.org'],
}, options);
export const natAddresses = network.natAddresses;
export const publicIp = host.publicIp;
export const kubeconfig = cluster.kubeconfig;
`;
