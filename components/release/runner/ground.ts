/** What a run stands on: its workload, its fence, its order. */
import type { Fence } from './fence.ts';
import type { Order, Paths, ReleaseRecord } from './record.ts';
import type { Traffic, TrafficDriver } from './traffic.ts';

export interface Ground {
  readonly fence: Fence;
  readonly at: Paths;
  readonly name: string;
  /** What the pods of both sides have in common. */
  readonly labels: Readonly<Record<string, string>>;
  readonly traffic: Traffic;
}

export interface Run extends Ground {
  readonly record: ReleaseRecord;
  readonly order: Order;
  readonly driver: TrafficDriver;
  readonly log: (line: string) => void;
  /** Milliseconds between looks. */
  readonly pause: number;
}

/** The new version does not stand its trial. `rejected` blames the version, `error` does not. */
export class Breach extends Error {
  readonly verdict: 'rejected' | 'error';
  readonly reasons: readonly string[];
  constructor(verdict: 'rejected' | 'error', reasons: readonly string[]) {
    super(reasons.join('; '));
    this.verdict = verdict;
    this.reasons = reasons;
  }
}
