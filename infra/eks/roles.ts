/** The roles that a cluster works by: its control plane's, its nodes', and those of the two add-ons that call AWS. */
import type * as pulumi from '@pulumi/pulumi';
import { output } from '@pulumi/pulumi';
import { PlatformComponent } from '../../components/core/index.ts';
import type { Place } from '../account/index.ts';
import {
  addresses,
  clusterManaged,
  clusterSecrets,
  node,
  role,
  ServiceRole,
  trustPods,
  volumes,
  type ServiceAccountRef,
} from '../identity/index.ts';
import { ADDON_ACCOUNTS, type AddonRoles } from './addons.ts';

export interface ClusterRolesArgs {
  readonly place: Place;
  /** The cluster's name, known before it is there: the policies speak of it, and of no other. */
  readonly clusterName: string;
  /** The key of the cluster's Secrets. */
  readonly secretsKeyArn: pulumi.Input<string>;
  /** The key of the volumes. */
  readonly disksKeyArn: pulumi.Input<string>;
}

/**
 * Four roles, each with what its work takes (D-K8S-6). They have to stand, with their policies, before the cluster and until
 * after it: let the cluster depend on this component.
 *
 * The add-ons get theirs by Pod Identity; the association is a part of the add-on, which EKS keeps.
 *
 * Cost: none. Changing the cluster's name is another cluster, and these are other roles.
 */
export class ClusterRoles extends PlatformComponent {
  readonly controlPlane: pulumi.Output<string>;
  readonly nodes: pulumi.Output<string>;
  readonly addons: AddonRoles;

  constructor(name: string, args: ClusterRolesArgs, options: pulumi.ComponentResourceOptions) {
    const { place, clusterName } = args;
    super('platform:host:ClusterRoles', name, { clusterName }, options);
    const child = { parent: this };
    this.controlPlane = new ServiceRole(
      `${name}-control-plane`,
      {
        ...{ place, service: 'eks.amazonaws.com', roleName: `${clusterName}-control-plane` },
        description: `The control plane of ${clusterName}`,
        managed: clusterManaged(place),
        policy: output(args.secretsKeyArn).apply(clusterSecrets),
      },
      child,
    ).arn;
    this.nodes = new ServiceRole(
      `${name}-nodes`,
      {
        ...{ place, service: 'ec2.amazonaws.com', roleName: `${clusterName}-nodes` },
        description: `The nodes of ${clusterName}`,
        policy: node(place, clusterName),
      },
      child,
    ).arn;
    const addon = (which: keyof AddonRoles, does: string, policy: Parameters<typeof role>[3]['policy']) =>
      role(this, `${name}-${which}`, trustPods(place, clusterName, accountOf(which)), {
        roleName: `${clusterName}-${which}`,
        description: `${does} of ${clusterName}`,
        policy,
      }).arn;
    this.addons = {
      network: addon('network', 'Addresses for the pods', addresses(place)),
      volumes: addon(
        'volumes',
        'Volumes for the pods',
        output(args.disksKeyArn).apply((key) => volumes(place, clusterName, key)),
      ),
    };
    this.registerOutputs({ controlPlane: this.controlPlane, nodes: this.nodes });
  }
}

/** Add-ons of EKS run in one namespace. */
const accountOf = (which: keyof AddonRoles): ServiceAccountRef => ({
  namespace: 'kube-system',
  serviceAccount: ADDON_ACCOUNTS[which],
});
