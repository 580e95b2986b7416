/**
 * IPv4 addresses and networks. Whatever goes into the kernel's table passes through here, so that nothing but numbers,
 * dots and slashes can get there.
 */

export interface Network {
  /** The lowest address, as a number. */
  readonly first: number;
  readonly last: number;
  /** The one way of writing it: no host bits, no leading zeros. */
  readonly text: string;
}

const show = (address: number): string => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');

/** @returns undefined for anything that is not an IPv4 address in dotted decimal */
function numberOf(text: string): number | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined;
  const parts = text.split('.').map(Number);
  return parts.some((part) => part > 255) ? undefined : parts.reduce((all, part) => all * 256 + part, 0);
}

/** An address in its one way of writing, or undefined: IPv6 is not enforced here, it is dropped. */
export function ipv4(text: string | undefined): string | undefined {
  const address = text === undefined ? undefined : numberOf(text);
  return address === undefined ? undefined : show(address);
}

/** A network, or undefined for IPv6 and for what is no network. Host bits are cut off, as the API server's own reading does. */
export function network(text: string): Network | undefined {
  const [, base = '', bits = ''] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? [];
  const address = numberOf(base);
  if (address === undefined || Number(bits) > 32) return undefined;
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(address / size) * size;
  return { first, last: first + size - 1, text: `${show(first)}/${Number(bits)}` };
}

const covers = (outer: Network, inner: Network): boolean => outer.first <= inner.first && inner.last <= outer.last;

/** Without those that lie in another: two networks nest or are apart, so what is left does not overlap. */
export function outermost(networks: readonly Network[]): Network[] {
  const distinct = [...new Map(networks.map((one) => [one.text, one])).values()];
  return distinct.filter((inner) => !distinct.some((outer) => outer !== inner && covers(outer, inner)));
}
