/** One rule of a policy as packet matches: each text is the left side of a line of the table, '' matches everything. */
import { network, outermost } from './addresses.ts';
import type { Pod, PolicyPeer, PolicyPort, World } from './objects.ts';
import { addressesOf, type Host } from './selectors.ts';

/** A set in braces, in one order whatever the order of its elements was. */
export const setOf = (items: readonly string[]): string => `{ ${[...new Set(items)].toSorted().join(', ')} }`;

/** `saddr` for who may come in, `daddr` for where to go. */
export type End = 'saddr' | 'daddr';

function block({ cidr, except = [] }: NonNullable<PolicyPeer['ipBlock']>, end: End): string[] {
  const whole = network(cidr);
  const holes = except.map(network);
  // IPv6, or an exception nobody can read: match nothing rather than too much.
  if (!whole || holes.includes(undefined)) return [];
  const cut = outermost(holes.filter((hole) => hole !== undefined));
  const but = cut.length ? ` ip ${end} != ${setOf(cut.map(({ text }) => text))}` : '';
  return [`ip ${end} ${whole.text}${but}`];
}

/** @param peers absent or empty means every address */
export function peerMatches(
  peers: readonly PolicyPeer[] | undefined,
  end: End,
  home: string,
  hosts: readonly Host[],
  world: World,
): string[] {
  if (!peers?.length) return [''];
  return peers.flatMap((peer) => {
    if (peer.ipBlock) return block(peer.ipBlock, end);
    const addresses = addressesOf(peer, home, hosts, world);
    return addresses.length ? [`ip ${end} ${setOf(addresses)}`] : [];
  });
}

const PROTOCOLS: Readonly<Record<string, string>> = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' };

const isPort = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= 65535;

/** The numbers that a pod gives to a named port: of its containers, and of the sidecars among its init containers. */
function numbersOf({ spec }: Pod, name: string, protocol: string): number[] {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...spec.containers, ...sidecars]
    .flatMap(({ ports = [] }) => ports)
    .filter((port) => port.name === name && (port.protocol ?? 'TCP') === protocol)
    .map(({ containerPort }) => containerPort);
}

/**
 * @param ports absent or empty means every port of every protocol
 * @param receivers whose names a named port may be: the pod itself for ingress, every pod for egress
 */
export function portMatches(ports: readonly PolicyPort[] | undefined, receivers: readonly Host[]): string[] {
  if (!ports?.length) return [''];
  return ports.flatMap(({ protocol = 'TCP', port, endPort }) => {
    const l4 = PROTOCOLS[protocol];
    if (l4 === undefined) return [];
    if (port === undefined) return [`meta l4proto ${l4}`];
    if (typeof port === 'string') {
      const pairs = receivers.flatMap(({ pod, ip }) => numbersOf(pod, port, protocol).map((at) => `${ip} . ${at}`));
      return pairs.length ? [`ip daddr . ${l4} dport ${setOf(pairs)}`] : [];
    }
    if (!isPort(port) || (endPort !== undefined && !(isPort(endPort) && endPort >= port))) return [];
    return [`${l4} dport ${endPort === undefined || endPort === port ? port : `${port}-${endPort}`}`];
  });
}
