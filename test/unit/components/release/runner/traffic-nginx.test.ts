/** The edge divides: shares that are written, read back, and kept, on an API server and pods of this process. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { greens } from '../../../../../components/release/runner/buckets.ts';
import { Fence } from '../../../../../components/release/runner/fence.ts';
import { TOKEN, type Step } from '../../../../../components/release/runner/record.ts';
import { tended } from '../../../../../components/release/runner/run.ts';
import { nginxSplit } from '../../../../../components/release/runner/traffic-nginx.ts';
import { objectsOf } from '../../../../../components/release/runner/traffic.ts';
import { AT, DyingKube, LABELS, soon } from '../support/cluster.ts';
import { closeAll, rulesAt, Scene } from '../support/scene.ts';

after(closeAll);

const CANARY: readonly Step[] = [10, 50, 100].map((weight) => ({ weight, window: 60 }));
const canary = { strategy: 'canary', steps: CANARY } as const;
/** Hundreds of requests on a busy machine take longer than pods of this process to start. */
const patient = ({ port }: Scene) => ({ ...canary, rules: { ...rulesAt(port), ready: 10_000 } });

/** Green's shares as they were written, one after the other. */
const written = ({ cluster }: Scene): number[] =>
  cluster.writes.flatMap(({ path, operations }) =>
    path === AT.split
      ? operations.filter(({ path: at }) => at === '/data').map(({ value }) => Object.keys(value as object).length)
      : [],
  );

describe('a canary through an edge', { concurrency: 4 }, () => {
  test('a good one goes 10, 50, 100; the Service follows at the end', async () => {
    const { scene, edge } = await Scene.divided();
    scene.order('v2', 'good', patient(scene));
    const run = scene.verdict();
    await soon(() => edge.greens.every((green) => green === 50));
    const atHalf = scene.cluster.traffic;
    assert.equal(await run, 'promoted');
    assert.equal(atHalf, 'blue', 'the Service moved before everything did');
    assert.deepEqual([written(scene), edge.greens, scene.cluster.traffic], [[10, 50, 100], [100, 100], 'green']);
    const data = scene.cluster.objects.get(AT.split)!['data'];
    assert.deepEqual([Object.keys(data).length, data['0'], data['99']], [100, 'green', 'green']);
  });

  test('back to blue it goes the other way', async () => {
    const { scene, edge } = await Scene.divided();
    scene.order('v2', 'good', patient(scene));
    await scene.verdict();
    scene.order('v3', 'good', patient(scene));
    assert.equal(await scene.verdict(), 'promoted');
    assert.deepEqual(
      [written(scene), edge.greens],
      [
        [10, 50, 100, 90, 50, 0],
        [0, 0],
      ],
    );
    assert.equal(scene.cluster.traffic, 'blue');
  });

  test('one that turns bad with its first share is undone: edge and Service are as before', async () => {
    const { scene, edge } = await Scene.divided();
    scene.order('v2', 'late', patient(scene));
    assert.match(await scene.verdict(), /^rejected: .*(health|errors \/health): fail/);
    assert.deepEqual([written(scene), edge.greens, scene.cluster.traffic], [[10, 0], [0, 0], 'blue']);
    assert.deepEqual([scene.cluster.replicas('green'), scene.cluster.record.good?.digest], [0, 'v1']);
  });

  test('with no pod of the edge that is ready, nothing is begun', async () => {
    const { scene, edge } = await Scene.divided();
    for (const pod of edge.pods) pod.ready = false;
    scene.order('v2', 'good', patient(scene));
    assert.match(await scene.verdict(), /^error: traffic: no pod of the edge is ready.*; wanted a way to move it/);
    assert.deepEqual([scene.cluster.replicas('green'), written(scene)], [0, [0]]);
  });

  test('… but another number of pods, and a rolling release, need no edge', async () => {
    for (const over of [
      { ...canary, digest: 'v1', replicas: 3 },
      { strategy: 'rolling', steps: [], digest: 'v2' },
    ] as const) {
      const { scene, edge } = await Scene.divided();
      for (const pod of edge.pods) pod.ready = false;
      scene.order(over.digest, 'good', over);
      assert.equal(await scene.verdict(), 'promoted');
    }
  });

  test('a pod of the edge that does not take its share ends the release, and says so', async () => {
    const { scene, edge } = await Scene.divided();
    scene.edge = edge.access('wrong');
    scene.order('v2', 'good', canary);
    const said = await scene.verdict();
    assert.match(
      said,
      /^error: traffic: pod edge-0 of the edge says 401 to GET \/web-split\/; wanted 10 % on green in 0\.6 s/,
    );
    assert.ok(!said.includes('wrong'), 'the password was told');
  });

  for (const taken of [false, true]) {
    test(`a runner that is killed at each write ${taken ? 'that was taken' : 'before it'}: the next one ends it`, async () => {
      let kills = 0;
      const one = async (at: number): Promise<void> => {
        const { scene, edge } = await Scene.divided(1);
        scene.order('v2', 'good', patient(scene));
        const dying = new DyingKube(scene.kube, at, taken);
        await Promise.race([scene.look(dying), dying.died]);
        if (dying.isDead) kills++;
        await scene.look();
        assert.equal(scene.cluster.record.outcome?.verdict, 'promoted', scene.log.join('\n'));
        assert.deepEqual([at, edge.greens, scene.cluster.traffic], [at, [100], 'green']);
      };
      const places = Array.from({ length: 24 }, (_, index) => index + 1);
      const next = async (): Promise<void> => {
        for (let at = places.shift(); at !== undefined; at = places.shift()) await one(at);
      };
      await Promise.all(Array.from({ length: 4 }, next));
      assert.ok(kills > 12, `${kills} kills`);
    });
  }
});

describe('pods of the edge', { concurrency: 4 }, () => {
  test('are told no more than what differs, and asked whether they have it', async () => {
    const { scene, edge } = await Scene.divided();
    const access = edge.access();
    assert.equal(await access.settle(scene.kube, AT, greens('green', 10)), undefined);
    assert.equal(await access.settle(scene.kube, AT, greens('green', 12)), undefined);
    assert.equal(await access.settle(scene.kube, AT, greens('green', 12)), undefined);
    assert.equal(await access.settle(scene.kube, AT, greens('green', 11)), undefined);
    assert.deepEqual(
      [edge.greens, edge.pods.map(({ told }) => told)],
      [
        [11, 11],
        [13, 13],
      ],
    );
  });

  test('that are deaf hold it up where they get traffic, for as long as it takes to be sure; leaving ones do not', async () => {
    const { scene, edge } = await Scene.divided();
    edge.pods[0]!.deaf = true;
    assert.match(
      (await edge.access().settle(scene.kube, AT, greens('green', 10)))!,
      /^pod edge-0 of the edge has not taken the split in 2000 ms$/,
    );
    edge.pods[0]!.leaving = true;
    assert.equal(await edge.access().settle(scene.kube, AT, greens('green', 10)), undefined);
    assert.deepEqual(edge.greens, [0, 10]);
  });

  test('that are not ready yet, or leave, are told all the same', async () => {
    const { scene, edge } = await Scene.divided();
    [edge.pods[0]!.ready, edge.pods[1]!.leaving] = [false, true];
    assert.equal(await edge.access().settle(scene.kube, AT, greens('green', 10)), undefined);
    assert.deepEqual(edge.greens, [10, 10]);
    assert.equal(await edge.access().isThere(scene.kube, AT), false);
  });

  test('that start at the wrong moment are put right, between runs too', async () => {
    const { scene, edge } = await Scene.divided();
    scene.order('v2', 'good', patient(scene));
    await scene.verdict();
    await edge.add(['3', '4']);
    const { kube, traffic } = scene;
    const options = { kube, at: AT, name: 'web', labels: LABELS, traffic, log: () => undefined, pause: 5 };
    await tended({ ...options, edge: edge.access() });
    assert.deepEqual(edge.greens, [100, 100, 100]);
  });

  test('are told nothing more by a run that was replaced', async () => {
    const { scene, edge } = await Scene.divided();
    scene.order('v2', 'good', patient(scene));
    const options = { log: () => undefined, pause: 5 };
    const { fence } = await Fence.claim(scene.kube, AT, objectsOf(AT, scene.traffic), options);
    const ground = { fence, at: AT, name: 'web', labels: LABELS, traffic: scene.traffic };
    const driver = nginxSplit(ground, edge.access(), 5);
    await driver.share('green', 10);
    scene.cluster.edit(AT.split, ({ metadata, data }) => {
      metadata.annotations[TOKEN] = '9.1';
      data['77'] = 'green';
    });
    await assert.rejects(driver.share('green', 50), /configmaps\/web-split is held by 9\.1/);
    await driver.tend();
    assert.deepEqual(edge.greens, [10, 10]);
  });
});
