/**
 * Which addresses are whose: every subnet follows from the one block and from its zone's letter, and from nothing else. And
 * which block may be a network's. Loads nothing of AWS.
 */
import { covers, parseCidr, subBlock, formatCidr, type Block } from '../../components/core/index.ts';

/** The blocks of one zone. */
export interface ZoneBlocks {
  readonly zone: string;
  /** The zone's letter: what its resources are called after. */
  readonly letter: string;
  readonly private: string;
  readonly public: string;
}

/** Not 172.16.0.0/12: the Services of a cluster lie in it, and the networks that Docker makes by itself. */
const PRIVATE_BLOCKS = ['10.0.0.0/8', '192.168.0.0/16'];
const [WIDEST, NARROWEST] = [16, 20];

/** What a network may be, in words, for whoever states another. */
export const NETWORK_BLOCK = `an IPv4 network from a /${WIDEST} to a /${NARROWEST} of ${PRIVATE_BLOCKS.join(' or ')}, like "10.1.0.0/16"`;

/** Whether all subnets of a network have room in it, and pods and the world can be told from it. */
export function isNetworkBlock(cidr: string): boolean {
  const block = parseCidr(cidr);
  if (block === undefined) return false;
  return block.bits >= WIDEST && block.bits <= NARROWEST && PRIVATE_BLOCKS.some((all) => covers(all, cidr));
}

/** Letters that a region may have zones for. us-east-1 has six. */
const LETTERS = 'abcdefgh';
/** A private subnet is a sixteenth of the block: pods have addresses of the network themselves, so they need many. */
const PRIVATE = 4;
/** A public one is a 256th: load balancers and gateways live there. */
const PUBLIC = 8;

/** The letter of an ordinary zone of the region; undefined for what is none (another region's, a local zone). */
export const letterOf = (region: string, zone: string): string | undefined =>
  zone.length === region.length + 1 && zone.startsWith(region) && LETTERS.includes(zone.at(-1)!)
    ? zone.at(-1)
    : undefined;

/**
 * The subnets of these zones, by letter. A zone's addresses depend on no other zone: adding, removing or reordering some
 * moves no subnet that stands, and moving one would mean replacing it with all that lives there.
 *
 * The lower half of the block has eight places for private subnets; public ones begin in its middle. Most of the upper
 * half is left over.
 */
export function zoneBlocks(block: Block, region: string, zones: readonly string[]): ZoneBlocks[] {
  return [...zones].toSorted().map((zone) => {
    const letter = letterOf(region, zone)!;
    const place = LETTERS.indexOf(letter);
    return {
      zone,
      letter,
      private: formatCidr(subBlock(block, PRIVATE, place)),
      public: formatCidr(subBlock(block, PUBLIC, 2 ** (PUBLIC - 1) + place)),
    };
  });
}
