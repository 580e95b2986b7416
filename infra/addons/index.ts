/**
 * What the stacks rely on and a cluster may not have yet. Each is off where the cluster has it. The only door of this folder.
 */
export { crdObjects, readCrds, type CrdSet } from './crds.ts';
export type { Connections, Place, Surroundings } from './connections.ts';
export type { ProgramSize } from './program.ts';
export { CertManager, type CertManagerArgs } from './cert-manager/cert-manager.ts';
export { certManagerConnections, type CertManagerSurroundings } from './cert-manager/programs.ts';
export {
  ExternalSecrets,
  externalSecretsConnections,
  type ExternalSecretsArgs,
  type ExternalSecretsSurroundings,
} from './external-secrets.ts';
export { Keda, kedaConnections, kedaOperator, type KedaArgs, type KedaSurroundings } from './keda.ts';
export {
  loadBalancerAccount,
  loadBalancerConnections,
  LoadBalancerController,
  type LoadBalancerControllerArgs,
  type LoadBalancerSurroundings,
} from './load-balancer/controller.ts';
export {
  PrometheusAdapter,
  prometheusAdapterConnections,
  type PodMetric,
  type PrometheusAdapterArgs,
  type PrometheusAdapterSurroundings,
} from './prometheus-adapter.ts';
export {
  VerticalPodAutoscaler,
  verticalPodAutoscalerConnections,
  type VerticalPodAutoscalerArgs,
} from './vertical-pod-autoscaler.ts';
