/** How a release went, as its report needs it; and words for spans and moments that are the same on every machine. */
import type { GateVerdict, Verdict } from '../runner/analysis.ts';
import { heaviest } from '../runner/analysis.ts';
import type { Outcome } from '../runner/record.ts';
import type { Point } from '../runner/series.ts';
import type { Strategy } from '../steps.ts';

/** A stretch of a release in which the new version had one share of the traffic. Moments in milliseconds since 1970. */
export interface Stage {
  /** `candidate`, `step-0`, `soak`, `undo`. */
  readonly phase: string;
  /** The new version's share, in percent; nothing where nobody can tell, as in a rolling update. */
  readonly weight?: number;
  readonly from: number;
  readonly to: number;
  /** What each gate said last. None where nothing was judged. */
  readonly gates: readonly GateVerdict[];
}

export interface Course {
  readonly name: string;
  readonly stack: string;
  readonly strategy: Strategy;
  readonly digest: string;
  /** What was live before; nothing at a first install. */
  readonly before?: string;
  readonly verdict: Outcome['verdict'];
  readonly reasons: readonly string[];
  /** In the order in which they were gone through; at least one. */
  readonly stages: readonly Stage[];
  readonly points: readonly Point[];
}

export const began = ({ stages }: Course): number => stages[0]!.from;
export const ended = ({ stages }: Course): number => stages.at(-1)!.to;

/** What a stage came to; nothing where nothing was judged. */
export const verdictOf = ({ gates }: Stage): Verdict | undefined =>
  gates.length === 0 ? undefined : heaviest(gates.map(({ verdict }) => verdict));

/** `8 s`, `2 min 05 s`, `1 h 02 min`. Never shorter than it is: what is left is not promised too early. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const padded = (value: number): string => String(value).padStart(2, '0');
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${padded(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${padded(Math.floor((seconds % 3600) / 60))} min`;
}

/** `2026-11-21 19:11:45 UTC` */
export const moment = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** A phase in words: `step 2 of 3`. */
export function phaseName(phase: string, steps: number): string {
  const index = /^step-(\d+)$/.exec(phase)?.[1];
  return index === undefined ? phase : `step ${Number(index) + 1} of ${steps}`;
}
