/** Releases that prove themselves and undo themselves. The only door of this folder. */
export { ReleasedWorkload, type ReleasedArgs } from './release.ts';
export { edgeSides, type FollowerSpec, type GatewayRoute } from './dividing.ts';
export { runnerEdges, runnerPods, type RunnerEdges } from './edges.ts';
export { type RunnerArgs } from './runner-pod.ts';
export { WAY, type Strategy, type Way } from './steps.ts';
export { TIMING, type Asked, type Timing } from './settings.ts';
export { RULES, type MetricRule, type Rules as AnalysisRules } from './runner/analysis.ts';
export { SIDE, sideName, SIDES, type Side } from './runner/record.ts';
