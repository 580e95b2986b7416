/** What every other folder may use. Imports nothing of ours, and no cloud. */
export { apart } from './apart.ts';
export { AWAITED_BALANCER, balancerName, nlbAnnotations, unlessAwaited } from './balancer.ts';
export { blockSize, CIDR_WANTED, covers, formatCidr, isCidr, parseCidr, subBlock, type Block } from './cidr.ts';
export { PlatformComponent, type ComponentType } from './component.ts';
export { canonical, digest, keyedDigest } from './digest.ts';
export { checkDockerHost, sshOptions, type DockerHostInput, type DockerHostRef } from './docker.ts';
export { patienceOf, podContainer, scratchVolumes, type HealthFacts, type ServiceFacts } from './facts.ts';
export { containerLabels, labels, selector, SUBJECT, type Identity } from './labels.ts';
export { contentName, dnsLabel } from './names.ts';
export { probes } from './probes.ts';
export { explain, InputRefused, nearest, Problems, shown, unreachable, type Problem } from './problems.ts';
export {
  CONTAINER_SECURITY,
  podSecurity,
  resources,
  SECRETS,
  stamped,
  type CpuRange,
  type Image,
  type MemoryRange,
  type Sealed,
  type SecretRef,
  type Template,
  type Workload,
} from './pods.ts';
export {
  bytes,
  isBytes,
  isCpu,
  isDuration,
  mebibytes,
  milliCpu,
  milliseconds,
  seconds,
  WRITTEN,
  type Bytes,
  type Cpu,
  type Duration,
} from './quantity.ts';
