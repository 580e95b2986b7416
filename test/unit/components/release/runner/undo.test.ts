/** Going back: never to a side with nobody on it while the other one answers, and as soon as before where somebody is there. */
import assert from 'node:assert/strict';
import { setInterval as every } from 'node:timers';
import { after, describe, test } from 'node:test';
import { Kube } from '../../../../../components/release/runner/kube.ts';
import { SIDE } from '../../../../../components/release/runner/record.ts';
import { AT, DyingKube } from '../support/cluster.ts';
import { closeAll, rulesAt, Scene } from '../support/scene.ts';

after(closeAll);

/** Longer than it takes anything here to be ready, also where many run at once. */
const READY = 10_000;
const LONG = [{ weight: 100, window: 20_000 }];

/** Once the new version has its traffic, somebody sends the old side to rest, and the version turns bad. */
function emptied(scene: Scene, then: () => void = () => undefined): void {
  const { cluster } = scene;
  const timer = every(() => {
    if (cluster.traffic !== 'green' || cluster.record.phase !== 'step-0') return;
    clearInterval(timer);
    cluster.resize('blue', 0);
    // The runner has to have seen it: otherwise it goes back to where it knows somebody.
    setTimeout(() => {
      cluster.spoilt = 'v2';
      then();
    }, 300);
  }, 2);
}

const order = (scene: Scene, replicas?: number): void =>
  scene.order('v2', 'good', {
    replicas,
    steps: LONG,
    rules: { ...rulesAt(scene.port), ready: READY, deadline: 60_000 },
  });

describe('a live side that somebody sends to rest during a run', { concurrency: 2 }, () => {
  for (const [words, replicas, size] of [
    ['as many as are ordered', 3, 3],
    ['as many as the other side has, where nobody says', undefined, 2],
  ] as const) {
    test(`gets its pods back before traffic goes there, ${words}; at no moment is nobody there for users`, async () => {
      const scene = await Scene.installed();
      const { cluster } = scene;
      order(scene, replicas);
      let gaps = 0;
      emptied(scene, () => {
        const timer = every(() => {
          if (cluster.served.length === 0) gaps++;
          if (cluster.record.phase === 'settled') clearInterval(timer);
        }, 1);
      });
      assert.match(await scene.verdict(), /^rejected: .*(health|errors \/health): fail/);
      assert.deepEqual([cluster.served, cluster.replicas('blue'), cluster.replicas('green')], [['v1'], size, 0]);
      assert.equal(gaps, 0, 'there was nobody for users');
      const { writes } = cluster;
      const grown = writes.findLastIndex(
        ({ path, operations }) => path === AT.blue && operations.some((one) => one.path === '/spec/replicas'),
      );
      const moved = writes.findLastIndex(
        ({ path, operations }) => path === AT.service && operations.some((one) => one.path === '/spec/selector'),
      );
      assert.ok(grown >= 0 && grown < moved, `pods at write ${grown}, traffic at write ${moved}`);
    });
  }

  test('one that does not come up again is not waited for without end: the run ends as ordered, and says so', async () => {
    const scene = await Scene.installed();
    const { cluster } = scene;
    order(scene, 2);
    const { data } = cluster.objects.get(AT.record)!;
    data.order = JSON.stringify({ ...JSON.parse(data.order), rules: { ...JSON.parse(data.order).rules, ready: 1500 } });
    cluster.lacking = 'v1';
    emptied(scene);
    assert.match(await scene.verdict(), /^rejected: .*: undo: v1 is not ready in 1\.5 s$/);
    assert.deepEqual([cluster.traffic, cluster.replicas('blue'), cluster.replicas('green')], ['blue', 2, 0]);
  });
});

test('where both sides are at 0 and nobody says how many, the live one gets a pod', async () => {
  const scene = await Scene.installed();
  scene.cluster.resize('blue', 0);
  scene.order('v1', 'good', { mode: 'undo', replicas: undefined });
  assert.match(await scene.verdict(), /^undone/);
  assert.equal(scene.cluster.replicas('blue'), 1);
});

/** Keeps what was asked of the API. */
class HeardKube extends Kube {
  readonly heard: string[] = [];
  readonly #inner: Kube;
  constructor(inner: Kube) {
    super({ server: 'http://unused', options: () => Promise.reject(new Error('unused')) });
    this.#inner = inner;
  }
  override get<T>(path: string): Promise<T> {
    this.heard.push(`GET ${decodeURIComponent(path)}`);
    return this.#inner.get<T>(path);
  }
  override patch<T>(path: string, operations: Parameters<Kube['patch']>[1]): Promise<T> {
    this.heard.push(`PATCH ${path} ${JSON.stringify(operations)}`);
    return this.#inner.patch<T>(path, operations);
  }
}

test('where somebody is ready on the live side, nothing is looked at and nothing awaited before the traffic goes back', async () => {
  const scene = await Scene.installed();
  scene.order('v2', 'late');
  const kube = new HeardKube(scene.kube);
  await scene.look(kube);
  const began = kube.heard.findIndex((line) => line.includes('"/data/phase","value":"undo"'));
  const moved = kube.heard.findIndex((line, at) => at > began && line.startsWith(`PATCH ${AT.service}`));
  assert.ok(began > 0 && moved > began);
  const between = kube.heard.slice(began + 1, moved);
  assert.ok(between.includes(`GET ${AT.service}`), between.join('\n'));
  assert.deepEqual(
    between.filter((line) => line.startsWith('PATCH') || line.includes(SIDE) || line.includes('deployments')),
    [],
  );
});

for (const taken of [false, true]) {
  test(`a runner that is killed at each write ${taken ? 'that was taken' : 'before it'} while it brings a side back from rest: the next one ends it the same`, async () => {
    const [first, last] = [4, 22];
    let kills = 0;
    const one = async (at: number): Promise<void> => {
      const scene = await Scene.installed();
      order(scene, 2);
      emptied(scene);
      const dying = new DyingKube(scene.kube, at, taken);
      await Promise.race([scene.look(dying), dying.died]);
      if (dying.isDead) kills++;
      await scene.look();
      const { record, served, traffic } = scene.cluster;
      assert.deepEqual([at, record.phase, served, traffic], [at, 'settled', ['v1'], 'blue'], scene.log.join('\n'));
      assert.deepEqual([scene.cluster.replicas('blue'), scene.cluster.replicas('green')], [2, 0]);
    };
    const places = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    const next = async (): Promise<void> => {
      for (let at = places.shift(); at !== undefined; at = places.shift()) await one(at);
    };
    await Promise.all(Array.from({ length: 5 }, next));
    assert.ok(kills > 8 && kills <= last - first, `${kills} kills`);
  });
}
