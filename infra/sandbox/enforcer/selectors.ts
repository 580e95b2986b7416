/** Which objects a selector means. */
import { ipv4 } from './addresses.ts';
import type { Labels, NetworkPolicy, Pod, PolicyPeer, Selector, World } from './objects.ts';

/** An empty selector selects everything. Which selector an absent one stands for is the caller's affair. */
export function selects(selector: Selector, labels: Labels = {}): boolean {
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  const expressed = (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default:
        // The API server lets no other operator pass; one of a later version must not open anything.
        return false;
    }
  });
  return equal && expressed;
}

/** A pod and the address that is its own. */
export interface Host {
  readonly pod: Pod;
  readonly ip: string;
}

/** The newest claim wins: not being deleted, then created last, then by uid, so that the order of the list is no matter. */
function outranks(one: Pod, other: Pod): boolean {
  const rank = ({ metadata: { deletionTimestamp, creationTimestamp = '', uid = '', namespace = '', name } }: Pod) =>
    [deletionTimestamp ? '0' : '1', creationTimestamp, uid, namespace, name] as const;
  const [a, b] = [rank(one), rank(other)];
  const at = a.findIndex((part, index) => part !== b[index]);
  return at >= 0 && a[at]! > b[at]!;
}

/**
 * The pods that have an IPv4 address of their own and may still use it, by address. Left out: pods on the node's own
 * network (to the policies they are the node), pods that have ended (their address may be another's by now), and, of
 * two pods with the same address, the one that is on its way out.
 */
export function hostsOf(pods: readonly Pod[]): Host[] {
  const owners = new Map<string, Pod>();
  for (const pod of pods) {
    const { phase, podIP, podIPs = [] } = pod.status ?? {};
    if (pod.spec.hostNetwork || phase === 'Succeeded' || phase === 'Failed') continue;
    for (const text of new Set([podIP, ...podIPs.map(({ ip }) => ip)])) {
      const ip = ipv4(text);
      if (ip === undefined) continue;
      const owner = owners.get(ip);
      if (!owner || outranks(pod, owner)) owners.set(ip, pod);
    }
  }
  return [...owners].map(([ip, pod]) => ({ pod, ip })).toSorted((a, b) => (a.ip < b.ip ? -1 : 1));
}

export type Direction = 'Ingress' | 'Egress';

/** The policies that isolate a pod in a direction; with none it is open. */
export function applying({ policies }: World, pod: Pod, direction: Direction): NetworkPolicy[] {
  return policies.filter(({ metadata, spec }) => {
    // The API server fills this in; the rule is repeated for policies that come from elsewhere.
    const types = spec.policyTypes?.length ? spec.policyTypes : ['Ingress', ...(spec.egress?.length ? ['Egress'] : [])];
    return (
      types.includes(direction) &&
      metadata.namespace === pod.metadata.namespace &&
      selects(spec.podSelector ?? {}, pod.metadata.labels)
    );
  });
}

/** The addresses of the pods that a peer without an ipBlock means, seen from a policy in namespace `home`. */
export function addressesOf(peer: PolicyPeer, home: string, hosts: readonly Host[], world: World): string[] {
  const { podSelector, namespaceSelector } = peer;
  // A peer that names nothing is refused by the API server: it means nobody, not everybody.
  if (!podSelector && !namespaceSelector) return [];
  const near = namespaceSelector
    ? new Set(
        world.namespaces
          .filter(({ metadata }) => selects(namespaceSelector, metadata.labels))
          .map(({ metadata }) => metadata.name),
      )
    : new Set([home]);
  return hosts
    .filter(({ pod }) => near.has(pod.metadata.namespace!) && selects(podSelector ?? {}, pod.metadata.labels))
    .map(({ ip }) => ip);
}
