/** What an instance's index decides: its name on the host and its addresses. */

export interface Addresses {
  readonly index: number;
  /** The host's side of the link, and the name of the instance's control groups. */
  readonly name: string;
  /** The host's end of the link: what pods reach as "the world outside". */
  readonly host: string;
  readonly node: string;
  /** The link's own network. */
  readonly link: string;
  readonly pods: string;
  /** The part of {@link pods} that the one node hands out. */
  readonly podsOfNode: string;
  readonly services: string;
  /** The API server's address as a Service. */
  readonly serviceApi: string;
  readonly dns: string;
  /** The API server's address for everyone else. */
  readonly api: string;
}

/** So many instances fit beside each other, by the address plan below. */
export const INDEXES = Array.from({ length: 50 }, (_, at) => at + 1);

/** @param index 1 to 50 */
export function addressesOf(index: number): Addresses {
  if (!INDEXES.includes(index)) throw new Error(`instance index ${index}: want 1 to ${INDEXES.length}`);
  const services = `10.${100 + index}`;
  return {
    index,
    name: `sbx${index}`,
    host: `10.199.${index}.1`,
    node: `10.199.${index}.2`,
    link: `10.199.${index}.0/30`,
    pods: `10.${200 + index}.0.0/16`,
    podsOfNode: `10.${200 + index}.0.0/24`,
    services: `${services}.0.0/16`,
    serviceApi: `${services}.0.1`,
    dns: `${services}.0.10`,
    api: `https://10.199.${index}.2:6443`,
  };
}

function range(network: string): { readonly first: number; readonly last: number } {
  const [address = '', bits = '32'] = network.split('/');
  const first = address.split('.').reduce((all, part) => all * 256 + Number(part), 0);
  return { first, last: first + 2 ** (32 - Number(bits)) - 1 };
}

/** Whether two IPv4 networks (`10.1.0.0/16`, or a single address) share an address. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [range(one), range(other)];
  return a.first <= b.last && b.first <= a.last;
}

/**
 * The lowest index whose name and addresses nobody uses.
 *
 * @param taken indexes of other instances, running or not
 * @param links names of the host's links
 * @param networks what the host has routes to; the default route does not count
 */
export function freeIndex(taken: ReadonlySet<number>, links: ReadonlySet<string>, networks: readonly string[]): number {
  const free = INDEXES.find((index) => {
    const { name, link, pods, services } = addressesOf(index);
    return (
      !taken.has(index) &&
      !links.has(name) &&
      !networks.some((network) => [link, pods, services].some((own) => overlap(own, network)))
    );
  });
  if (free === undefined) {
    throw new Error(
      'no room for another sandbox: every index from 1 to 50 is taken by an instance, or its addresses ' +
        '(10.199.N.0/30, 10.100+N.0.0/16, 10.200+N.0.0/16) by a route of this host. Remove one with `make down` in its checkout.',
    );
  }
  return free;
}
