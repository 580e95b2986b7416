/**
 * What a stack makes of AWS before anything runs (D-K8S-11): keys, a network, a cluster, and the roles that its workloads
 * have outside it. Loaded by stacks that describe `aws` alone.
 */
import * as pulumi from '@pulumi/pulumi';
import { bytes } from '../../components/core/index.ts';
import type { Provider } from '@pulumi/aws/provider.js';
import { Account, type Place } from '../../infra/account/index.ts';
import { Cluster, ClusterRoles } from '../../infra/eks/index.ts';
import { balance, readSecrets, WorkloadRole, type Issuer, type ServiceAccountRef } from '../../infra/identity/index.ts';
import { Names } from '../../infra/dns/index.ts';
import { Key, type KeyUse } from '../../infra/keys/index.ts';
import { CLUSTER_ENDPOINTS, flowLogGroup, Network } from '../../infra/network/index.ts';
import { Registry } from '../../infra/registry/index.ts';
import { Storage } from '../../infra/storage/index.ts';
import type { Settings } from '../config/systems/corporate-intelligence.ts';
import type { Balancing, Ground } from '../ground.ts';
import { SERVICES } from './addresses.ts';

export type Aws = NonNullable<Settings['aws']>;

export interface GroundArgs {
  readonly aws: Aws;
  /** The cluster's name, and what every name in AWS begins with: `corporate-intel-staging`. */
  readonly name: string;
  readonly partOf: string;
  readonly environment: string;
  readonly protect: boolean;
  /** The product's image without its tag. */
  readonly image: string;
  /** What is read from Secrets Manager, and by which account; nothing where the stack reads none there. */
  readonly outside?:
    { readonly namespace: string; readonly account: string; readonly entries: readonly string[] } | undefined;
  /** The account that makes load balancers; nothing where the stack installs nobody who does. */
  readonly balancers?: ServiceAccountRef | undefined;
}

/** GiB in a size, rounded up: disks are sold by those. */
const gibibytes = (size: Parameters<typeof bytes>[0]): number => Math.ceil(bytes(size) / 2 ** 30);

export function ground(args: GroundArgs): Ground & { readonly account: Account } {
  const { aws, name, partOf, environment, protect } = args;
  const account = new Account(
    'account',
    {
      ...{ region: aws.region, accountId: aws.account, partOf, environment },
      replicaRegion: aws.backups?.replicaRegion,
    },
    {},
  );
  const { place, provider } = account;
  const here = { provider };
  const key: MakeKey = (purpose, description, uses = [], at = { place, provider }) => {
    const described = { place: at.place, alias: `${name}/${purpose}`, description, uses, protect };
    return new Key(`key-${purpose}`, described, { provider: at.provider });
  };

  const secrets = key('secrets', `Secrets of the cluster ${name}`);
  const disks = key('disks', `Disks and volumes of ${name}`, [{ by: 'nodes' }]);
  const written = [`/aws/eks/${name}/cluster`, flowLogGroup(name)];
  const logs = key('logs', `Logs of ${name}`, [{ by: 'logs', groups: written }]);

  const network = new Network(
    'network',
    {
      ...{ place, prefix: name, cidr: aws.network.cidr, zones: aws.network.zones, clusters: [name], protect },
      nat: aws.network.natGateways === 'each' ? 'zone' : 'one',
      endpoints: CLUSTER_ENDPOINTS,
      flowLogs: { keyArn: logs.arn, retention: aws.logs.keepDays },
    },
    here,
  );
  const roles = new ClusterRoles(
    'cluster-roles',
    { place, clusterName: name, secretsKeyArn: secrets.arn, disksKeyArn: disks.arn },
    here,
  );
  backups(args, account, key);
  registry(args, account, key);
  const cluster = clusterIn(args, network, roles, { secrets, disks, logs }, here);
  return {
    account,
    kubeconfig: cluster.kubeconfig,
    volumesKey: disks.arn,
    secretsRole: secretsRole(args, account, cluster),
    balancing: balancing(args, account, cluster, network),
    lead: leading(args, account),
  };
}

type MakeKey = (purpose: string, description: string, uses?: readonly KeyUse[], at?: KeyPlace) => Key;

interface KeyPlace {
  readonly place: Place;
  readonly provider: Provider;
}

/** Where copies of the data outlive the cluster, and in another region the account's own (D-BKP-4, D-BKP-5, D-BKP-8). */
function backups({ aws, name, protect }: GroundArgs, account: Account, key: MakeKey): void {
  if (aws.backups === undefined) return;
  const { replica, replicaPlace } = account;
  const there = { place: replicaPlace!, provider: replica! };
  new Storage(
    'backups',
    {
      ...{ place: account.place, bucketName: `${name}-backups`, expireAfter: `${aws.backups.keepDays}d`, protect },
      keyArn: key('backups', `Backups of ${name}`).arn,
      copy: { ...there, keyArn: key('backups-copy', `Copies of the backups of ${name}`, [], there).arn },
    },
    { provider: account.provider },
  );
}

/** Where the product's image lies (A-IMG-2, A-IMG-5): what was built for the environment goes after a while, versions never. */
function registry(
  { aws, name, image, environment, protect }: GroundArgs,
  { place, provider }: Account,
  key: MakeKey,
): void {
  if (aws.registry === undefined) return;
  new Registry(
    'registry',
    {
      ...{ place, repository: image.slice(image.indexOf('/') + 1), protect },
      keyArn: key('images', `Images of ${name}`).arn,
      keep: [{ tags: `${environment}-*`, newest: aws.registry.keep }],
      moving: [`${environment}-latest`],
    },
    { provider },
  );
}

function clusterIn(
  { aws, name, protect }: GroundArgs,
  network: Network,
  roles: ClusterRoles,
  keys: Readonly<Record<'secrets' | 'disks' | 'logs', Key>>,
  here: pulumi.ComponentResourceOptions,
): Cluster {
  const { version, administrator, privateFrom, publicFrom, nodes } = aws.cluster;
  return new Cluster(
    'eks',
    {
      ...{ clusterName: name, region: aws.region, version, protect, oidc: true },
      subnetIds: network.privateSubnets.map(({ id }) => id),
      endpoint: { ...(privateFrom && { privateFrom }), ...(publicFrom && { publicFrom }) },
      serviceCidr: SERVICES,
      ...{ roleArn: roles.controlPlane, nodeRoleArn: roles.nodes, addonRoles: roles.addons },
      access: { administrator: { principalArn: administrator, level: 'clusterAdmin' } },
      nodeGroups: {
        general: {
          ...{ instanceTypes: nodes.types, min: nodes.least, max: nodes.most },
          diskSize: gibibytes(nodes.disk),
        },
      },
      ...{ secretsKeyArn: keys.secrets.arn, disksKeyArn: keys.disks.arn, logsKeyArn: keys.logs.arn },
      logRetentionDays: aws.logs.keepDays,
    },
    // Nodes need a way out before they start, and everything needs its rights until it is gone.
    { ...here, dependsOn: [network, roles] },
  );
}

/** External Secrets takes it in the name of the account whose store it reads: by a token, not by Pod Identity. */
function secretsRole({ name, outside }: GroundArgs, { place, provider }: Account, cluster: Cluster) {
  if (outside === undefined) return undefined;
  const { namespace, account, entries } = outside;
  const issuer = pulumi
    .all([cluster.oidcProviderArn!, cluster.oidcIssuer])
    .apply(([providerArn, url]): Issuer => ({ providerArn, url }));
  return new WorkloadRole(
    'secrets-role',
    {
      ...{ place, roleName: `${name}-outside-secrets`, namespace, serviceAccount: account },
      description: `Reads ${entries.join(', ')} for ${name}`,
      policy: readSecrets(place, { secrets: entries }),
      taken: { by: 'token', issuer },
    },
    { provider },
  ).arn;
}

/** The controller's own pods take the role by Pod Identity; it names the cluster, and so comes after it. */
function balancing(
  { aws, name, balancers }: GroundArgs,
  { place, provider }: Account,
  cluster: Cluster,
  { vpcId, cidr }: Network,
): Balancing | undefined {
  if (balancers === undefined) return undefined;
  const role = new WorkloadRole(
    'balancers-role',
    {
      ...{ ...balancers, place, roleName: `${name}-load-balancers` },
      description: `Makes load balancers for ${name}`,
      policy: balance(place, name),
      taken: { by: 'pod-identity', cluster: name },
    },
    { provider, dependsOn: cluster },
  );
  return { cluster: name, region: aws.region, vpcId, cidr, role };
}

/** Names of the balancer's own kind: it is AWS's to give it other addresses (A-DNS-1..3, B-TOPO-8). */
function leading({ aws: { dns } }: GroundArgs, { provider }: Account): Ground['lead'] {
  if (dns === undefined) return undefined;
  return (hosts, name) => {
    const leads = Object.fromEntries(hosts.map((host) => [host, { to: 'name', name } as const]));
    // Beside a name that is another's no CAA may stand.
    return new Names('names', { zone: dns, hosts: leads, issuers: [] }, { provider });
  };
}
