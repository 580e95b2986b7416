import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closed, compile } from '../../../../../infra/sandbox/enforcer/compile.ts';
import type { NetworkPolicy, Pod, PolicyPeer } from '../../../../../infra/sandbox/enforcer/objects.ts';
import { Ruleset, type Packet } from './support/packets.ts';

const RANGE = '10.201.0.0/24';
const NODE = '10.199.1.2';
const INTERNET = '192.0.2.7';

type PodParts = Partial<Pod['metadata']> & { spec?: Partial<Pod['spec']>; status?: Pod['status'] };

/** Pod `a` of namespace `x` has label `pod: a`; its address ends in `at`. */
const pod = (name: string, at: number, { spec, status, ...metadata }: PodParts = {}): Pod => ({
  metadata: { namespace: 'x', name, labels: { pod: name }, ...metadata },
  spec: { containers: [{}], ...spec },
  status: { phase: 'Running', podIP: `10.201.0.${at}`, ...status },
});
const policy = (spec: NetworkPolicy['spec'], namespace = 'x'): NetworkPolicy => ({
  metadata: { namespace, name: `policy-${JSON.stringify(spec)}` },
  spec,
});
const named = (name: string) => ({ podSelector: { matchLabels: { pod: name } } });
const A = '10.201.0.1';
const B = '10.201.0.2';
const C = '10.201.0.3';
const PODS = [pod('a', 1), pod('b', 2), pod('c', 3, { namespace: 'y' })];
const NAMESPACES = ['x', 'y'].map((name) => ({ metadata: { name, labels: { name } } }));
const DENY_ALL = policy({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });

const tableOf = (policies: NetworkPolicy[], pods: readonly Pod[] = PODS): Ruleset =>
  new Ruleset(compile({ pods, namespaces: NAMESPACES, policies }, RANGE));
const packet = (from: string, to: string, more: Partial<Packet> = {}): Packet => ({
  ...{ from, to, protocol: 'tcp', port: 80 },
  ...more,
});

/** Which of the pods' addresses and the internet may reach `b`, when `b` lets in these peers. */
function mayReachB(from: readonly PolicyPeer[] | undefined, pods = PODS): string[] {
  const table = tableOf([policy({ ...named('b'), ingress: [{ ...(from && { from }) }] })], pods);
  return [A, C, INTERNET].filter((ip) => table.passes(packet(ip, B)));
}

test('before anything is known no pod sends or receives, not even to the node', () => {
  const table = new Ruleset(closed(RANGE));
  assert.equal(table.passes(packet(A, B)), false);
  assert.equal(table.passes(packet(A, INTERNET)), false);
  assert.equal(table.passes(packet(INTERNET, B)), false);
  assert.equal(table.passes(packet(A, NODE), 'input'), false);
});

test('an address of the pods’ range that no known pod has gets nothing through, one outside it does', () => {
  const table = tableOf([]);
  assert.equal(table.passes(packet('10.201.0.9', A)), false);
  assert.equal(table.passes(packet(A, '10.201.0.9')), false);
  assert.equal(table.passes(packet(A, '10.201.1.9')), true);
});

test('a pod that no policy selects is open both ways', () => {
  const table = tableOf([policy({ podSelector: {} }, 'y')]);
  assert.equal(table.passes(packet(A, B)), true);
  assert.equal(table.passes(packet(INTERNET, A)), true);
  assert.equal(table.passes(packet(A, C)), false);
});

test('under deny-all half an edge passes nothing, both halves pass that port alone, one way alone', () => {
  const into = policy({ ...named('b'), ingress: [{ from: [named('a')], ports: [{ port: 80 }] }] });
  const out = policy({
    ...named('a'),
    policyTypes: ['Egress'],
    egress: [{ to: [named('b')], ports: [{ port: 80 }] }],
  });
  assert.equal(tableOf([DENY_ALL, into]).passes(packet(A, B)), false);
  assert.equal(tableOf([DENY_ALL, out]).passes(packet(A, B)), false);
  const both = tableOf([DENY_ALL, into, out]);
  assert.equal(both.passes(packet(A, B)), true);
  assert.equal(both.passes(packet(A, B, { port: 81 })), false);
  assert.equal(both.passes(packet(A, B, { protocol: 'udp' })), false);
  assert.equal(both.passes(packet(B, A)), false);
});

test('answers to a connection pass whatever the policies say', () => {
  assert.equal(tableOf([DENY_ALL]).passes(packet(B, A, { established: true })), true);
});

test('a pod reaches itself through its Service, another pod of the same policies does not', () => {
  const table = tableOf([DENY_ALL]);
  assert.equal(table.passes(packet(A, A)), true);
  assert.equal(table.passes(packet(A, B)), false);
});

test('policyTypes, where absent, are Ingress, and Egress as well if there is an egress rule', () => {
  assert.equal(tableOf([policy({ ...named('a'), egress: [] })]).passes(packet(A, INTERNET)), true);
  assert.equal(tableOf([policy({ ...named('a'), egress: [] })]).passes(packet(INTERNET, A)), false);
  const withRule = tableOf([policy({ ...named('a'), egress: [{ to: [named('b')] }] })]);
  assert.equal(withRule.passes(packet(A, INTERNET)), false);
  assert.equal(withRule.passes(packet(A, B)), true);
});

test('peers: absent and empty mean everyone; a pod selector means the policy’s own namespace', () => {
  assert.deepEqual(mayReachB(undefined), [A, C, INTERNET]);
  assert.deepEqual(mayReachB([]), [A, C, INTERNET]);
  assert.deepEqual(mayReachB([{}]), []);
  assert.deepEqual(mayReachB([{ podSelector: {} }]), [A]);
  assert.deepEqual(mayReachB([{ namespaceSelector: {} }]), [A, C]);
  assert.deepEqual(mayReachB([{ namespaceSelector: { matchLabels: { name: 'y' } } }]), [C]);
  assert.deepEqual(mayReachB([{ namespaceSelector: { matchLabels: { name: 'y' } }, ...named('a') }]), []);
});

test('an ipBlock means pods too, without its exceptions, nested or not, and never IPv6', () => {
  const block = (cidr: string, ...except: string[]) => mayReachB([{ ipBlock: { cidr, except } }]);
  assert.deepEqual(block('0.0.0.0/0'), [A, C, INTERNET]);
  assert.deepEqual(block('10.0.0.0/8', '10.201.0.0/31'), [C]);
  assert.deepEqual(block('10.0.0.0/8', '10.201.0.0/24', '10.201.0.1/32'), []);
  assert.deepEqual(block('10.0.0.0/8', '10.0.0.0/8'), []);
  assert.deepEqual(block('010.201.000.009/24'), [A, C]);
  assert.deepEqual(block('::/0'), []);
  assert.deepEqual(block('0.0.0.0/0', 'nonsense'), []);
});

test('a named port is the receiving pod’s: of its containers and sidecars, not of what ran before them', () => {
  const ports = (name: string, containerPort: number) => [{ name, containerPort }];
  const receiver = pod('b', 2, {
    spec: {
      containers: [{ ports: ports('http', 8000) }],
      initContainers: [{ restartPolicy: 'Always', ports: ports('http', 8001) }, { ports: ports('http', 8002) }],
    },
  });
  const sender = pod('a', 1, { spec: { containers: [{ ports: ports('http', 9000) }] } });
  const into = tableOf([policy({ ...named('b'), ingress: [{ ports: [{ port: 'http' }] }] })], [sender, receiver]);
  const out = tableOf(
    [policy({ ...named('a'), policyTypes: ['Egress'], egress: [{ ports: [{ port: 'http' }] }] })],
    [sender, receiver],
  );
  for (const table of [into, out]) {
    const passing = [8000, 8001, 8002, 9000].filter((port) => table.passes(packet(A, B, { port })));
    assert.deepEqual(passing, [8000, 8001]);
    assert.equal(table.passes(packet(A, B, { port: 8000, protocol: 'udp' })), false);
  }
});

test('ports: ranges include both ends, protocols are apart, a number that is no port opens nothing', () => {
  const at = (port: object, protocol: Packet['protocol'] = 'tcp') => {
    const table = tableOf([policy({ ...named('b'), ingress: [{ ports: [port] }] })]);
    return [79, 80, 81, 82].filter((number) => table.passes(packet(A, B, { port: number, protocol })));
  };
  assert.deepEqual(at({ port: 80, endPort: 81 }), [80, 81]);
  assert.deepEqual(at({ port: 80, protocol: 'UDP' }, 'udp'), [80]);
  assert.deepEqual(at({ port: 80, protocol: 'UDP' }), []);
  assert.deepEqual(at({ protocol: 'SCTP' }, 'sctp'), [79, 80, 81, 82]);
  assert.deepEqual(at({ port: 80, endPort: 70 }), []);
  assert.deepEqual(at({ port: 0 }), []);
  assert.deepEqual(at({ port: 80, protocol: 'ICMP' }), []);
});

test('a pod on the node’s network is neither isolated nor selected', () => {
  const onNode = pod('a', 1, { spec: { hostNetwork: true }, status: { podIP: NODE } });
  const table = tableOf([policy({ ...named('b'), ingress: [{ from: [named('a')] }] }), DENY_ALL], [onNode, PODS[1]!]);
  assert.equal(table.passes(packet(NODE, INTERNET)), true);
  assert.equal(table.passes(packet(NODE, B)), false);
});

test('what a pod sends to the node is judged as egress', () => {
  assert.equal(tableOf([DENY_ALL]).passes(packet(A, NODE, { port: 6443 }), 'input'), false);
  assert.equal(tableOf([]).passes(packet(A, NODE, { port: 6443 }), 'input'), true);
});

test('an ended pod loses its address, and of two claims on one address the living and newer wins', () => {
  for (const phase of ['Succeeded', 'Failed']) {
    assert.equal(tableOf([], [pod('a', 1, { status: { phase } }), PODS[1]!]).passes(packet(A, B)), false);
  }
  const only = policy({ ...named('b'), ingress: [{ from: [named('new')] }] });
  const claims = (older: PodParts, newer: PodParts) =>
    [
      [pod('old', 1, older), pod('new', 1, newer), PODS[1]!],
      [pod('new', 1, newer), pod('old', 1, older), PODS[1]!],
    ].map((pods) => tableOf([only], pods).passes(packet(A, B)));
  const [early, late] = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:05Z'];
  assert.deepEqual(claims({ creationTimestamp: early }, { creationTimestamp: late }), [true, true]);
  assert.deepEqual(claims({ creationTimestamp: late }, { creationTimestamp: early }), [false, false]);
  const leaving = { creationTimestamp: late, deletionTimestamp: late };
  assert.deepEqual(claims(leaving, { creationTimestamp: early }), [true, true]);
});

test('a pod with several addresses is judged by its IPv4 one, wherever it stands in the list', () => {
  const status = { podIP: 'fd00::1', podIPs: [{ ip: 'fd00::1' }, { ip: A }] };
  const table = tableOf(
    [policy({ ...named('b'), ingress: [{ from: [named('a')] }] })],
    [pod('a', 1, { status }), PODS[1]!],
  );
  assert.equal(table.passes(packet(A, B)), true);
});

test('IPv6, which is not judged, passes neither between pods nor to the node, except within the node', () => {
  const table = tableOf([]);
  assert.equal(table.passes(packet(A, B, { ipv6: true })), false);
  assert.equal(table.passes(packet(A, NODE, { ipv6: true }), 'input'), false);
  assert.equal(table.passes(packet(A, NODE, { ipv6: true, link: 'lo' }), 'input'), true);
});

test('pods under the same rules share one chain', () => {
  const text = compile({ pods: PODS, namespaces: NAMESPACES, policies: [DENY_ALL] }, RANGE);
  assert.equal([...text.matchAll(/chain only_/g)].length, 1);
  assert.equal([...text.matchAll(/jump only_/g)].length, 4);
});

test('a range that is no IPv4 network is refused with what was wanted', () => {
  assert.throws(
    () => closed('fd00::/64'),
    /the pods' range is "fd00::\/64": want an IPv4 network such as 10\.201\.0\.0\/24/,
  );
});
