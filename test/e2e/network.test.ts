/** Who reaches whom on the deployed platform, tried for real: D-NET-1, E-SEC-2. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { V1NetworkPolicy, V1NetworkPolicyPeer } from '@kubernetes/client-node';
import { addresses, networking, policy, withPolicies } from './support/network/cluster.ts';
import { LISTENING, World } from './support/network/world.ts';
import { platform } from './support/platform.ts';

const NAMESPACE = platform.namespace;

/** What the architecture allows, said a second time and apart from the stack: pod, and the doors open to it. */
const EDGES: Readonly<Record<string, readonly string[]>> = {
  api: ['postgres 5432', 'redis 6379', 'minio 9000', 'dns 53'],
  migrate: ['postgres 5432', 'dns 53'],
  postgres: [],
  redis: [],
  minio: [],
  release: ['api 8000', 'kube-apiserver 6443'],
  stranger: [],
};

let world: World;
before(async () => {
  world = await World.join();
});
after(() => world.leave());

test('the pods of the platform are the ones whose edges are known here', () => {
  assert.deepEqual([...world.pods.keys()].toSorted(), Object.keys(EDGES).toSorted());
  assert.ok(world.doors.length >= 20, `${world.doors.length} doors`);
});

for (const [from, doors] of Object.entries(EDGES)) {
  test(`${from} reaches exactly what its edges say: ${doors.join(', ') || 'nothing'}`, async () => {
    const reached = await world.reached(from);
    console.log(`    ${reached.length} of ${world.ways(from).length} ways are open`);
    assert.deepEqual(reached, world.ways(from, doors));
  });
}

test('each connection that is denied works while everything is opened, and is denied again after that', async () => {
  const open = policy(NAMESPACE, 'network-test-open', {
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{}],
    egress: [{}],
  });
  await withPolicies([open], async () => {
    for (const from of world.pods.keys()) assert.deepEqual(await world.reached(from), world.ways(from), from);
  });
  for (const [from, doors] of Object.entries(EDGES)) {
    assert.deepEqual(await world.reached(from), world.ways(from, doors), from);
  }
});

/** The pair of policies that an edge is: out of one pod, into the other if that is a pod of the namespace. */
function pair(from: string, to: V1NetworkPolicyPeer, port: number): V1NetworkPolicy[] {
  const only = (name: string) => ({ matchLabels: world.pods.get(name)!.metadata!.labels! });
  const out = policy(NAMESPACE, 'network-test-out', {
    ...{ podSelector: only(from), policyTypes: ['Egress'], egress: [{ to: [to], ports: [{ port }] }] },
  });
  if (!to.podSelector) return [out];
  const into = policy(NAMESPACE, 'network-test-in', {
    ...{ podSelector: to.podSelector, policyTypes: ['Ingress'] },
    ingress: [{ _from: [{ podSelector: only(from) }], ports: [{ port }] }],
  });
  return [out, into];
}

const pod = (name: string) => (): V1NetworkPolicyPeer => ({
  podSelector: { matchLabels: world.pods.get(name)!.metadata!.labels! },
});
const address = (ip: string) => (): V1NetworkPolicyPeer => ({ ipBlock: { cidr: `${ip}/32` } });

const DENIED: readonly (readonly [from: string, door: string, peer: () => V1NetworkPolicyPeer])[] = [
  ['stranger', 'postgres 5432', pod('postgres')],
  ['stranger', 'internet', address(addresses.host)],
  ['stranger', 'redis 6379', pod('redis')],
  ['api', 'internet', address(addresses.host)],
  ['api', 'kube-apiserver 6443', address(addresses.node)],
  ['api', 'kubelet 10250', address(addresses.node)],
  ['api', 'minio 9001', pod('minio')],
  ['postgres', 'internet', address(addresses.host)],
  ['minio', 'postgres 5432', pod('postgres')],
];

for (const [from, door, peer] of DENIED) {
  test(`${from} → ${door} is denied, works with the edge added, and is denied with it removed`, async () => {
    const port = Number(door.split(' ')[1] ?? world.door(door).port);
    const reaches = (): Promise<boolean> => world.reaches(from, door);
    assert.equal(await reaches(), false);
    const edge = pair(from, peer(), port);
    assert.equal(await withPolicies(edge, reaches), true);
    assert.equal(await reaches(), false);
    // Half of it is not enough: neither end may open the other.
    if (edge.length === 2) for (const half of edge) assert.equal(await withPolicies([half], reaches), false);
  });
}

/** Milliseconds from before a change is asked for until a connection first goes the new way. */
async function effect(open: boolean, change: () => Promise<unknown>): Promise<number> {
  const target = { host: world.pods.get('migrate')!.status!.podIP!, port: LISTENING };
  const asked = Date.now();
  const done = change();
  const tries: Promise<{ answer: string; began: number }>[] = [];
  let seen = false;
  while (!seen && Date.now() < asked + 10_000) {
    const one = world.probers.get('stranger')!.ask(target, 250);
    tries.push(one);
    void one.then(({ answer }) => (seen ||= (answer === 'open') === open));
    await sleep(20);
  }
  await done;
  const first = (await Promise.all(tries)).find(({ answer }) => (answer === 'open') === open);
  assert.ok(first, 'no effect within 10 s');
  return first.began - asked;
}

test('a policy that comes or goes takes effect on real connections within a second, and of ten never after three', async () => {
  const [out, into] = pair('stranger', pod('migrate')(), LISTENING);
  const name = into!.metadata!.name!;
  const times: Record<'added' | 'removed', number[]> = { added: [], removed: [] };
  await withPolicies([out!], async () => {
    for (let round = 0; round < 10; round++) {
      const add = () => networking.createNamespacedNetworkPolicy({ namespace: NAMESPACE, body: into! });
      times.added.push(await effect(true, add));
      const remove = () => networking.deleteNamespacedNetworkPolicy({ namespace: NAMESPACE, name });
      times.removed.push(await effect(false, remove));
    }
  });
  for (const [what, taken] of Object.entries(times)) {
    const sorted = taken.toSorted((a, b) => a - b);
    console.log(`    ${what}: median ${sorted[5]!} ms, worst of ${sorted.length} ${sorted.at(-1)!} ms`);
    assert.ok(sorted[5]! < 1000 && sorted.at(-1)! < 3000, `${what}: ${sorted.join(' ')} ms`);
  }
});
