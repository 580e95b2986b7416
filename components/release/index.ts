/** Releases that prove themselves and undo themselves. The only door of this folder. */
export type { ReleasePrepare } from './resources.ts';
export { ReleasedWorkload, type ExposedSpec, type ReleasedArgs } from './release.ts';
export { edgeSides, type FollowerSpec, type GatewayRoute } from './dividing.ts';
export { runnerEdges, runnerPods, type RunnerEdges } from './edges.ts';
export { type RunnerArgs } from './runner-pod.ts';
export { WAY, WEIGHTS, type Strategy, type Way } from './steps.ts';
export { TIMING, type Asked, type Timing } from './settings.ts';
export { RULES, type MetricRule, type Rules as AnalysisRules } from './runner/analysis.ts';
export { SIDE, sideName, SIDES, type Side } from './runner/record.ts';
export { SIGN_OFF_B, SIGN_OFF_E } from './approvals/index.ts';
export { type Approvals } from './host.ts';
export { type Last } from './last.ts';
// For the verbs: the same way into the cluster, and what an operator may do there.
export { recordOf, sendBack, standing, target } from './back.ts';
export { reach } from './host.ts';
export { LEAVING } from './orders.ts';
export { REPORTS, writeReport, type Place } from './report/index.ts';
export { DIGEST, short, type Good, type Past, type ReleaseRecord } from './runner/record.ts';
export { releaseIn, type Stored } from './stored.ts';
