/** The words of a judgement, and how several become one. Pure; imports nothing. */

/**
 * `pass`: enough was seen and all of it within the limit. `fail`: a limit was passed. `inconclusive`: too little was seen.
 * `error`: who should have told could not be asked.
 */
export type Verdict = 'pass' | 'fail' | 'inconclusive' | 'error';

const WEIGHT: Readonly<Record<Verdict, number>> = { fail: 3, error: 2, inconclusive: 1, pass: 0 };

/** The heaviest of some verdicts. Of none: nothing was judged, so nothing passes. */
export const heaviest = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.length === 0 ? 'inconclusive' : verdicts.reduce((a, b) => (WEIGHT[b] > WEIGHT[a] ? b : a));
