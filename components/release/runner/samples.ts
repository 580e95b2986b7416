/**
 * What the runner observes while a version is on trial, and the arithmetic on it. Pure; imports nothing.
 *
 * Times are milliseconds: `at` since the epoch, by the runner's clock, when the question was put; spans as they are.
 */

/** The version on trial, or the one that is proven. */
export type Side = 'candidate' | 'stable';

interface Seen {
  readonly at: number;
  readonly side: Side;
  /** Which pod, or another name for who was asked, like `service`. */
  readonly pod: string;
}

/** One request of the runner's own. Answers of a pod that is leaving are dropped before they come here. */
export interface HttpSample extends Seen {
  readonly kind: 'http';
  /** Paths are judged apart: a quick one that works does not hide a slow one that fails. */
  readonly path: string;
  readonly ok: boolean;
  /** Until the whole answer, or until it was given up. */
  readonly latency: number;
  /** For people, bounded: `HTTP 503`, `ECONNREFUSED`, `no answer in 1000 ms`. */
  readonly seen: string;
}

/** Whether a pod could reach its database when it was asked. */
export interface DatabaseSample extends Seen {
  readonly kind: 'database';
  readonly ok: boolean;
  readonly seen: string;
}

/** Restarts of all containers of a pod since it was made. */
export interface RestartSample extends Seen {
  readonly kind: 'restarts';
  readonly count: number;
}

/** What a query gave. Only `value` is a number; the others say why there is none. */
export type Reading =
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'no-data' }
  | { readonly kind: 'ambiguous'; readonly series: number }
  | { readonly kind: 'unreachable'; readonly reason: string };

/** One look at a metric, with the number of requests that it rests on. */
export interface MetricSample {
  readonly kind: 'metric';
  readonly at: number;
  /** Which of the rules' metrics. */
  readonly name: string;
  readonly value: Reading;
  readonly requests: Reading;
}

export type Sample = HttpSample | DatabaseSample | RestartSample | MetricSample;

/** By time; of the same time, in the order given. */
export const inOrder = <S extends { readonly at: number }>(samples: readonly S[]): S[] =>
  samples.toSorted((a, b) => a.at - b.at);

/** The samples under each key, keys in the order in which they first came. */
export function grouped<S>(samples: readonly S[], key: (sample: S) => string): Map<string, S[]> {
  const groups = new Map<string, S[]>();
  for (const sample of samples) {
    const name = key(sample);
    const group = groups.get(name);
    if (group) group.push(sample);
    else groups.set(name, [sample]);
  }
  return groups;
}

/** The smallest value that at least this share of the values does not exceed (nearest rank). NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

/** How many standard deviations of a rank a bound lies off: of twenty bounds one is wrong. */
const OFF = 1.645;

/**
 * Between what the quantile of all that was not measured lies with some certainty; of few values far apart. By ranks, so that
 * nothing is assumed of how latencies are spread.
 */
export function quantileBounds(values: readonly number[], share: number): readonly [low: number, high: number] {
  const sorted = values.toSorted((a, b) => a - b);
  const [rank, off] = [share * sorted.length, OFF * Math.sqrt(share * (1 - share) * sorted.length)];
  const at = (wanted: number): number => sorted[Math.min(sorted.length, Math.max(1, Math.ceil(wanted))) - 1] ?? NaN;
  return [at(rank - off), at(rank + off)];
}

/** The longest row of failures. */
export function longestRow(samples: readonly { readonly ok: boolean }[]): number {
  let [longest, row] = [0, 0];
  for (const { ok } of samples) {
    row = ok ? 0 : row + 1;
    longest = Math.max(longest, row);
  }
  return longest;
}

/** The most failures among any `size` samples that follow each other; among all, if there are no more. */
export function densest(samples: readonly { readonly ok: boolean }[], size: number): number {
  let [most, within] = [0, 0];
  samples.forEach(({ ok }, index) => {
    if (!ok) within++;
    if (index >= size && !samples[index - size]!.ok) within--;
    most = Math.max(most, within);
  });
  return most;
}

const SLOT = 1000;

/** Those samples of both sides that were taken in a second in which the other side was measured too. */
export function atTheSameTime(a: readonly HttpSample[], b: readonly HttpSample[]): [HttpSample[], HttpSample[]] {
  const slots = (samples: readonly HttpSample[]): Set<number> =>
    new Set(samples.map(({ at }) => Math.floor(at / SLOT)));
  const [ofA, ofB] = [slots(a), slots(b)];
  const within = ({ at }: HttpSample): boolean => ofA.has(Math.floor(at / SLOT)) && ofB.has(Math.floor(at / SLOT));
  return [a.filter(within), b.filter(within)];
}
