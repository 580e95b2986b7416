/** Names of objects. Anything with a length limit goes through here, so that a cut name still is a name of its own. */
import { digest } from './digest.ts';

const LABEL_LENGTH = 63;
const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

/**
 * A DNS label made of the parts. Longer than 63 characters it is cut, and ends with a digest of the whole.
 *
 * @throws when the parts do not make a DNS label
 */
export function dnsLabel(...parts: readonly string[]): string {
  const full = parts.join('-');
  if (!LABEL.test(full)) throw new Error(`"${full}" is not a DNS label: use a-z, 0-9 and inner hyphens`);
  if (full.length <= LABEL_LENGTH) return full;
  const tail = digest(full);
  return `${full.slice(0, LABEL_LENGTH - tail.length - 1).replace(/-+$/, '')}-${tail}`;
}

/** The name of an object that is replaced, never changed: a changed content is another object, and its readers roll. */
export const contentName = (prefix: string, content: unknown): string => dnsLabel(prefix, digest(content));
