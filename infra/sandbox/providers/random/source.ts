/** Random bytes, and choices made with them without favouring any. */
import { createHash, randomBytes } from 'node:crypto';

export type Source = (length: number) => Buffer;

export const fresh: Source = randomBytes;

/** Not random: the same bytes for the same name. A plan that is only looked at then looks the same each time. */
export function repeatable(name: string): Source {
  let block = 0;
  let held = Buffer.alloc(0);
  return (length) => {
    while (held.length < length) {
      held = Buffer.concat([held, createHash('sha256').update(`${name}:${block++}`).digest()]);
    }
    const taken = held.subarray(0, length);
    held = held.subarray(length);
    return Buffer.from(taken);
  };
}

const RANGE = 2 ** 32;

/** A whole number from 0 up to, not including, `limit`. */
export function below(source: Source, limit: number): number {
  const even = RANGE - (RANGE % limit);
  for (;;) {
    const number = source(4).readUInt32BE();
    if (number < even) return number % limit;
  }
}

const pick = (source: Source, alphabet: string, count: number): string[] =>
  Array.from({ length: count }, () => alphabet[below(source, alphabet.length)]!);

export function shuffle<T>(source: Source, list: T[]): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = below(source, i + 1);
    [list[i], list[j]] = [list[j]!, list[i]!];
  }
  return list;
}

/** The character classes of a password: whether each may appear, and how often it must. */
export interface Rules {
  readonly length: number;
  readonly classes: readonly { readonly alphabet: string; readonly allowed: boolean; readonly least: number }[];
}

/** @throws when no text can satisfy the rules */
export function text(source: Source, { length, classes }: Rules): string {
  const least = classes.reduce((sum, { least }) => sum + least, 0);
  if (least > length)
    throw new Error(`length: found ${length}; wanted at least the sum of the min… properties, ${least}`);
  const alphabet = classes.map(({ alphabet, allowed }) => (allowed ? alphabet : '')).join('');
  if (alphabet === '' && length > least)
    throw new Error('every class of characters is switched off: allow at least one');
  const required = classes.flatMap(({ alphabet, least }) => pick(source, alphabet, least));
  return shuffle(source, [...required, ...pick(source, alphabet, length - least)]).join('');
}
