/** The one table as text for `nft -f`: removed and written anew in one transaction, so there is never half of it. */
import { setOf } from './matches.ts';

export const TABLE = 'inet netpol';

export interface Table {
  readonly range: string;
  /** Addresses of the pods that have been judged. */
  readonly known: readonly string[];
  /** Address and chain of each isolated pod, by direction. */
  readonly egress: readonly (readonly [ip: string, chain: string])[];
  readonly ingress: readonly (readonly [ip: string, chain: string])[];
  readonly chains: ReadonlyMap<string, readonly string[]>;
}

const elements = (items: readonly string[]): string => (items.length ? ` elements = ${setOf(items)};` : '');

const chain = (name: string, lines: readonly string[]): string =>
  [`  chain ${name} {`, ...lines.map((line) => `    ${line}`), '  }'].join('\n');

const verdicts = (name: string, jumps: Table['egress']): string =>
  `  map ${name} { type ipv4_addr : verdict;${elements(jumps.map(([ip, target]) => `${ip} : jump ${target}`))} }`;

export function tableText({ range, known, egress, ingress, chains }: Table): string {
  return [
    // Declaring a table that exists is no error, deleting one that does not exist is.
    `table ${TABLE}`,
    `delete table ${TABLE}`,
    `table ${TABLE} {`,
    `  set known { type ipv4_addr;${elements(known)} }`,
    // nftables cannot compare two fields of a packet: what a pod sends itself through its Service is listed instead.
    `  set itself { type ipv4_addr . ipv4_addr;${elements(known.map((ip) => `${ip} . ${ip}`))} }`,
    ...[...chains].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, lines]) => chain(name, lines)),
    verdicts('egress', egress),
    verdicts('ingress', ingress),
    chain('leaving', [
      'ct state established,related accept',
      'ip saddr . ip daddr @itself accept',
      `ip saddr ${range} ip saddr != @known counter drop`,
      'ip saddr vmap @egress',
    ]),
    chain('forward', [
      'type filter hook forward priority filter; policy accept;',
      // Policies are judged for IPv4 alone, so nothing else is carried.
      'meta nfproto ipv6 counter drop',
      'jump leaving',
      `ip daddr ${range} ip daddr != @known counter drop`,
      'ip daddr vmap @ingress',
    ]),
    chain('input', [
      'type filter hook input priority filter; policy accept;',
      // A pod's link has an IPv6 address by itself, by which it would reach what listens on the node.
      'iifname != "lo" meta nfproto ipv6 counter drop',
      'jump leaving',
    ]),
    '}',
    '',
  ].join('\n');
}
