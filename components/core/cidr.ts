/** Blocks of IPv4 addresses, as CIDR writes them: `10.1.0.0/16`. */

export interface Block {
  /** Its first address, as one number. */
  readonly first: number;
  /** How many bits are fixed: the number behind the slash. */
  readonly bits: number;
}

const CIDR = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/;

/**
 * Reads a block; undefined when it is none, or names an address inside one: with bits set behind the prefix, people mean
 * something else than the network does.
 */
export function parseCidr(cidr: string): Block | undefined {
  const [, ...numbers] = (CIDR.exec(cidr) ?? []).map(Number);
  const [a, b, c, d, bits] = numbers;
  if (bits === undefined || bits > 32) return undefined;
  const block = { first: ((a! * 256 + b!) * 256 + c!) * 256 + d!, bits };
  // One spelling for each: lists are compared, and rules named, by their text.
  return block.first % blockSize(block) === 0 && formatCidr(block) === cidr ? block : undefined;
}

export const isCidr = (text: string): boolean => parseCidr(text) !== undefined;

/** What {@link isCidr} takes, in words. */
export const CIDR_WANTED = 'an IPv4 network like "10.199.0.0/16", with no bits set behind the prefix';

/** How many addresses a block has. */
export const blockSize = ({ bits }: Pick<Block, 'bits'>): number => 2 ** (32 - bits);

export const formatCidr = ({ first, bits }: Block): string =>
  `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.')}/${bits}`;

/** The `nth` of the blocks that one is cut into by `more` further bits. */
export function subBlock(block: Block, more: number, nth: number): Block {
  const bits = block.bits + more;
  return { first: block.first + nth * blockSize({ bits }), bits };
}

/** Whether every address of the inner block is one of the outer. Both are blocks. */
export function covers(outer: string, inner: string): boolean {
  const [large, small] = [parseCidr(outer)!, parseCidr(inner)!];
  return large.bits <= small.bits && Math.floor(small.first / blockSize(large)) === large.first / blockSize(large);
}
