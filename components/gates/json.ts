/** Expectations about JSON: what is named must be there, what is not named does not matter. Pure. */
import { bounded, scalar } from './judge.ts';

/** Text that must fit a regular expression, where an exact value cannot be known: `{ matches: '^\\d{4}-' }`. */
export interface Pattern {
  readonly matches: string;
}

/**
 * A value, a {@link Pattern}, or an object or array of them. Every key named here must be there and agree; keys not
 * named may hold anything. An array must agree item by item. `{}` is any object or array.
 */
export type JsonExpectation =
  string | number | boolean | null | Pattern | readonly JsonExpectation[] | { readonly [key: string]: JsonExpectation };

const isPattern = (value: unknown): value is Pattern =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(value).join() === 'matches' &&
  typeof (value as Pattern).matches === 'string';

/** How the value found differs from the one wanted; empty when it does not. */
export function differences(wanted: JsonExpectation, found: unknown, path = '$'): string[] {
  const differs = [`${path} is ${bounded(scalar(found), 80)}; wanted ${describe(wanted)}`];
  if (isPattern(wanted)) return typeof found === 'string' && new RegExp(wanted.matches, 'u').test(found) ? [] : differs;
  if (Array.isArray(wanted)) {
    if (!Array.isArray(found) || found.length !== wanted.length) return differs;
    return wanted.flatMap((item: JsonExpectation, i) => differences(item, found[i], `${path}[${i}]`));
  }
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof found !== 'object' || found === null) return differs;
    return Object.entries(wanted).flatMap(([key, inner]: [string, JsonExpectation]) =>
      Object.hasOwn(found, key)
        ? differences(inner, (found as Record<string, unknown>)[key], `${path}.${key}`)
        : [`${path}.${key} is missing; wanted ${describe(inner)}`],
    );
  }
  return wanted === found ? [] : differs;
}

const describe = (wanted: JsonExpectation): string =>
  isPattern(wanted) ? `text that fits /${wanted.matches}/` : bounded(scalar(wanted), 80);
