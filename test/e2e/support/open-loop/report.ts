/** What the answers of an open loop come to. Pure. Times in milliseconds, moments since 1970. */
import { quantile } from '../../../../components/release/runner/samples.ts';
import type { Answer } from './schedule.ts';

/** Latencies of good answers, from when each was due. A failed one is counted, not timed. NaN where none was good. */
export interface Latency {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface Window extends Latency {
  /** When its first request was due. */
  readonly from: number;
  readonly sent: number;
  readonly failed: number;
}

/** What one version answered. From the first bad answer to its last one it took to bring all traffic elsewhere. */
export interface Given {
  readonly good: number;
  readonly failed: number;
  /** When its first and its last answer came. */
  readonly first: number;
  readonly last: number;
}

export interface Report extends Latency {
  readonly sent: number;
  readonly failed: number;
  /** How many of each kind of failure. */
  readonly failures: Readonly<Record<string, number>>;
  /** Who gave the answers; under the empty name, those that did not say. */
  readonly versions: Readonly<Record<string, Given>>;
  /** Each as long as asked for; the last may be shorter. */
  readonly windows: readonly Window[];
  /** When the first and the last failed answer came, and the time between; undefined where none failed. */
  readonly bad: { readonly first: number; readonly last: number; readonly lasted: number } | undefined;
  /** By how much the client itself was late, at the 99th percentile: what latencies below it are worth. */
  readonly lag: number;
}

const latencyOf = (answers: readonly Answer[]): Latency => {
  const good = answers.filter(({ failure }) => failure === '').map(({ latency }) => latency);
  return { p50: quantile(good, 0.5), p95: quantile(good, 0.95), p99: quantile(good, 0.99) };
};

const failedOf = (answers: readonly Answer[]): Answer[] => answers.filter(({ failure }) => failure !== '');

/** When the first and the last of some answers came. */
function ends(answers: readonly Answer[]): { first: number; last: number } {
  const came = answers.map(({ due, latency }) => due + latency);
  return {
    first: came.reduce((a, b) => Math.min(a, b), Infinity),
    last: came.reduce((a, b) => Math.max(a, b), -Infinity),
  };
}

/** @param window milliseconds of each of the windows that the latency is also given for */
export function report(answers: readonly Answer[], window = 10_000): Report {
  const began = answers.reduce((first, { due }) => Math.min(first, due), Infinity);
  const windows = Map.groupBy(answers, ({ due }) => Math.floor((due - began) / window));
  const failed = failedOf(answers);
  const { first, last } = ends(failed);
  return {
    ...latencyOf(answers),
    sent: answers.length,
    failed: failed.length,
    failures: Object.fromEntries(
      [...Map.groupBy(failed, ({ failure }) => failure)].map(([kind, of]) => [kind, of.length]),
    ),
    versions: Object.fromEntries(
      [...Map.groupBy(answers, ({ version }) => version)].map(([version, of]) => {
        const bad = failedOf(of).length;
        return [version, { good: of.length - bad, failed: bad, ...ends(of) }];
      }),
    ),
    windows: [...windows]
      .toSorted(([a], [b]) => a - b)
      .map(([index, of]) => ({
        ...{ from: began + index * window, sent: of.length, failed: failedOf(of).length },
        ...latencyOf(of),
      })),
    bad: failed.length === 0 ? undefined : { first, last, lasted: last - first },
    lag: quantile(
      answers.map(({ lag }) => lag),
      0.99,
    ),
  };
}

/** The median of the windows' 95th percentiles: one window in which the machine was busy does not decide. */
export const typical = (windows: readonly Window[]): number =>
  quantile(
    windows.map(({ p95 }) => p95),
    0.5,
  );

const ms = (value: number): string => `${value.toFixed(1)} ms`;

/** The figures on one line. */
export function summary({ sent, failed, failures, versions, p50, p95, p99, bad, lag }: Report): string {
  const kinds = Object.entries(failures).map(([kind, count]) => `${count} ${kind}`);
  const who = Object.entries(versions).map(
    ([version, { good, failed: worse }]) => `${version || 'unsaid'} ${good}${worse > 0 ? ` (${worse} failed)` : ''}`,
  );
  return [
    `${failed} of ${sent} requests failed${kinds.length > 0 ? ` (${kinds.join(', ')})` : ''}`,
    ...(bad ? [`${(bad.lasted / 1000).toFixed(2)} s from the first bad answer to the last`] : []),
    `p50 ${ms(p50)}, p95 ${ms(p95)}, p99 ${ms(p99)}`,
    `by ${who.join(', ')}`,
    `the client late by ${ms(lag)} at p99`,
  ].join('; ');
}
