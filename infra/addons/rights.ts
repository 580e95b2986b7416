/** What the account of an add-on's program may do: a role and its binding for each place it holds in. */
import type * as pulumi from '@pulumi/pulumi';
import type { types } from '@pulumi/kubernetes';
import { ClusterRole } from '@pulumi/kubernetes/rbac/v1/clusterRole.js';
import { ClusterRoleBinding } from '@pulumi/kubernetes/rbac/v1/clusterRoleBinding.js';
import { Role } from '@pulumi/kubernetes/rbac/v1/role.js';
import { RoleBinding } from '@pulumi/kubernetes/rbac/v1/roleBinding.js';
import type { PlatformComponent } from '../../components/core/index.ts';

export type PolicyRule = types.input.rbac.v1.PolicyRule;

export type Rights =
  /** In the whole cluster, or in one namespace: these rules. Each place once. */
  | { readonly in: 'cluster' | { readonly namespace: string }; readonly rules: readonly PolicyRule[] }
  /** A role that every cluster has, like `extension-apiserver-authentication-reader` in `kube-system`. */
  | { readonly in: 'cluster'; readonly clusterRole: string }
  | { readonly in: { readonly namespace: string }; readonly role: string };

/** The program's own place; its account is called as the program is. */
interface Holder {
  readonly namespace: string;
  readonly labels: Record<string, string>;
}

const GROUP = 'rbac.authorization.k8s.io';

/** Makes the roles and bindings, and gives them: a program that starts before its rights would fail its first calls. */
export function grant(
  owner: PlatformComponent,
  name: string,
  { namespace, labels }: Holder,
  rights: readonly Rights[],
): pulumi.Resource[] {
  const child = { parent: owner };
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  return rights.flatMap((right): pulumi.Resource[] => {
    if (right.in === 'cluster') {
      const metadata = { name: 'clusterRole' in right ? `${name}-${flat(right.clusterRole)}` : name, labels };
      if ('clusterRole' in right) {
        const roleRef = { apiGroup: GROUP, kind: 'ClusterRole', name: right.clusterRole };
        return [new ClusterRoleBinding(`${metadata.name}-binding`, { metadata, roleRef, subjects }, child)];
      }
      const role = new ClusterRole(`${name}-cluster-role`, { metadata, rules: [...right.rules] }, child);
      const roleRef = { apiGroup: GROUP, kind: 'ClusterRole', name };
      return [role, new ClusterRoleBinding(`${name}-cluster-role-binding`, { metadata, roleRef, subjects }, child)];
    }
    const place = right.in.namespace;
    if ('role' in right) {
      const metadata = { name: `${name}-${flat(right.role)}`, namespace: place, labels };
      const roleRef = { apiGroup: GROUP, kind: 'Role', name: right.role };
      return [new RoleBinding(`${metadata.name}-in-${place}-binding`, { metadata, roleRef, subjects }, child)];
    }
    const metadata = { name, namespace: place, labels };
    const roleRef = { apiGroup: GROUP, kind: 'Role', name };
    return [
      new Role(`${name}-role-in-${place}`, { metadata, rules: [...right.rules] }, child),
      new RoleBinding(`${name}-role-in-${place}-binding`, { metadata, roleRef, subjects }, child),
    ];
  });
}

/** The name of a role as a part of another name: `system:auth-delegator`. */
const flat = (role: string): string => role.replaceAll(':', '-');
