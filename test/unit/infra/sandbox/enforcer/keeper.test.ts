import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Keeper, named, type Watches } from '../../../../../infra/sandbox/enforcer/keeper.ts';
import type { Namespace, NetworkPolicy, Pod } from '../../../../../infra/sandbox/enforcer/objects.ts';
import type { Status } from '../../../../../infra/sandbox/enforcer/status.ts';
import { Watch } from '../../../../../infra/sandbox/enforcer/watch.ts';

const pod = (name: string, at: number): Pod => ({
  metadata: { namespace: 'x', name },
  spec: { containers: [{}] },
  status: { podIP: `10.201.0.${at}`, phase: 'Running' },
});

/** A keeper on a kernel that is a list of texts. */
function kept() {
  const never = (): Promise<never> => new Promise(() => undefined);
  const loaded: string[] = [];
  const reports: Status[] = [];
  const kernel = { refuses: 0, empty: false };
  const watches: Watches = {
    pods: new Watch<Pod>('/pods', never, () => undefined),
    namespaces: new Watch<Namespace>('/namespaces', never, () => undefined),
    networkpolicies: new Watch<NetworkPolicy>('/networkpolicies', never, () => undefined),
  };
  const keeper = new Keeper('10.201.0.0/24', () => watches, {
    load: async (text) => {
      if (kernel.refuses-- > 0) throw new Error('out of memory');
      loaded.push(text);
      kernel.empty = false;
    },
    inForce: async () => !kernel.empty,
    report: (status) => reports.push(status),
    log: () => undefined,
  });
  const see = (pods: Pod[]): void => {
    watches.pods.objects = new Map(pods.map((one) => [one.metadata.name, one]));
    keeper.changed();
  };
  const complete = (pods: Pod[]): void => {
    watches.namespaces.objects = new Map();
    watches.networkpolicies.objects = new Map();
    for (const watch of Object.values(watches)) watch.lost = undefined;
    see(pods);
  };
  const settled = () => sleep(40);
  return { keeper, watches, kernel, loaded, reports, see, complete, settled };
}

test('nothing is written by half a picture', async () => {
  for (const absent of ['pods', 'namespaces', 'networkpolicies'] as const) {
    const { keeper, settled, loaded, reports, watches, complete } = kept();
    for (const [name, watch] of named(watches)) if (name !== absent) watch.objects = new Map();
    keeper.changed();
    await settled();
    assert.equal(loaded.length, 0);
    assert.equal(reports.at(-1)!.refused, undefined);
    assert.deepEqual(Object.keys(reports.at(-1)!.lost), ['pods', 'namespaces', 'networkpolicies']);
    complete([pod('a', 1)]);
    await settled();
    assert.equal(loaded.length, 1);
    assert.deepEqual(reports.at(-1)!.lost, {});
    assert.equal(reports.at(-1)!.applied!.pods, 1);
  }
});

test('a burst of changes is one write, a change of no effect is none', async () => {
  const { complete, see, settled, loaded } = kept();
  complete([pod('a', 1)]);
  for (let at = 2; at < 20; at++) see([pod('a', 1), pod('b', at)]);
  await settled();
  assert.equal(loaded.length, 1);
  assert.match(loaded[0]!, /10\.201\.0\.19/);
  see([pod('b', 19), pod('a', 1)]);
  await settled();
  assert.equal(loaded.length, 1);
});

test('a collection that gets lost changes nothing in the kernel and is reported', async () => {
  const { complete, watches, keeper, settled, loaded, reports } = kept();
  complete([pod('a', 1)]);
  await settled();
  watches.pods.lost = 'ECONNREFUSED';
  keeper.changed();
  await settled();
  assert.equal(loaded.length, 1);
  assert.deepEqual(reports.at(-1)!.lost, { pods: 'ECONNREFUSED' });
});

test('a table that the kernel refuses is reported and tried again until it is in force', async () => {
  const { complete, kernel, settled, loaded, reports } = kept();
  kernel.refuses = 1;
  complete([pod('a', 1)]);
  await settled();
  assert.match(reports.at(-1)!.refused!, /out of memory/);
  assert.equal(reports.at(-1)!.applied, undefined);
  await sleep(1050);
  assert.equal(loaded.length, 1);
  assert.equal(reports.at(-1)!.refused, undefined);
});

test('a table that somebody removed is put back at the next beat', async () => {
  const { complete, kernel, keeper, settled, loaded } = kept();
  complete([pod('a', 1)]);
  await settled();
  await keeper.beat();
  await settled();
  assert.equal(loaded.length, 1);
  kernel.empty = true;
  await keeper.beat();
  await settled();
  assert.equal(loaded.length, 2);
  assert.equal(loaded[1], loaded[0]);
});
