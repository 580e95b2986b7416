/** When a rolling update has seen enough of the stable version, which it will leave nothing of; and when it will not. Pure. */
import type { Rules } from './rules.ts';

/** Milliseconds that are waited in any case, and at most. */
const [LEAST, MOST] = [10_000, 60_000];
/** Milliseconds in which one that is just starting may become ready. */
const SOON = 2000;

/** What has been seen of the stable version so far. */
export interface Seen {
  /** On the path on which it gave the fewest good answers. */
  readonly baseline: { readonly good: number; readonly failed: number };
  /** Its ready pods; nothing where nobody has been able to look lately. */
  readonly stable: number | undefined;
}

interface Asking {
  readonly analysis: Rules;
  /** Milliseconds between two questions to one pod on one path. */
  readonly interval: number;
  /** Milliseconds since the first question. */
  readonly waited: number;
}

/** Milliseconds for the answers that are needed, twice over: some take longer than the interval. Within bounds. */
export const patienceFor = (needed: number, pods: number, interval: number): number =>
  Math.min(MOST, Math.max(LEAST, 2 * Math.ceil(needed / Math.max(1, pods)) * interval));

/** Whether there is enough to compare with; where there will not be, why. Neither: it has to be waited for. */
export function baselineOf(
  { baseline: { good, failed }, stable }: Seen,
  { analysis: { latency, errors }, interval, waited }: Asking,
): { readonly enough: boolean; readonly why?: string } {
  const needed = latency?.minimum ?? 0;
  if (good >= needed) return { enough: true };
  const seen = `${good} good answers of ${good + failed} before it was replaced; ${needed} are needed`;
  if (stable === 0 && waited > SOON) return { enough: false, why: `stable has no ready pod (${seen})` };
  if (good === 0 && failed >= errors.fewest) return { enough: false, why: `stable is broken (${seen})` };
  return waited > patienceFor(needed, stable ?? 1, interval)
    ? { enough: false, why: `stable gave too little in ${Math.round(waited / 1000)} s (${seen})` }
    : { enough: false };
}
