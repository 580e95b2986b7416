/**
 * Says whether a connection is allowed, straight from the words of the NetworkPolicy v1 API. It asks about one connection
 * at a time and shares nothing with the enforcer, which computes sets for all of them at once.
 */
import type {
  Labels,
  NetworkPolicy,
  Pod,
  PolicyPeer,
  PolicyPort,
  Selector,
  World,
} from '../../../../../../infra/sandbox/enforcer/objects.ts';

export interface Connection {
  /** A pod, or an address outside. */
  readonly from: Pod | string;
  readonly to: Pod | string;
  readonly protocol: string;
  readonly port: number;
}

function labelled(selector: Selector, labels: Labels): boolean {
  for (const key in selector.matchLabels) if (labels[key] !== selector.matchLabels[key]) return false;
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const has = key in labels;
    const listed = has && (values ?? []).some((value) => value === labels[key]);
    if (operator === 'In' && !listed) return false;
    if (operator === 'NotIn' && listed) return false;
    if (operator === 'Exists' && !has) return false;
    if (operator === 'DoesNotExist' && has) return false;
  }
  return true;
}

/** An address in binary, so that a network is a prefix. */
const bits = (ip: string): string =>
  ip
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('');

const contains = (cidr: string, ip: string): boolean => {
  const [base, length] = cidr.split('/') as [string, string];
  return bits(ip).startsWith(bits(base).slice(0, Number(length)));
};

const ipOf = (end: Pod | string): string => (typeof end === 'string' ? end : end.status!.podIP!);

function peerIs(peer: PolicyPeer, end: Pod | string, home: string, world: World): boolean {
  const { ipBlock, podSelector, namespaceSelector } = peer;
  if (ipBlock) {
    if (!contains(ipBlock.cidr, ipOf(end))) return false;
    for (const hole of ipBlock.except ?? []) if (contains(hole, ipOf(end))) return false;
    return true;
  }
  if (typeof end === 'string') return false;
  const { namespace, labels = {} } = end.metadata;
  if (podSelector && !labelled(podSelector, labels)) return false;
  if (!namespaceSelector) return namespace === home;
  const ns = world.namespaces.find(({ metadata }) => metadata.name === namespace);
  return ns !== undefined && labelled(namespaceSelector, ns.metadata.labels ?? {});
}

function portIs({ protocol, port, endPort }: PolicyPort, { to, ...connection }: Connection): boolean {
  if ((protocol ?? 'TCP') !== connection.protocol) return false;
  if (port === undefined) return true;
  if (typeof port === 'number') return connection.port >= port && connection.port <= (endPort ?? port);
  if (typeof to === 'string') return false;
  for (const container of [
    ...to.spec.containers,
    ...(to.spec.initContainers ?? []).filter((init) => init.restartPolicy === 'Always'),
  ]) {
    for (const declared of container.ports ?? []) {
      if (declared.name !== port || declared.containerPort !== connection.port) continue;
      if ((declared.protocol ?? 'TCP') === connection.protocol) return true;
    }
  }
  return false;
}

function isolates({ metadata, spec }: NetworkPolicy, pod: Pod, direction: 'Ingress' | 'Egress'): boolean {
  if (metadata.namespace !== pod.metadata.namespace) return false;
  if (!labelled(spec.podSelector ?? {}, pod.metadata.labels ?? {})) return false;
  if (spec.policyTypes && spec.policyTypes.length > 0) return spec.policyTypes.includes(direction);
  return direction === 'Ingress' || (spec.egress !== undefined && spec.egress.length > 0);
}

function oneSide(world: World, connection: Connection, direction: 'Ingress' | 'Egress'): boolean {
  const [self, other] = direction === 'Ingress' ? [connection.to, connection.from] : [connection.from, connection.to];
  if (typeof self === 'string') return true;
  const policies = world.policies.filter((policy) => isolates(policy, self, direction));
  if (policies.length === 0) return true;
  for (const { metadata, spec } of policies) {
    const rules =
      direction === 'Ingress'
        ? (spec.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
        : (spec.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }));
    for (const { peers = [], ports = [] } of rules) {
      const peered = peers.length === 0 || peers.some((peer) => peerIs(peer, other, metadata.namespace!, world));
      const ported = ports.length === 0 || ports.some((port) => portIs(port, connection));
      if (peered && ported) return true;
    }
  }
  return false;
}

/** Both sides must agree; what a pod sends itself is nobody's business. */
export function allowed(world: World, connection: Connection): boolean {
  if (connection.from === connection.to) return true;
  return oneSide(world, connection, 'Egress') && oneSide(world, connection, 'Ingress');
}
