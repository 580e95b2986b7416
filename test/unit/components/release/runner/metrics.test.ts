/** When the metrics of an analysis count: about users, so only while there are any. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import type { Order } from '../../../../../components/release/runner/record.ts';
import { closeAll, rulesAt, Scene } from '../support/scene.ts';

/** Errors of users, and how many of them there are, by what the scene says just now. */
let reading: () => { readonly errors: number; readonly requests: number };
const queries: string[] = [];
const store = createServer((request, response) => {
  const query = new URL(request.url!, 'http://store').searchParams.get('query')!;
  queries.push(query);
  const { errors, requests } = reading();
  const value = [0, String(query.startsWith('errors') ? errors : requests)];
  response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result: [{ value }] } }));
});
await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve));
after(() => {
  closeAll();
  store.close().closeAllConnections();
});

const judged = (scene: Scene, hold = 5000): Partial<Order> => {
  const { analysis, probe, ...times } = rulesAt(scene.port);
  const url = `http://127.0.0.1:${(store.address() as AddressInfo).port}`;
  const rule = { name: 'users', query: 'errors{instance=~"$candidate"}', most: 0.05 };
  const each = [{ ...rule, requests: 'requests{instance=~"$candidate"}', minimum: 20 }];
  return {
    rules: {
      ...{ ...times, probe: { ...probe, prometheus: { url } } },
      analysis: { ...analysis, hold, metrics: { inRow: 1, each } },
    },
  };
};

const gatesOf = (scene: Scene): string[] =>
  Object.entries(scene.cluster.record.good!.evidence)
    .filter(([, gates]) => gates.some(({ gate }) => gate === 'users'))
    .map(([phase]) => phase);

test('a first install has no users to be judged by, and goes live', async () => {
  reading = () => ({ errors: 0, requests: 0 });
  const scene = await Scene.begin();
  scene.order('v1', 'good', judged(scene, 2000));
  assert.equal(await scene.verdict(), 'promoted');
  assert.deepEqual(gatesOf(scene), []);
});

test('without traffic a version is not judged by users it cannot have; with it, by those of its own pods', async () => {
  const scene = await Scene.installed();
  reading = () => (scene.cluster.traffic === 'green' ? { errors: 0, requests: 50 } : { errors: 0, requests: 0 });
  queries.length = 0;
  scene.order('v2', 'good', judged(scene));
  assert.equal(await scene.verdict(), 'promoted');
  assert.deepEqual(gatesOf(scene).toSorted(), ['soak', 'step-0']);
  assert.ok(
    queries.some((query) => /^errors\{instance=~"\(127\[\.\]\S+\|127\[\.\]\S+\):\[0-9\]\+"\}$/.test(query)),
    queries[0],
  );
});

for (const [strategy, side] of [
  ['blueGreen', 'green'],
  ['rolling', 'blue'],
] as const) {
  test(`a ${strategy} release that fails its users is rejected with the reading and the limit`, async () => {
    const scene = await Scene.installed();
    reading = () => ({ errors: scene.cluster.traffic === side ? 0.25 : 0, requests: 50 });
    scene.order('v2', 'good', {
      ...judged(scene),
      strategy,
      steps: strategy === 'rolling' ? [] : [{ weight: 100, window: 0 }],
    });
    assert.match(await scene.verdict(), /^rejected: users: fail: 0\.25; wanted at most 0\.05 \(50 samples\)/);
    assert.deepEqual(scene.cluster.served, ['v1']);
  });
}

test('too few users hold it, and then it goes back without a word against it', async () => {
  const scene = await Scene.installed();
  reading = () => ({ errors: 0, requests: 19 });
  scene.order('v2', 'good', judged(scene, 3000));
  assert.match(await scene.verdict(), /^error: .*users: inconclusive: 19 requests; 20 are needed to judge/);
  assert.deepEqual([scene.cluster.served, scene.cluster.record.rejected], [['v1'], []]);
});
