/** Who may do what at AWS. The only door of this folder. */
export {
  document,
  faults,
  rendered,
  type Conditions,
  type Document,
  type Policy,
  type Principals,
  type Statement,
} from './policy.ts';
export { role, type Rights } from './role.ts';
export { ServiceRole, WorkloadRole, type ServiceRoleArgs, type Taken, type WorkloadRoleArgs } from './roles.ts';
export { trustPods, trustService, trustToken, type Issuer, type ServiceAccountRef } from './trust.ts';
export { readBackups, replicate, writeBackups, type BackupArgs, type ReplicationArgs } from './policies/backup.ts';
export { addresses, clusterManaged, clusterSecrets, node, volumes } from './policies/cluster.ts';
export { writeFlowLogs } from './policies/flow-logs.ts';
export { balance } from './policies/load-balancers.ts';
export { pullImages, pushImages } from './policies/registry.ts';
export { readSecrets, unseal, type ReadSecretsArgs } from './policies/secrets.ts';
