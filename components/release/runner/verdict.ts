/** The words of a judgement, and how several become one. Pure; imports nothing. */

/**
 * `pass`: enough was seen and all of it within the limit. `fail`: a limit was passed. `inconclusive`: too little was seen.
 * `error`: who should have told could not be asked. `skipped`: there is nothing to judge by, and the gate says why.
 */
export type Verdict = 'pass' | 'fail' | 'inconclusive' | 'error' | 'skipped';

/** What gates can come to together. */
export type Judged = Exclude<Verdict, 'skipped'>;

const WEIGHT: Readonly<Record<Judged, number>> = { fail: 3, error: 2, inconclusive: 1, pass: 0 };

/** The heaviest of some verdicts; a gate that was skipped decides nothing. Of none: nothing was judged, so nothing passes. */
export function heaviest(verdicts: readonly Verdict[]): Judged {
  const judged = verdicts.filter((verdict) => verdict !== 'skipped');
  return judged.length === 0 ? 'inconclusive' : judged.reduce((a, b) => (WEIGHT[b] > WEIGHT[a] ? b : a));
}
