/** Edges: who may open a connection to whom. Pure; the component makes policies of what comes out. */
import { dnsLabel, Problems, shown } from '../core/index.ts';

/** Something that a connection begins or ends at. */
export type Place =
  /** Pods of the platform's own namespace. */
  | { readonly pods: Record<string, string> }
  /** Pods of another namespace, like the cluster's DNS. */
  | { readonly namespace: string; readonly pods: Record<string, string> }
  /** Addresses, for whoever is not a pod. */
  | { readonly cidrs: readonly string[] };

/** One allowed connection. Answers need no edge of their own. */
export interface Edge<Name extends string = string> {
  readonly from: Name;
  readonly to: Name;
  /** The port the pod listens on, not the Service's. */
  readonly port: number;
  /** @default ['TCP'] */
  readonly protocols?: readonly ('TCP' | 'UDP')[];
}

type Peer =
  | {
      podSelector: { matchLabels: Record<string, string> };
      namespaceSelector?: { matchLabels: Record<string, string> };
    }
  | { ipBlock: { cidr: string } };

/** One half of an edge: what is left to make a NetworkPolicy of it is the namespace. */
export interface Policy {
  /** `<from>-to-<to>-<port>-egress` or `…-ingress`. */
  readonly name: string;
  readonly pods: Record<string, string>;
  readonly direction: 'Egress' | 'Ingress';
  readonly peers: Peer[];
  readonly ports: { protocol: string; port: number }[];
}

/**
 * Both halves of each edge, in the order of their names. A half whose own side is not in the namespace (the cluster's DNS,
 * clients outside) is not ours to make, and is left out.
 *
 * @throws InputRefused for an unknown place, an edge stated twice, or one that touches no pod of the namespace
 */
export function policies<Name extends string>(
  places: Readonly<Record<Name, Place>>,
  edges: readonly Edge<Name>[],
): Policy[] {
  const problems = new Problems();
  const made = new Map<string, Policy>();
  for (const { from, to, port, protocols = ['TCP'] } of edges) {
    const where = `edge ${from} → ${to}:${port}`;
    const unknown = [from, to].filter((name) => !Object.hasOwn(places, name));
    if (unknown.length > 0) {
      problems.add({ where, found: shown(unknown[0]), wanted: `one of ${Object.keys(places).toSorted().join(', ')}` });
      continue;
    }
    const ports = protocols.toSorted().map((protocol) => ({ protocol, port }));
    const halves = [
      half(`${from}-to-${to}-${port}-egress`, 'Egress', places[from], places[to], ports),
      half(`${from}-to-${to}-${port}-ingress`, 'Ingress', places[to], places[from], ports),
    ].filter((policy) => policy !== undefined);
    problems.require(halves.length > 0, {
      where,
      found: 'no end in this namespace',
      wanted: 'at least one end among its own pods',
    });
    problems.require(!halves.some(({ name }) => made.has(name)), {
      where,
      found: 'the same edge stated before',
      wanted: 'each edge once',
    });
    for (const policy of halves) made.set(policy.name, policy);
  }
  problems.throwIfAny('the list of edges');
  return [...made.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function half(
  name: string,
  direction: Policy['direction'],
  own: Place,
  other: Place,
  ports: Policy['ports'],
): Policy | undefined {
  if ('cidrs' in own || 'namespace' in own) return undefined;
  return { name: dnsLabel(name), pods: own.pods, direction, peers: peers(other), ports };
}

function peers(place: Place): Peer[] {
  if ('cidrs' in place) return place.cidrs.toSorted().map((cidr) => ({ ipBlock: { cidr } }));
  const podSelector = { matchLabels: place.pods };
  return 'namespace' in place
    ? [{ podSelector, namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': place.namespace } } }]
    : [{ podSelector }];
}
