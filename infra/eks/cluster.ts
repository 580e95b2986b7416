/** A cluster of EKS with its nodes, add-ons and access (D-K8S-11, GAP-7). */
import { OpenIdConnectProvider } from '@pulumi/aws/iam/openIdConnectProvider.js';
import * as pulumi from '@pulumi/pulumi';
import { PlatformComponent } from '../../components/core/index.ts';
import { accessEntries, type Access } from './access.ts';
import { ADDONS, addons, AFTER_NODES, BEFORE_NODES, type AddonName, type AddonRoles } from './addons.ts';
import { check } from './check.ts';
import { controlPlane, logs, privateDoors } from './control-plane.ts';
import { kubeconfig } from './kubeconfig.ts';
import { nodeGroup, type NodeGroupSettings } from './nodes.ts';

/** What the platform is tried on (ours, GAP-7). */
export const KUBERNETES_VERSION = '1.34';

/** From where the API server can be asked. By nodes and pods always. */
export interface Endpoint {
  /**
   * Addresses that reach the network itself, by peering, a VPN or from a subnet of it, and may ask: EKS lets in nobody but the
   * nodes. `0.0.0.0/0` is refused.
   * @default none
   */
  readonly privateFrom?: readonly string[];
  /**
   * Addresses outside that may ask, too. `0.0.0.0/0` is refused.
   * @default none: whoever deploys comes from `privateFrom` (A-HOST-5)
   */
  readonly publicFrom?: readonly string[];
}

export interface ClusterArgs {
  /** The cluster's name in AWS. Another one is another cluster. */
  readonly clusterName: string;
  /** The account's region, which the kubeconfig names. */
  readonly region: string;
  /**
   * Kubernetes's minor version. One step up at a time, never down (docs/runbooks/upgrade-eks.md).
   * @default '1.34' (ours)
   */
  readonly version?: string;
  /**
   * What happens when AWS's standard support of the version ends (14 months after it came): `STANDARD` is upgraded by AWS
   * at a time of its choosing, `EXTENDED` stays for another year at six times the price of the control plane.
   * @default 'STANDARD' (ours)
   */
  readonly support?: 'STANDARD' | 'EXTENDED';
  /** Private subnets in three zones, two at the least, for the API server's interfaces and for the nodes. */
  readonly subnetIds: pulumi.Input<pulumi.Input<string>[]>;
  readonly endpoint?: Endpoint;
  /** Addresses of Services, apart from the network's: `172.20.0.0/16`. Another range is another cluster. */
  readonly serviceCidr: string;
  /** The control plane's role (AmazonEKSClusterPolicy). Its policies have to be attached before: pass them in `dependsOn`. */
  readonly roleArn: pulumi.Input<string>;
  /** The nodes' role (AmazonEKSWorkerNodePolicy, AmazonEC2ContainerRegistryPullOnly). */
  readonly nodeRoleArn: pulumi.Input<string>;
  readonly addonRoles: AddonRoles;
  /**
   * Over ours, for the Kubernetes version that is asked for.
   * @default ADDONS
   */
  readonly addonVersions?: Partial<Record<AddonName, string>>;
  /** Who may do what in the cluster, by a short name for each. Somebody has to be `clusterAdmin`. */
  readonly access: Readonly<Record<string, Access>>;
  /** By a short name for each: `general`. */
  readonly nodeGroups: Readonly<Record<string, NodeGroupSettings>>;
  /** Encrypts Secrets before etcd writes them. Another one is another cluster; the key must outlive it. */
  readonly secretsKeyArn: pulumi.Input<string>;
  /** Encrypts the nodes' disks. */
  readonly disksKeyArn: pulumi.Input<string>;
  /** Encrypts the control plane's logs; its policy has to let CloudWatch Logs use it. */
  readonly logsKeyArn: pulumi.Input<string>;
  /** @default 90 (ours) */
  readonly logRetentionDays?: number;
  /**
   * Whether workloads may also take a role through OpenID Connect (IRSA), for those that know no Pod Identity yet.
   * @default false
   */
  readonly oidc?: boolean;
  /**
   * Whether cluster and logs refuse to be deleted, by AWS and by Pulumi. It has to be switched off by an `up` of its own.
   * @default true
   */
  readonly protect?: boolean;
  /** On each node and disk, beside those of the provider. */
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * A Kubernetes whose API server answers inside its network, whose Secrets and disks are encrypted with keys of one's own,
 * and whose nodes lie over the zones of their subnets.
 *
 * Cost: the control plane by the hour, each node and its disk, the logs by volume.
 *
 * Failure of a node: EKS replaces it, in the zone of the others where the group says so. Failure of a zone: the other
 * zones' nodes go on; a volume waits for its zone.
 */
export class Cluster extends PlatformComponent {
  readonly clusterName: pulumi.Output<string>;
  readonly endpoint: pulumi.Output<string>;
  /** Once nodes and add-ons are there: what deploys with it finds a cluster that runs pods. Holds no secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** The group of the nodes' and the control plane's interfaces, which a database lets in. */
  readonly securityGroupId: pulumi.Output<string>;
  /** Of the OpenID Connect provider, where there is one. */
  readonly oidcProviderArn: pulumi.Output<string> | undefined;
  readonly oidcIssuer: pulumi.Output<string>;

  constructor(name: string, args: ClusterArgs, options: pulumi.ComponentResourceOptions) {
    const { version = KUBERNETES_VERSION, access, clusterName } = args;
    const versions = { ...ADDONS, ...args.addonVersions };
    check(args, version, versions);
    super('platform:host:Cluster', name, { clusterName, version, nodeGroups: args.nodeGroups }, options);

    const log = logs(this, name, args);
    const cluster = controlPlane(this, name, version, args, log);
    const entries = accessEntries(this, name, cluster, access);
    const doors = privateDoors(this, name, cluster, args.endpoint?.privateFrom);
    const shared = { cluster, versions, roles: args.addonRoles };
    const first = addons(this, name, { ...shared, which: BEFORE_NODES, after: [] });
    const nodes = Object.entries(args.nodeGroups).map(([group, settings]) =>
      nodeGroup(this, `${name}-${group}`, settings, {
        ...{ cluster, version, roleArn: args.nodeRoleArn, subnetIds: args.subnetIds },
        ...{ kmsKeyArn: args.disksKeyArn, tags: args.tags ?? {}, after: first },
      }),
    );
    const rest = addons(this, name, { ...shared, which: AFTER_NODES, after: nodes });

    this.clusterName = cluster.name;
    this.endpoint = cluster.endpoint;
    this.securityGroupId = cluster.vpcConfig.clusterSecurityGroupId;
    this.oidcIssuer = cluster.identities.apply(([identity]) => identity?.oidcs?.[0]?.issuer ?? '');
    this.oidcProviderArn = args.oidc ? openIdConnect(this, name, this.oidcIssuer).arn : undefined;
    this.kubeconfig = pulumi
      .all([cluster.name, cluster.endpoint, cluster.certificateAuthority, ready([...entries, ...doors, ...rest])])
      .apply(([known, endpoint, { data }]) =>
        kubeconfig({ name: known, region: args.region, endpoint, certificateAuthority: data ?? '' }),
      );
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }
}

/** Resolves when all of them are there. */
const ready = (resources: readonly pulumi.CustomResource[]): pulumi.Output<string[]> =>
  pulumi.all(resources.map(({ id }) => id));

/** AWS knows the authorities of its own issuers: no thumbprint to look up. */
const openIdConnect = (owner: PlatformComponent, name: string, issuer: pulumi.Input<string>): OpenIdConnectProvider =>
  new OpenIdConnectProvider(`${name}-oidc`, { url: issuer, clientIdLists: ['sts.amazonaws.com'] }, { parent: owner });
