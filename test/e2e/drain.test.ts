/**
 * A drain against the API's disruption budget (D-K8S-9): on a closed node it takes as many pods as the budget allows and
 * stops; once the node is open again it finishes, and at no time are fewer pods ready than the budget leaves.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiException, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { get, isReady, kubectl, podsOf } from './support/elastic.ts';
import { rehearsal } from './support/rehearsal.ts';
import { until } from './support/until.ts';

const { namespace } = rehearsal;
const config = new KubeConfig();
config.loadFromFile(rehearsal.kubeconfig);
const core = config.makeApiClient(CoreV1Api);

interface Budget {
  readonly status: { readonly disruptionsAllowed: number; readonly desiredHealthy: number };
}
const budget = (): Promise<Budget> => get<Budget>('poddisruptionbudget/api');

/** What the eviction API answers: 201, or 429 where the budget forbids it. */
async function evict(name: string): Promise<number> {
  try {
    await core.createNamespacedPodEviction({ name, namespace, body: { metadata: { name, namespace } } });
    return 201;
  } catch (error) {
    if (error instanceof ApiException) return error.code;
    throw error;
  }
}

/** Evicts what can be evicted now, and gives the answers. */
const evictAll = async (names: readonly string[]): Promise<number[]> => {
  const answers: number[] = [];
  for (const name of names) answers.push(await evict(name));
  return answers;
};

let node: string;
let least = Number.POSITIVE_INFINITY;
let watching = true;
let watch: Promise<void>;

before(async () => {
  node = (await get<{ items: { metadata: { name: string } }[] }>('nodes')).items[0]!.metadata.name;
  await until('every pod of the API is ready', async () => (await podsOf('api')).every(isReady));
  watch = (async () => {
    while (watching) {
      least = Math.min(least, (await podsOf('api')).filter(isReady).length);
      await sleep(500);
    }
  })();
});

after(async () => {
  watching = false;
  try {
    await watch;
  } finally {
    // Whatever came of it: the tests behind this one need the node.
    await kubectl(['uncordon', node]);
  }
});

test('a drain stops at the budget, and finishes once there is room again', async (context) => {
  const old = (await podsOf('api')).map(({ metadata }) => metadata.name);
  const { disruptionsAllowed: allowed, desiredHealthy: floor } = (await budget()).status;
  assert.ok(allowed >= 1 && allowed < old.length, `${allowed} of ${old.length} may go: nothing to stop at`);

  await kubectl(['cordon', node]);
  const answers = await evictAll(old);
  assert.deepEqual(
    [answers.filter((code) => code === 201).length, answers.filter((code) => code === 429).length],
    [allowed, old.length - allowed],
    `the eviction API answered ${answers.join(', ')}`,
  );
  // It stays so: what replaces the evicted has no node to go to.
  const left = old.filter((_, index) => answers[index] === 429);
  await sleep(5000);
  assert.deepEqual(new Set(await evictAll(left)), new Set([429]));

  await kubectl(['uncordon', node]);
  await until(
    'every one of the old pods is gone',
    async () => {
      const names = new Set((await podsOf('api')).map(({ metadata }) => metadata.name));
      const there = left.filter((name) => names.has(name));
      await evictAll(there);
      return there.length === 0;
    },
    180_000,
  );
  await until('as many new ones are ready', async () => (await podsOf('api')).filter(isReady).length >= old.length);
  assert.ok(least >= floor, `${least} pods were ready at the least; wanted ${floor}`);
  context.diagnostic(`${old.length} pods, ${allowed} at a time, never fewer than ${least} ready`);
});
