/** What AWS runs inside the cluster for it, each in a stated version (D-K8S-11). */
import { Addon } from '@pulumi/aws/eks/addon.js';
import type { Cluster } from '@pulumi/aws/eks/cluster.js';
import type * as pulumi from '@pulumi/pulumi';

/**
 * The add-ons with their versions for Kubernetes 1.34 (ours, GAP-7; `aws eks describe-addon-versions` lists what AWS offers).
 * Pods can have no network before the first three; the others need nodes to run on.
 */
export const ADDONS = {
  'eks-pod-identity-agent': 'v1.3.10-eksbuild.1',
  'kube-proxy': 'v1.34.1-eksbuild.2',
  'vpc-cni': 'v1.20.5-eksbuild.1',
  'aws-ebs-csi-driver': 'v1.53.0-eksbuild.1',
  coredns: 'v1.12.4-eksbuild.1',
  'metrics-server': 'v0.8.0-eksbuild.5',
} as const;

export type AddonName = keyof typeof ADDONS;

/** Daemons that a node needs to become Ready. EKS counts them as running where there is no node yet. */
export const BEFORE_NODES: readonly AddonName[] = ['eks-pod-identity-agent', 'kube-proxy', 'vpc-cni'];
export const AFTER_NODES: readonly AddonName[] = ['aws-ebs-csi-driver', 'coredns', 'metrics-server'];

/** The roles of the two add-ons that call AWS, given to their ServiceAccounts by Pod Identity. */
export interface AddonRoles {
  /** For `aws-node`: addresses for pods (AmazonEKS_CNI_Policy). */
  readonly network: pulumi.Input<string>;
  /** For `ebs-csi-controller-sa`: volumes (AmazonEBSCSIDriverPolicy, and the use of their key). */
  readonly volumes: pulumi.Input<string>;
}

/** The ServiceAccounts of the two, in `kube-system`. */
export const ADDON_ACCOUNTS: Readonly<Record<keyof AddonRoles, string>> = {
  network: 'aws-node',
  volumes: 'ebs-csi-controller-sa',
};

const SERVICE_ACCOUNTS: Partial<Record<AddonName, keyof AddonRoles>> = {
  'vpc-cni': 'network',
  'aws-ebs-csi-driver': 'volumes',
};

/** Settings that are not the add-on's own. Without the first, no NetworkPolicy of the platform would hold (D-NET-1). */
const SETTINGS: Partial<Record<AddonName, object>> = { 'vpc-cni': { enableNetworkPolicy: 'true' } };

/**
 * The add-ons of one half. What is found in the cluster and differs is overwritten, on creation and later: what the
 * program says holds. Such a change rolls the add-on's pods.
 */
export function addons(
  owner: pulumi.ComponentResource,
  name: string,
  args: {
    readonly cluster: Cluster;
    readonly which: readonly AddonName[];
    readonly versions: Readonly<Record<AddonName, string>>;
    readonly roles: AddonRoles;
    readonly after: readonly pulumi.Resource[];
  },
): Addon[] {
  return args.which.map((addonName) => {
    const identity = SERVICE_ACCOUNTS[addonName];
    const settings = SETTINGS[addonName];
    return new Addon(
      `${name}-addon-${addonName}`,
      {
        clusterName: args.cluster.name,
        addonName,
        addonVersion: args.versions[addonName],
        resolveConflictsOnCreate: 'OVERWRITE',
        resolveConflictsOnUpdate: 'OVERWRITE',
        ...(settings && { configurationValues: JSON.stringify(settings) }),
        ...(identity && {
          podIdentityAssociations: [{ serviceAccount: ADDON_ACCOUNTS[identity], roleArn: args.roles[identity] }],
        }),
      },
      { parent: owner, dependsOn: [...args.after] },
    );
  });
}
