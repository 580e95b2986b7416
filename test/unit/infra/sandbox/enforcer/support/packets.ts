/**
 * Sends one packet through a table's text, as nftables would. Knows just the words that the enforcer writes and throws
 * on any other, so a line that it would misread fails the test instead of passing it.
 */

export interface Packet {
  readonly from: string;
  readonly to: string;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly port: number;
  /** Default: the first packet of a connection. */
  readonly established?: boolean;
  readonly ipv6?: boolean;
  /** The link it came in by. Default: a pod's. */
  readonly link?: string;
}

type End = 'saddr' | 'daddr';
type Verdict = 'accept' | 'drop' | 'return';

const number = (ip: string): number => ip.split('.').reduce((all, part) => all * 256 + Number(part), 0);

function inNetwork(ip: string, text: string): boolean {
  const [base, bits = '32'] = text.split('/') as [string, string?];
  const size = 2 ** (32 - Number(bits));
  return Math.floor(number(ip) / size) === Math.floor(number(base) / size);
}

const inPorts = (port: number, text: string): boolean => {
  const [first, last = first] = text.split('-').map(Number);
  return port >= first! && port <= last!;
};

const listOf = (text: string): string[] => text.split(',').map((item) => item.trim());

export class Ruleset {
  readonly #sets = new Map<string, string[]>();
  readonly #chains = new Map<string, string[]>();

  constructor(text: string) {
    const body = text.slice(text.indexOf('{') + 1, text.lastIndexOf('}'));
    for (const [, name, rest] of body.matchAll(/^ {2}(?:set|map) (\w+) \{ type [\w. :]+;(.*) \}$/gm)) {
      const [, items] = /^ elements = \{ (.*) \};$/.exec(rest!) ?? [];
      this.#sets.set(name!, items === undefined ? [] : listOf(items));
    }
    for (const [, name, lines] of body.matchAll(/^ {2}chain (\w+) \{\n(.*?)^ {2}\}$/gms)) {
      this.#chains.set(name!, lines!.trim().split(/\n\s*/));
    }
    const seen = this.#sets.size + this.#chains.size;
    const declared = [...body.matchAll(/^ {2}\w/gm)].length;
    if (seen !== declared) throw new Error(`understood ${seen} of ${declared} declarations of:\n${text}`);
  }

  /** Whether a packet gets through a base chain, whose policy is to accept. */
  passes(packet: Packet, hook: 'forward' | 'input' = 'forward'): boolean {
    return this.#run(hook, packet) !== 'drop';
  }

  #run(chain: string, packet: Packet): Verdict | undefined {
    const lines = this.#chains.get(chain);
    if (!lines) throw new Error(`no chain ${chain}`);
    for (const line of lines) {
      const verdict = this.#line(line, packet);
      if (verdict === 'return') return undefined;
      if (verdict) return verdict;
    }
    return undefined;
  }

  #set(name: string): string[] {
    const set = this.#sets.get(name);
    if (!set) throw new Error(`no set ${name}`);
    return set;
  }

  /** Reads a line from left to right until a match fails or a verdict is reached. */
  #line(line: string, packet: Packet): Verdict | undefined {
    if (line.startsWith('type filter hook ') && line.endsWith('policy accept;')) return undefined;
    const { from, to, protocol, port, established = false, ipv6 = false, link = 'veth1' } = packet;
    const address = { saddr: from, daddr: to };
    let rest = line;
    const take = (pattern: RegExp): string[] | undefined => {
      const found = new RegExp(`^(?:${pattern.source})(?: |$)`).exec(rest);
      if (found) rest = rest.slice(found[0].length);
      return found?.slice(1);
    };
    while (rest) {
      let got: string[] | undefined;
      let matches = true;
      if ((got = take(/(accept|drop|return)/))) return got[0] as Verdict;
      else if (take(/counter/)) matches = true;
      else if ((got = take(/jump (\w+)/))) return this.#run(got[0]!, packet);
      else if (take(/ct state established,related/)) matches = established;
      else if (take(/meta nfproto ipv6/)) matches = ipv6;
      else if ((got = take(/iifname != "(\w+)"/))) matches = link !== got[0];
      else if ((got = take(/meta l4proto (\w+)/))) matches = protocol === got[0];
      else if ((got = take(/ip saddr \. ip daddr @(\w+)/))) matches = this.#set(got[0]!).includes(`${from} . ${to}`);
      else if ((got = take(/ip daddr \. (\w+) dport \{ ([^}]*) \}/)))
        matches = protocol === got[0] && listOf(got[1]!).includes(`${to} . ${port}`);
      else if ((got = take(/ip (saddr|daddr) vmap @(\w+)/))) {
        const start = `${address[got[0] as End]} : jump `;
        const target = this.#set(got[1]!).find((item) => item.startsWith(start));
        return target === undefined ? undefined : this.#run(target.split(' ').at(-1)!, packet);
      } else if ((got = take(/ip (saddr|daddr) (!= )?(?:\{ ([^}]*) \}|@(\w+)|([\d./]+))/))) {
        const items = got[2] !== undefined ? listOf(got[2]) : got[3] !== undefined ? this.#set(got[3]) : [got[4]!];
        const end = address[got[0] as End];
        const within = items.some((item) => inNetwork(end, item));
        matches = !ipv6 && within === (got[1] === undefined);
      } else if ((got = take(/(tcp|udp|sctp) dport ([\d-]+)/))) matches = protocol === got[0] && inPorts(port, got[1]!);
      else throw new Error(`cannot read ${JSON.stringify(rest)} of ${JSON.stringify(line)}`);
      if (!matches) return undefined;
    }
    throw new Error(`no verdict in ${JSON.stringify(line)}`);
  }
}
