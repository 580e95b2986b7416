/** What every other folder may use. Imports nothing of ours, and no cloud. */
export { apart } from './apart.ts';
export { PlatformComponent, type ComponentType } from './component.ts';
export { canonical, digest, keyedDigest } from './digest.ts';
export { labels, selector, SUBJECT, type Identity } from './labels.ts';
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
