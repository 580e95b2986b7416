/** What a smoke test says when it fails, and how long it may wait. Travels into the cluster: Node's own modules only. */

/** The claim does not hold. */
export class Wrong extends Error {}

/** @throws Wrong with what was wanted */
export function expect(holds: boolean, wanted: string, seen: unknown): asserts holds {
  if (!holds) throw new Wrong(`wanted ${wanted}; seen ${JSON.stringify(seen)?.slice(0, 300)}`);
}

/** One test: B's number and its words. */
export interface Test {
  readonly id: `B-SMOKE-${number}`;
  readonly group: 'Authentication' | 'Events' | 'Errors' | 'Notifications' | 'Health';
  readonly claim: string;
  readonly run: () => Promise<void>;
}

export interface Verdict {
  readonly id: string;
  readonly group: string;
  readonly claim: string;
  readonly passed: boolean;
  readonly milliseconds: number;
  readonly why?: string;
}

/** Runs them one after the other: later ones use what earlier ones have made. */
export async function judged(tests: readonly Test[]): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const { id, group, claim, run } of tests) {
    const began = performance.now();
    const why = await run().then(
      () => undefined,
      (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
    );
    const milliseconds = Math.round(performance.now() - began);
    verdicts.push({ id, group, claim, passed: why === undefined, milliseconds, ...(why !== undefined && { why }) });
  }
  return verdicts;
}
