/** Who may come in where not everybody may: a list that is stated, never the whole internet by accident. */
import { parseCidr, type Problems } from '../components/core/index.ts';

/**
 * Shorter prefixes are the internet, or half of it: `0.0.0.0/0` and what is written to mean the same, as `0.0.0.0/1` with
 * `128.0.0.0/1` (ours: the largest block that anybody was ever given).
 */
const SHORTEST = 8;

/** What a list of who may come in holds, in words. */
export const NARROW = `an IPv4 network no wider than a /${SHORTEST}, like "203.0.113.7/32", with no bit set behind the prefix`;

export const isNarrow = (cidr: string): boolean => (parseCidr(cidr)?.bits ?? 0) >= SHORTEST;

/**
 * Notes a problem for each entry that is no block, or that is the internet.
 *
 * @param where the argument or setting that holds the list
 * @param what may come in from there, for the message: `SSH`
 */
export function requireNarrow(problems: Problems, where: string, what: string, list: readonly string[]): void {
  for (const [index, entry] of list.entries()) {
    problems.require(isNarrow(entry), {
      where: `${where}[${index}]`,
      found: JSON.stringify(entry),
      wanted: `${what} from stated addresses: ${NARROW}`,
      remedy: 'name the addresses that need it, or the VPN they come through; the whole internet is never let in here',
    });
  }
}
