/**
 * Judges a version on trial by what was observed of it, and of the stable version at the same time. Pure: no clock, no
 * network, the same answer for the same samples.
 *
 *   judge(samples, rules, scene)       what each gate says, at any moment
 *   decide(judgement, elapsed, rules)  what the runner does next: watch on, hold, advance, undo
 *
 * A failed sample more never betters a verdict, and no gate passes on fewer samples than its minimum.
 */
export type { Sample, Side, HttpSample, DatabaseSample, RestartSample, MetricSample, Reading } from './samples.ts';
export { RULES, type MetricRule, type Rules } from './rules.ts';
export { heaviest, type Judged, type Verdict } from './verdict.ts';
import { judgeMetric } from './judge-metric.ts';
import { judgeDatabase, judgeRestarts } from './judge-pods.ts';
import { judgeLatency } from './judge-latency.ts';
import { judgeErrors, judgeHealth } from './judge-requests.ts';
import type { Rules } from './rules.ts';
import type { Sample } from './samples.ts';
import { heaviest, type Judged, type Verdict } from './verdict.ts';

/** What one gate says. */
export interface GateVerdict {
  /** `health`, `errors`, `latency`, `database`, `restarts`, or a metric's name; with the path where paths are apart. */
  readonly gate: string;
  readonly verdict: Verdict;
  /** What was read, for people: `6 of 40 requests failed (15 %)`. */
  readonly reading: string;
  /** What would have been good: `at most 5 %`. */
  readonly limit: string;
  /** How many samples it rests on; of a metric, how many requests. */
  readonly samples: number;
}

/** What all gates say together: the heaviest verdict, fail before error before inconclusive before pass; skipped ones aside. */
export interface Judgement {
  readonly verdict: Judged;
  readonly gates: readonly GateVerdict[];
}

/** What latencies are compared with. */
export interface Compared {
  /**
   * The stable version at the same time; the stable version before, where a rolling update has left none of it; nothing, where
   * the gate is skipped.
   * @default 'same-time'
   */
  readonly comparison?: 'same-time' | 'before' | 'none';
  /** Why nothing is compared: the gate says so. Without it, it says nothing: the caller does not judge by it. */
  readonly why?: string | undefined;
}

/** What the samples alone do not tell. */
export interface Scene extends Compared {
  /** Now, by the clock of the samples. */
  readonly now: number;
  /** The pods that are on trial now, by the names that stand in the samples. None leaves everything undecided. */
  readonly pods: readonly string[];
  /** The paths that are asked. Each has to have been answered. */
  readonly paths: readonly string[];
  /** Pods of the stable version that are ready now. Left out: nobody could look. */
  readonly stable?: number | undefined;
  /** Milliseconds between two questions to one pod on one path. Left out: stable is never taken for too slow to be asked. */
  readonly interval?: number;
}

/** One line that names the gate, what was read, what would have been good, and what it rests on. */
export const sentence = ({ gate, verdict, reading, limit, samples }: GateVerdict): string =>
  `${gate}: ${verdict}: ${reading}; wanted ${limit} (${samples} samples)`;

/** Samples from before the window, or of the window before, are the caller's to leave out. */
export function judge(samples: readonly Sample[], rules: Rules, scene: Scene): Judgement {
  const gates = [
    ...judgeHealth(samples, rules, scene),
    ...judgeErrors(samples, rules, scene),
    ...(rules.latency === null ? [] : judgeLatency(samples, rules.latency, rules, scene)),
    ...(rules.database === null ? [] : [judgeDatabase(samples, rules.database, rules, scene)]),
    ...(rules.restarts === null ? [] : [judgeRestarts(samples, rules.restarts, rules, scene)]),
    ...rules.metrics.each.map((metric) => judgeMetric(samples, metric, rules, scene)),
  ];
  return { verdict: heaviest(gates.map(({ verdict }) => verdict)), gates };
}

/** What the runner does next. */
export type Decision =
  /** The window is not over and nothing is wrong. */
  | { readonly kind: 'watch'; readonly left: number }
  /** The window is over and something is undecided; there is time left for it. */
  | { readonly kind: 'hold'; readonly left: number; readonly reasons: readonly string[] }
  | { readonly kind: 'advance' }
  /** `fail` rejects the version. The others end the release just so, but nothing is known against it: it may be tried again. */
  | { readonly kind: 'undo'; readonly verdict: Exclude<Judged, 'pass'>; readonly reasons: readonly string[] };

/** @param elapsed milliseconds since the step's window began */
export function decide({ verdict, gates }: Judgement, elapsed: number, { window, hold }: Rules): Decision {
  const reasons = gates.filter((gate) => gate.verdict === verdict).map(sentence);
  if (verdict === 'fail') return { kind: 'undo', verdict, reasons };
  if (elapsed < window) return { kind: 'watch', left: window - elapsed };
  if (verdict === 'pass') return { kind: 'advance' };
  const left = window + hold - elapsed;
  return left > 0 ? { kind: 'hold', left, reasons } : { kind: 'undo', verdict, reasons };
}
