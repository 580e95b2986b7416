/** Who may do what in the cluster: EKS's own list of principals, in the place of the ConfigMap `aws-auth`. */
import { AccessEntry } from '@pulumi/aws/eks/accessEntry.js';
import { AccessPolicyAssociation } from '@pulumi/aws/eks/accessPolicyAssociation.js';
import type { Cluster } from '@pulumi/aws/eks/cluster.js';
import type * as pulumi from '@pulumi/pulumi';

/** The policies that EKS has for it, by what they allow; `view` reads no secret. */
export const ACCESS = {
  clusterAdmin: 'AmazonEKSClusterAdminPolicy',
  admin: 'AmazonEKSAdminPolicy',
  edit: 'AmazonEKSEditPolicy',
  view: 'AmazonEKSViewPolicy',
} as const;

export type AccessLevel = keyof typeof ACCESS;

/** One principal and what it may do. */
export interface Access {
  /** A role or user of IAM. Another one replaces the entry: the old one is out at once. */
  readonly principalArn: pulumi.Input<string>;
  readonly level: AccessLevel;
  /**
   * Where it may do so.
   * @default everywhere
   */
  readonly namespaces?: readonly string[];
}

/** An entry and its policy for each, named after the key it stands under. */
export function accessEntries(
  owner: pulumi.ComponentResource,
  name: string,
  cluster: Cluster,
  entries: Readonly<Record<string, Access>>,
): AccessPolicyAssociation[] {
  return Object.entries(entries).map(([who, { principalArn, level, namespaces }]) => {
    const entry = new AccessEntry(
      `${name}-access-${who}`,
      { clusterName: cluster.name, principalArn, type: 'STANDARD' },
      { parent: owner },
    );
    return new AccessPolicyAssociation(
      `${name}-access-${who}-${level.toLowerCase()}`,
      {
        clusterName: cluster.name,
        principalArn: entry.principalArn,
        policyArn: `arn:aws:eks::aws:cluster-access-policy/${ACCESS[level]}`,
        accessScope: namespaces ? { type: 'namespace', namespaces: namespaces.toSorted() } : { type: 'cluster' },
      },
      { parent: owner },
    );
  });
}
