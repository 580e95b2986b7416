/**
 * What a gate may say, and how single observations become one word. Pure: no clock, no network.
 *
 * Only `pass` opens a gate. The other words differ in what an operator does next: `fail`, the thing answered and the
 * answer is wrong; `inconclusive`, it answered and the answer decides nothing; `error`, there was no answer to judge.
 */

/** See the words' meaning at the top of this file. */
export type Verdict = 'pass' | 'fail' | 'inconclusive' | 'error';

/** One look at what a gate watches. */
export interface Reading {
  readonly verdict: Verdict;
  /** What was seen, for people: bounded, and without secrets. */
  readonly seen: string;
  /** Why this is not a pass; empty for a pass. */
  readonly reasons: readonly string[];
}

export const pass = (seen: string): Reading => ({ verdict: 'pass', seen, reasons: [] });
export const fail = (seen: string, ...reasons: readonly string[]): Reading => ({ verdict: 'fail', seen, reasons });
export const inconclusive = (seen: string, ...reasons: readonly string[]): Reading => ({
  verdict: 'inconclusive',
  seen,
  reasons,
});
export const error = (...reasons: readonly string[]): Reading => ({ verdict: 'error', seen: '', reasons });

/** A wrong answer says more than a missing one, and a missing one more than an undecided one. */
const WEIGHT: Readonly<Record<Verdict, number>> = { fail: 3, error: 2, inconclusive: 1, pass: 0 };

/** Several readings as one: the heaviest word, and all reasons. Nothing read at all is not a pass. */
export function together(readings: readonly Reading[]): Reading {
  if (readings.length === 0) return inconclusive('', 'there was nothing to look at');
  return {
    verdict: readings.map((r) => r.verdict).reduce((a, b) => (WEIGHT[b] > WEIGHT[a] ? b : a)),
    seen: readings
      .map((r) => r.seen)
      .filter((text) => text !== '')
      .join('; '),
    reasons: readings.flatMap((r) => r.reasons),
  };
}

/** A reading that opens unless there are reasons against it. */
export const unless = (reasons: readonly string[], seen: string): Reading =>
  reasons.length === 0 ? pass(seen) : fail(seen, ...reasons);

/** A number that must not be below a limit. What is not one finite number decides nothing. */
export function atLeast(values: readonly unknown[], limit: number, what: string): Reading {
  if (values.length === 0) return inconclusive('no data', `${what} gave no value; wanted at least ${limit}`);
  if (values.length > 1) {
    return inconclusive(`${values.length} values`, `${what} gave ${values.length} values; wanted one`);
  }
  const text = scalar(values[0]);
  // The empty text would count as 0.
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(value)) {
    return inconclusive(bounded(text), `${what} gave ${bounded(text)}; wanted a finite number`);
  }
  return value >= limit ? pass(text) : fail(text, `${what} gave ${text}; wanted at least ${limit}`);
}

/** A value out of a database or out of JSON, as text. JSON itself has no word for NaN. */
export const scalar = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');

const MOST_CHARACTERS = 200;

/** Text that came from outside, cut to what evidence may hold, on one line. */
export function bounded(text: string, most = MOST_CHARACTERS): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`;
}
