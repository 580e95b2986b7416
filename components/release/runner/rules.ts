/**
 * The rules by which a version on trial is judged, with their defaults. Plain values that fit into JSON: they travel in the
 * order of a release. Times in milliseconds. A requirement's id stands where one gives the number; the others are ours.
 */

/**
 * One query against Prometheus, about what users got: judged while they are given to a version, and not before. At a first
 * install, which has none, it is left out.
 *
 * `$candidate` in the PromQL stands for the addresses of the pods on trial, as Prometheus calls who it has asked:
 * `{instance=~"$candidate"}`; `!~` for those of the stable version.
 */
export interface MetricRule {
  /** How the gate is called in messages: `edge-errors`. */
  readonly name: string;
  /** PromQL that gives one number. To compare with the stable version, let it divide by that one's. */
  readonly query: string;
  /** The highest value that passes. */
  readonly most: number;
  /** PromQL that gives the number of requests behind the value. */
  readonly requests: string;
  /** Fewer requests decide nothing. */
  readonly minimum: number;
}

/** A gate that is `null` is switched off, and says so nowhere: switch off only what the application cannot answer. */
export interface Rules {
  /** How long each step is watched. A breach ends it at once; a pass waits for its end. */
  readonly window: number;
  /** How much longer an undecided step is watched before it fails. */
  readonly hold: number;
  /** A pod on trial that was last heard of longer ago than this leaves its gates undecided. */
  readonly freshness: number;
  /** Failures of one pod on one path, one after the other, that are a breach (A-RB-1). */
  readonly health: { readonly inRow: number };
  /**
   * The share of failed requests on one path that is still good (A-RB-2, E-RB-6), over the whole window and over any
   * `recent` requests in a row: a version that turns bad late is found as soon as one that is bad at once. Fewer than
   * `fewest` failures are no breach: chance gives a version with 1 % of errors three of them in forty every minute or so. Over
   * the whole window they are no pass either, but undecided until more requests bring the share below `most`.
   */
  readonly errors: {
    readonly most: number;
    readonly minimum: number;
    readonly recent: number;
    readonly fewest: number;
  };
  /**
   * How much slower than the stable version at the same time is still good, as a ratio of the 95th percentiles on one path
   * (A-RB-3, E-RB-3), over the whole window and over its last `recent` milliseconds. A difference of no more than
   * `tolerance` milliseconds is no breach. `minimum` answers of each side. What is above the limit, but by no more than
   * chance explains with so few answers, is undecided. A stable version that is broken, has no ready pod, or is too slow to be
   * asked that often is no measure: the gate is skipped, and says why.
   */
  readonly latency: {
    readonly ratio: number;
    readonly tolerance: number;
    readonly minimum: number;
    readonly recent: number;
  } | null;
  /** Failures of one pod to reach its database, one after the other, that are a breach (A-RB-4). */
  readonly database: { readonly inRow: number; readonly minimum: number } | null;
  /** Restarts of a pod while it is watched that are still good. */
  readonly restarts: { readonly most: number } | null;
  /** The newest `inRow` readings of each metric must be good; a bad one at any time is a breach. */
  readonly metrics: { readonly inRow: number; readonly each: readonly MetricRule[] };
}

export const RULES: Rules = {
  window: 30_000,
  hold: 30_000,
  freshness: 5000,
  health: { inRow: 3 },
  errors: { most: 0.05, minimum: 20, recent: 40, fewest: 5 },
  latency: { ratio: 1.5, tolerance: 20, minimum: 60, recent: 15_000 },
  database: { inRow: 3, minimum: 3 },
  restarts: { most: 0 },
  metrics: { inRow: 2, each: [] },
};
