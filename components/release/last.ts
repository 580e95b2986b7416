/** The last good release as an output of the stack. */
import * as pulumi from '@pulumi/pulumi';
import type { Release } from './resources.ts';
import type { Verdict } from './runner/analysis.ts';
import type { Side } from './runner/record.ts';

/** What an operator has to know of the live version; no secret, and nothing that was read from an answer. */
export interface Last {
  /** All 64 digits: what was signed, and what `make rollback` knows it by. */
  readonly digest: string;
  readonly side: Side;
  /** When it became live, in ISO 8601. */
  readonly since: string;
  /** What that took, from the order on. */
  readonly seconds: number;
  /** The number of its run; that of its report. */
  readonly epoch: number;
  /** What each gate said last, by phase: `{ soak: { health: 'pass' } }`; `skipped` where there was nothing to judge by. Empty where it was gone back to, since it was proven before. */
  readonly gates: Readonly<Record<string, Readonly<Record<string, Verdict>>>>;
}

type Evidence = pulumi.Unwrap<Release['evidence']>;

/** Readings stay in the record and in the report: they may quote what a pod answered. A plan knows of none. */
const verdictsOf = (evidence: Evidence | undefined): Last['gates'] =>
  Object.fromEntries(
    Object.entries(evidence ?? {}).map(([phase, gates]) => [
      phase,
      Object.fromEntries(gates.map(({ gate, verdict }) => [gate, verdict])),
    ]),
  );

export const lastOf = (digest: pulumi.Output<string>, release: Release): pulumi.Output<Last> =>
  pulumi
    .all([digest, release.side, release.since, release.seconds, release.epoch, release.evidence])
    .apply(([known, side, since, seconds, epoch, evidence]) => ({
      ...{ digest: known, side, since, seconds, epoch },
      gates: verdictsOf(evidence),
    }));
