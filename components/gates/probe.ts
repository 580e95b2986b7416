/** What every probe is: one function from a question to a reading, with all it needs from outside in one argument. */
import type { Cluster } from './cluster.ts';
import type { Credentials } from './credentials.ts';
import type { Reading } from './judge.ts';
import type { Try } from './patience.ts';
import { reach, type Address } from './reach.ts';
import type { HostTarget, WorkloadTarget } from './refs.ts';

/** One try of one gate. */
export interface Attempt extends Try {
  readonly cluster: () => Promise<Cluster>;
  readonly credentials: Credentials;
  /** What must be live where the gate looks at one workload. */
  readonly subject?: string;
  /** The same for each of several workloads, by `<kind>/<name>`. */
  readonly subjects?: Readonly<Record<string, string>>;
}

/** A probe may throw: whatever it throws is the verdict `error`. */
export type Probe<Question> = (question: Question, attempt: Attempt) => Promise<Reading>;

/** {@link reach} for a probe's target. */
export const reaching = <T>(
  target: WorkloadTarget | HostTarget,
  { cluster, number, signal, subject }: Attempt,
  use: (address: Address) => Promise<T>,
): Promise<T> => reach(target, { cluster, turn: number, signal, ...(subject !== undefined && { subject }) }, use);
