/** A share of the traffic as hundredths, the way the edge takes it: which of its buckets are green's. Pure. */
import type { Side } from './record.ts';

const ALL = Array.from({ length: 100 }, (_, bucket) => String(bucket));

/** The buckets that are green's when a side has a share in percent: always the first ones, so that a step moves no more than it must. */
export const greens = (side: Side, weight: number): ReadonlySet<string> =>
  new Set(ALL.slice(0, side === 'green' ? weight : 100 - weight));

/** The same as a ConfigMap's data, in the order of the numbers. */
export const dataOf = (buckets: ReadonlySet<string>): Record<string, string> =>
  Object.fromEntries(ALL.filter((bucket) => buckets.has(bucket)).map((bucket) => [bucket, 'green']));

export const fromData = (data: Readonly<Record<string, string>> = {}): ReadonlySet<string> =>
  new Set(ALL.filter((bucket) => bucket in data));

export const isSame = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((bucket) => b.has(bucket));
