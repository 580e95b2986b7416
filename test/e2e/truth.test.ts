/**
 * The network truth table of the rehearsal: what its fence declares against what connections do, and cyclonus as a judge
 * of its own. D-NET-1, E-SEC-2.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { V1NetworkPolicy } from '@kubernetes/client-node';
import { networking, policy, settled, withoutLeftover, withPolicies } from './support/network/cluster.ts';
import { Fence } from './support/network/fence.ts';
import { still, told, TruthTable, type Way } from './support/network/truth.ts';
import { rehearsal } from './support/rehearsal.ts';

const { namespace, state } = rehearsal;

let fence: Fence;
let table: TruthTable;
let wanted: readonly boolean[];
before(async () => {
  fence = Fence.of(state, 'rehearsal', namespace);
  await still(namespace);
  table = await TruthTable.of(namespace, fence);
  wanted = table.ways.map(({ from, to, port, protocol }) => fence.allows(from, to, port, protocol));
});
after(() => table.leave());

const list = (ways: readonly Way[]): string[] => ways.map(told).toSorted();

/** Ways on which two tables differ. */
const differing = (one: readonly (boolean | undefined)[], other: readonly boolean[]): Way[] =>
  table.ways.filter((_, at) => one[at] !== undefined && one[at] !== other[at]);

test('every pair of workloads, on every port that any of them listens on, by pod and by Service: as declared', async () => {
  const open = wanted.filter(Boolean).length;
  const { residents, ways, ports, idle } = table;
  console.log(`    ${residents.length} pods, ${ports.length} ports, ${fence.size} declared edges`);
  console.log(
    `    ${ways.length} ways, ${open} of them open; Services with nobody behind them: ${idle.join(', ') || 'none'}`,
  );
  assert.ok(residents.length >= 12 && ports.length >= 12 && ways.length > 2000);
  assert.ok(open >= fence.size && open < ways.length / 3);
  assert.deepEqual(list(differing(await table.observed(), wanted)), []);
});

test('every declared edge between pods of the namespace is among the ways, so that none is taken for granted', () => {
  const { inhabitants } = fence;
  const known = new Set(table.residents.map(({ pod }) => JSON.stringify(pod.labels)));
  assert.ok(known.size >= inhabitants.size);
  for (const [name, labels] of inhabitants) {
    const there = table.residents.some(({ pod }) =>
      Object.entries(labels).every(([key, value]) => pod.labels[key] === value),
    );
    assert.ok(there, name);
  }
});

test('cyclonus judges the policies of the namespace as the edges were meant', async () => {
  const judged = await table.judged();
  const asked = judged.filter((verdict) => verdict !== undefined).length;
  const wrong = differing(judged, wanted);
  console.log(`    ${asked - wrong.length} of ${asked} verdicts agree`);
  assert.ok(asked > 1500);
  assert.deepEqual(list(wrong), []);
});

const labelsOf = (name: RegExp): Record<string, string> => {
  const found = table.residents.find((one) => name.test(one.name));
  assert.ok(found, String(name));
  return { ...found.pod.labels };
};

test('a planted edge that nobody declared is seen, and nothing else', async () => {
  const [from, into] = [{ purpose: 'stranger' }, labelsOf(/^redis-/)];
  const edge = [
    policy(namespace, 'truth-planted-out', {
      ...{ podSelector: { matchLabels: from }, policyTypes: ['Egress'] },
      egress: [{ to: [{ podSelector: { matchLabels: into } }], ports: [{ port: 6379 }] }],
    }),
    policy(namespace, 'truth-planted-in', {
      ...{ podSelector: { matchLabels: into }, policyTypes: ['Ingress'] },
      ingress: [{ _from: [{ podSelector: { matchLabels: from } }], ports: [{ port: 6379 }] }],
    }),
  ];
  await withPolicies(edge, async () => {
    const [found, judged] = [differing(await table.observed(), wanted), differing(await table.judged(), wanted)];
    assert.ok(found.length > 0);
    for (const { from: who, port } of [...found, ...judged])
      assert.deepEqual([who.name, port], ['truth-stranger', 6379]);
    assert.deepEqual(list(judged), list(found.filter(({ way }) => way === 'pod')));
  });
});

/** Takes one half of an edge away for the time of `work`. */
async function without(name: string, work: () => Promise<void>): Promise<void> {
  const { metadata, spec } = await networking.readNamespacedNetworkPolicy({ name, namespace });
  const { annotations, labels } = metadata!;
  const body: V1NetworkPolicy = {
    metadata: { name, ...(annotations && { annotations }), ...(labels && { labels }) },
    spec: spec!,
  };
  await networking.deleteNamespacedNetworkPolicy({ name, namespace });
  try {
    await settled(namespace);
    await work();
  } finally {
    await networking.createNamespacedNetworkPolicy({ namespace, body });
    await settled(namespace);
    await withoutLeftover(() => networking.deleteNamespacedNetworkPolicy({ name: 'network-test-marker', namespace }));
  }
}

for (const half of ['egress', 'ingress'] as const) {
  test(`a declared edge whose ${half} half is gone is seen, and nothing else; put back, all agrees again`, async () => {
    const { items } = await networking.listNamespacedNetworkPolicy({ namespace });
    const name = items
      .map(({ metadata }) => metadata!.name!)
      .find((one) => new RegExp(`^api-to-minio-9000-${half}$`).test(one));
    assert.ok(name, `no ${half} half of api → minio:9000`);
    await without(name, async () => {
      const found = differing(await table.observed(), wanted);
      assert.ok(found.length > 0);
      for (const { from, to, port } of found) {
        assert.match(from.name, /^api-/);
        assert.match(to.name, /^minio/);
        assert.equal(port, 9000);
      }
    });
    assert.deepEqual(list(differing(await table.observed(), wanted)), []);
  });
}
