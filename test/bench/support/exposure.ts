/** Which requests failed, and whether anybody but the bad version is to blame. */
import { weightIn } from '../../../components/release/runner/phases.ts';
import type { Order } from '../../../components/release/runner/record.ts';
import type { Answer } from '../../e2e/support/open-loop.ts';
import type { Witness } from './witness.ts';

/** With which a version serves: the steps of the trial's canary. */
const STEPS = { steps: [10, 50, 100].map((weight) => ({ weight, window: 0 })) } as unknown as Order;
/** The share of its users that the bad version had at most, from the moment on, and how many requests came while it answered. */
function exposure(witness: Witness, from: number, bad: readonly Answer[], all: readonly Answer[]): number {
  if (bad.length === 0) return 0;
  const last = Math.max(...bad.map(({ due, latency }) => due + latency));
  const phases = [witness.record(from), ...witness.since(from)].flatMap((seen) =>
    seen && seen.at <= last ? (seen.phase ?? []) : [],
  );
  const share = Math.max(0, ...phases.map((phase) => weightIn(phase, STEPS))) / 100;
  const due = all.filter((answer) => answer.due >= from && answer.due <= last).length;
  // Who has which share is chance: four times its spread, and what was under way.
  return Math.ceil(due * share + 4 * Math.sqrt(due * share * (1 - share)) + 10);
}

export interface Failures {
  readonly sent: number;
  readonly failed: number;
  /** Of those, what the bad version itself answered, and how many it could have. */
  readonly ofBad: number;
  readonly exposed: number;
  /** Seconds from the first bad answer to the last. */
  readonly badFor: number;
}

/** @param turnedAt when the version turned bad; Infinity where it did not */
export function blamed(
  answers: readonly Answer[],
  version: string,
  turnedAt: number,
  witness: Witness,
): { failures: Failures; violated: string[] } {
  const failed = answers.filter(({ failure }) => failure !== '');
  const bad = failed.filter(
    (one) => one.version === version && one.failure === 'HTTP 500' && one.due + one.latency >= turnedAt,
  );
  const exposed = exposure(witness, turnedAt, bad, answers);
  const others = failed.filter((one) => !bad.includes(one));
  const violated: string[] = [];
  if (others.length > 0) {
    const kinds = Map.groupBy(others, ({ failure, version }) => `${failure} of ${version || 'nobody'}`);
    violated.push(`failed by the kill: ${[...kinds].map(([kind, of]) => `${of.length} ${kind}`).join(', ')}`);
  }
  if (bad.length > exposed) violated.push(`${bad.length} failed by the bad version, which had at most ${exposed}`);
  const came = bad.map(({ due, latency }) => due + latency);
  const badFor = came.length === 0 ? 0 : (Math.max(...came) - Math.min(...came)) / 1000;
  return { failures: { sent: answers.length, failed: failed.length, ofBad: bad.length, exposed, badFor }, violated };
}
