/**
 * Pods, namespaces and NetworkPolicies as one nftables table. Pure: the same world gives the same text, in whatever
 * order its objects come.
 *
 * The table stands behind the service proxy's address translation, so a policy sees the pod behind a Service, never the
 * Service. What the node itself sends is not filtered: the kubelet's probes pass.
 */
import { createHash } from 'node:crypto';
import { network } from './addresses.ts';
import { peerMatches, portMatches } from './matches.ts';
import type { NetworkPolicy, World } from './objects.ts';
import { applying, hostsOf, type Direction, type Host } from './selectors.ts';
import { tableText } from './table.ts';

function ruleMatches(policy: NetworkPolicy, direction: Direction, self: Host, hosts: readonly Host[], world: World) {
  const home = policy.metadata.namespace!;
  const rules =
    direction === 'Ingress'
      ? (policy.spec.ingress ?? []).map(({ from, ports }) => ({
          peers: peerMatches(from, 'saddr', home, hosts, world),
          at: portMatches(ports, [self]),
        }))
      : (policy.spec.egress ?? []).map(({ to, ports }) => ({
          peers: peerMatches(to, 'daddr', home, hosts, world),
          at: portMatches(ports, hosts),
        }));
  return rules.flatMap(({ peers, at }) => peers.flatMap((peer) => at.map((port) => `${peer} ${port}`.trim())));
}

/** The chain of a pod in one direction: what may pass, then nothing. Named by its content, so equal pods share one. */
function chainOf(matches: readonly string[]): { name: string; lines: string[] } {
  const lines = [...new Set(matches)].toSorted().map((match) => `${match} return`.trim());
  lines.push('counter drop');
  return { name: `only_${createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 12)}`, lines };
}

/**
 * @param range the addresses that this node gives to pods. One of them that no known pod has gets nothing through: a
 *   pod's first packets wait until the enforcer has heard of it.
 * @throws if `range` is not an IPv4 network
 */
export function compile(world: World, range: string): string {
  const pods = network(range);
  if (!pods) throw new Error(`the pods' range is ${JSON.stringify(range)}: want an IPv4 network such as 10.201.0.0/24`);
  const hosts = hostsOf(world.pods);
  const chains = new Map<string, readonly string[]>();
  const jumps = (direction: Direction): [string, string][] =>
    hosts.flatMap((self): [string, string][] => {
      const policies = applying(world, self.pod, direction);
      if (!policies.length) return [];
      const { name, lines } = chainOf(policies.flatMap((policy) => ruleMatches(policy, direction, self, hosts, world)));
      chains.set(name, lines);
      return [[self.ip, name]];
    });
  return tableText({
    range: pods.text,
    known: hosts.map(({ ip }) => ip),
    egress: jumps('Egress'),
    ingress: jumps('Ingress'),
    chains,
  });
}

/** The table before anything is known: no pod sends or receives, but for what the node itself sends. */
export const closed = (range: string): string => compile({ pods: [], namespaces: [], policies: [] }, range);
