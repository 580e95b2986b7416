/** Who the pods of a store are to the API server: nobody, unless a role says what for. */
import type { types } from '@pulumi/kubernetes';
import { ServiceAccount } from '@pulumi/kubernetes/core/v1/serviceAccount.js';
import { Role } from '@pulumi/kubernetes/rbac/v1/role.js';
import { RoleBinding } from '@pulumi/kubernetes/rbac/v1/roleBinding.js';
import type { Resource } from '@pulumi/pulumi';
import { labels } from '../core/index.ts';
import type { Child, Place } from './place.ts';

/** An account of the store's own, and its role where there is one (D-K8S-6). */
export function account(
  { name, namespace, identity }: Place,
  rules: readonly types.input.rbac.v1.PolicyRule[] | undefined,
  child: Child,
): Resource[] {
  const metadata = { name, namespace, labels: labels(identity) };
  // The pods ask for the token themselves: whoever else uses the account gets none unasked.
  const made = new ServiceAccount(`${name}-account`, { metadata, automountServiceAccountToken: false }, child);
  if (rules === undefined) return [made];
  const role = new Role(`${name}-role`, { metadata, rules: [...rules] }, child);
  const binding = new RoleBinding(
    `${name}-role-binding`,
    {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
    { ...child, dependsOn: role },
  );
  return [made, binding];
}
