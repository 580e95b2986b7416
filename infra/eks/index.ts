/** A Kubernetes cluster on EKS. The only door of this folder. */
export { ACCESS, type Access, type AccessLevel } from './access.ts';
export { ADDONS, type AddonName, type AddonRoles } from './addons.ts';
export { Cluster, KUBERNETES_VERSION, type ClusterArgs, type Endpoint } from './cluster.ts';
export { kubeconfig, type ClusterAddress } from './kubeconfig.ts';
export { ClusterRoles, type ClusterRolesArgs } from './roles.ts';
export { type NodeGroupSettings, type Taint } from './nodes.ts';
