/**
 * Samples as points of a plot: few enough to keep in a record, enough to see when something went wrong. Pure.
 *
 * A release of ten minutes asks tens of thousands of requests; two versions in points of two seconds are 600.
 */
import { quantile, type Sample, type Side } from './samples.ts';

/** What one version answered in one stretch of time. */
export interface Point {
  /** When the stretch begins; milliseconds since 1970. */
  readonly at: number;
  readonly side: Side;
  readonly requests: number;
  readonly failed: number;
  /** 95th percentile of the good answers in whole milliseconds; `null` where none was good. */
  readonly p95: number | null;
}

/** @param width milliseconds of one point; its edges are whole multiples of it, so points of several windows fit together */
export function series(samples: readonly Sample[], width = 2000): Point[] {
  const asked = samples.filter((sample) => sample.kind === 'http');
  return [...Map.groupBy(asked, ({ at, side }) => `${Math.floor(at / width)} ${side}`).values()]
    .map((of): Point => {
      const good = of.filter(({ ok }) => ok).map(({ latency }) => latency);
      const { at, side } = of[0]!;
      return {
        ...{ at: Math.floor(at / width) * width, side, requests: of.length, failed: of.length - good.length },
        p95: good.length === 0 ? null : Math.round(quantile(good, 0.95)),
      };
    })
    .toSorted((a, b) => a.at - b.at || (a.side < b.side ? -1 : 1));
}
