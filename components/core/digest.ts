/** Fingerprints of values: the same value gives the same text on any machine, whatever the order of its keys. */
import { createHash, createHmac } from 'node:crypto';

/** JSON with the keys of every object in order and `undefined` left out. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Hexadecimal digits in a digest: 48 bits, far more than the objects of one stack need to stay apart. */
const LENGTH = 12;

/** A short name for a value without secrets. */
export const digest = (value: unknown): string =>
  createHash('sha256').update(canonical(value)).digest('hex').slice(0, LENGTH);

/**
 * A short name for a value that holds secrets. Without the key nobody can try candidates against it, so it may stand in
 * a pod's annotation.
 */
export const keyedDigest = (key: string, value: unknown): string =>
  createHmac('sha256', key).update(canonical(value)).digest('hex').slice(0, LENGTH);
