/**
 * Health gates: resources that open only when what they watch is proven healthy, and leave evidence. The only door of
 * this folder. What asks and judges is loaded when a gate runs, not here, so that it costs a program nothing.
 */
export type { JsonExpectation, Pattern } from './json.ts';
export type { Evidence, GateArgs, GateInputs, ManySubjects, OneSubject } from './gate.ts';
export type { Reading, Verdict } from './judge.ts';
export { Gate } from './gate.ts';
export * from './kinds.ts';
export { PATIENCE, type Patience } from './patience.ts';
export { RULES, type Kind, type Questions, type SqlExpectation } from './questions.ts';
export {
  workloadName,
  type ClusterRef,
  type HostTarget,
  type SecretKeyRef,
  type WorkloadRef,
  type WorkloadTarget,
} from './refs.ts';
// For dynamic resources of other components, and for the verb: the same shell, the same way into the cluster.
export { ShelledResource, type Runner, type Shelled } from './shell.ts';
export { leaveWithTheEngine } from './orphan.ts';
export { dockerClient, DockerSaid, unframed, type DockerClient } from './docker.ts';
export { judge as judgeContainer, lastWords, type Inspected } from './probes/container.ts';
export { Credentials } from './credentials.ts';
export { livePods, openCluster, readWorkload, type Cluster } from './cluster.ts';
export { forward, reach, type Address, type PodPort } from './reach.ts';
export { gatesIn, kindOf, verify, type ExportedState, type StoredGate } from './verify.ts';
