/** The runner's state machine: every phase, on an API server and pods of this process. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { AT, DyingKube, LABELS, templateOf } from '../support/cluster.ts';
import { closeAll, rulesAt, Scene } from '../support/scene.ts';

after(closeAll);

describe('a first install', { concurrency: 4 }, () => {
  test('a good one goes live on blue, with as many pods as asked for', async () => {
    const scene = await Scene.begin();
    scene.order('v1', 'good');
    assert.equal(await scene.verdict(), 'promoted');
    const { cluster } = scene;
    assert.deepEqual(cluster.served, ['v1']);
    assert.equal(cluster.replicas('blue'), 2);
    assert.deepEqual([cluster.record.phase, cluster.record.good?.side], ['settled', 'blue']);
  });

  test('a bad one is rejected, and leaves no pod', async () => {
    const scene = await Scene.begin();
    scene.order('v1', 'crash');
    assert.match(await scene.verdict(), /^rejected: start: container app .* ended 3 times.*wanted fewer than 3/);
    assert.equal(scene.cluster.replicas('blue'), 0);
    assert.equal(scene.cluster.record.good, undefined);
    assert.deepEqual(
      scene.cluster.record.rejected.map(({ digest }) => digest),
      ['v1'],
    );
  });
});

describe('a release that changes sides', { concurrency: 4 }, () => {
  test('a good one ends on the other side; the one before goes on at its size until its time is over', async () => {
    const scene = await Scene.installed();
    scene.order('v2', 'good');
    assert.equal(await scene.verdict(), 'promoted');
    const { cluster } = scene;
    assert.deepEqual([cluster.traffic, cluster.served, cluster.replicas('blue')], ['green', ['v2'], 2]);
    assert.deepEqual([cluster.record.good?.digest, cluster.record.kept?.digest], ['v2', 'v1']);
    assert.equal((await scene.look()).kind, 'idle');
    cluster.edit(AT.record, ({ data }) => (data.kept = JSON.stringify({ ...JSON.parse(data.kept), until: 0 })));
    assert.equal((await scene.look()).kind, 'retired');
    assert.deepEqual([cluster.replicas('blue'), cluster.record.kept, cluster.served], [0, undefined, ['v2']]);
  });

  test('going back while the one before still runs takes no windows', async () => {
    const scene = await Scene.installed();
    scene.order('v2', 'good');
    await scene.verdict();
    const began = scene.cluster.writes.length;
    scene.order('v1', 'good', { rules: { ...rulesAt(scene.port), candidate: 60_000, soak: 60_000 } });
    assert.equal(await scene.verdict(), 'promoted');
    assert.deepEqual([scene.cluster.traffic, scene.cluster.served], ['blue', ['v1']]);
    const touched = scene.cluster.writes
      .slice(began)
      .filter(({ operations }) => operations.some(({ path }) => path === '/spec/template'));
    assert.equal(touched.length, 1);
  });

  test('a version before that does not start any more is not to blame: it was proven, and may be released anew', async () => {
    const scene = await Scene.installed();
    scene.order('v2', 'good');
    await scene.verdict();
    scene.order('v1', 'crash');
    assert.match(await scene.verdict(), /^error: start: container app .* ended 3 times/);
    assert.deepEqual(
      [scene.cluster.traffic, scene.cluster.served, scene.cluster.record.rejected],
      ['green', ['v2'], []],
    );
  });

  for (const [acts, words] of [
    ['crash', /^rejected: start: .*ended 3 times/],
    ['unready', /^rejected: readiness: pod web-green-\d+: app runs, not ready.*; wanted all pods ready in 0\.6 s/],
    ['errors', /^rejected: .*(health|errors \/health): fail: .*; wanted /],
    ['late', /^rejected: .*(health|errors \/health): fail/],
    ['invalid', /^rejected: API server: .*invalid/],
    ['stuck', /^error: readiness: pod web-green-\d+: app: ImagePullBackOff \(dial tcp: i\/o timeout\)/],
  ] as const) {
    test(`one that acts "${acts}" is undone: traffic, version and pods are as before`, async () => {
      const scene = await Scene.installed();
      scene.order('v2', acts);
      assert.match(await scene.verdict(), words);
      const { cluster } = scene;
      assert.deepEqual([cluster.traffic, cluster.served], ['blue', ['v1']]);
      assert.deepEqual([cluster.replicas('blue'), cluster.replicas('green')], [2, 0]);
      assert.deepEqual([cluster.record.phase, cluster.record.good?.digest], ['settled', 'v1']);
      assert.deepEqual(
        cluster.record.rejected.map(({ digest }) => digest),
        acts === 'stuck' ? [] : ['v2'],
      );
    });
  }

  test('until it has been judged without traffic, it gets none', async () => {
    const scene = await Scene.installed();
    scene.order('v2', 'errors');
    await scene.verdict();
    assert.ok(
      !scene.cluster.writes.some(
        ({ path, operations }) => path === AT.service && JSON.stringify(operations).includes('green'),
      ),
    );
  });

  for (const [acts, side] of [
    ['good', 'green'],
    ['late', 'blue'],
  ] as const) {
    test(`Services that follow lead where the workload's own does, after one that acts "${acts}"`, async () => {
      const scene = await Scene.installed();
      const path = scene.cluster.follower('web-outside');
      scene.traffic = { driver: 'service', followers: ['web-outside'] };
      scene.order('v2', acts);
      await scene.verdict();
      assert.deepEqual(scene.cluster.objects.get(path)!['spec'].selector, { ...LABELS, 'platform/side': side });
      assert.equal(scene.cluster.traffic, side);
      const moves = scene.cluster.writes.filter(
        ({ path: of, operations }) => of === path && operations[1]?.op === 'replace',
      );
      assert.equal(moves.length, acts === 'good' ? 1 : 2);
      assert.ok(
        moves.every(({ operations }) => operations[0]!.op === 'test'),
        'not fenced',
      );
    });
  }

  test('a share that a Service cannot give is an error before anything is touched', async () => {
    const scene = await Scene.installed();
    scene.order('v2', 'good', { strategy: 'canary' });
    assert.match(await scene.verdict(), /^error: traffic: this driver cannot give 10 %/);
    assert.deepEqual(scene.cluster.served, ['v1']);
  });

  test('what takes longer than its deadline is an error, and may be tried again', async () => {
    const scene = await Scene.installed();
    scene.order('v2', 'good');
    scene.begun(Date.now() - 60_000);
    assert.match(await scene.verdict(), /^error: deadline: in phase candidate; wanted it done in 20 s/);
    assert.deepEqual([scene.cluster.served, scene.cluster.record.rejected], [['v1'], []]);
  });
});

describe('a rolling release', { concurrency: 4 }, () => {
  test('a good one stays on its side', async () => {
    const scene = await Scene.installed();
    scene.order('v2', 'good', { strategy: 'rolling' });
    assert.equal(await scene.verdict(), 'promoted');
    assert.deepEqual(
      [scene.cluster.traffic, scene.cluster.served, scene.cluster.record.kept],
      ['blue', ['v2'], undefined],
    );
  });

  for (const acts of ['errors', 'crash', 'unready'] as const) {
    test(`one that acts "${acts}" is rolled back to the version before`, async () => {
      const scene = await Scene.installed();
      scene.order('v2', acts, { strategy: 'rolling' });
      assert.match(await scene.verdict(), /^rejected: /);
      assert.deepEqual(
        [scene.cluster.traffic, scene.cluster.served, scene.cluster.replicas('blue')],
        ['blue', ['v1'], 2],
      );
    });
  }
});

describe('a side whose size somebody else changes', { concurrency: 4 }, () => {
  /** Does it once, when the run has got to a phase and the new side has its pods. */
  const once = (scene: Scene, phase: string, act: () => void): void => {
    const timer = setInterval(() => {
      if (scene.cluster.record.phase !== phase || scene.cluster.replicas('green') !== 2) return;
      clearInterval(timer);
      act();
    }, 2);
  };

  test('a candidate without pods never gets traffic: it is an error, and may be tried again', async () => {
    const scene = await Scene.installed();
    const rules = rulesAt(scene.port);
    const short = { ...rules, candidate: 300, analysis: { ...rules.analysis, hold: 200 } };
    scene.order('v2', 'good', { rules: short });
    once(scene, 'candidate', () => scene.cluster.resize('green', 0));
    assert.match(await scene.verdict(), /^error: .*health: inconclusive: no pod is on trial/);
    const { cluster } = scene;
    assert.deepEqual([cluster.served, cluster.record.rejected], [['v1'], []]);
    assert.ok(!JSON.stringify(cluster.writes).includes('"platform/side":"green"}}'), 'it got traffic');
  });

  test('one that loses all its pods while it has a share of the traffic loses that at once, without a hold', async () => {
    const { scene } = await Scene.divided();
    const rules = rulesAt(scene.port);
    const order = {
      strategy: 'canary' as const,
      steps: [
        { weight: 10, window: 4000 },
        { weight: 100, window: 10 },
      ],
    };
    scene.order('v2', 'good', { ...order, rules });
    let gone = 0;
    once(scene, 'step-0', () => {
      gone = Date.now();
      scene.cluster.resize('green', 0);
    });
    assert.match(
      await scene.verdict(),
      /^error: pods: no pod of the new version is ready; wanted at least one for 10 %/,
    );
    assert.ok(Date.now() - gone < 3000, `it took ${Date.now() - gone} ms`);
    assert.deepEqual([scene.cluster.served, scene.cluster.record.rejected], [['v1'], []]);
  });

  test('where an autoscaler decides, the new side has as many pods as the live one has grown to before it gets its traffic', async () => {
    const scene = await Scene.installed();
    scene.order('v2', 'good', { replicas: undefined });
    once(scene, 'candidate', () => scene.cluster.resize('blue', 5));
    assert.equal(await scene.verdict(), 'promoted');
    const { cluster } = scene;
    assert.deepEqual([cluster.replicas('blue'), cluster.replicas('green')], [5, 5]);
    const moved = cluster.writes.findIndex(
      ({ path, operations }) => path === AT.service && operations[1]?.op === 'replace',
    );
    const grown = cluster.writes.findIndex(({ path, operations }) => path === AT.green && operations[1]?.value === 5);
    assert.ok(grown >= 0 && grown < moved, 'traffic came first');
  });
});

test('another number of pods of the same version is no release', async () => {
  const scene = await Scene.installed();
  const { since } = scene.cluster.record.good!;
  scene.order('v1', 'good', { replicas: 3 });
  assert.equal(await scene.verdict(), 'promoted');
  assert.deepEqual([scene.cluster.replicas('blue'), scene.cluster.record.good?.since], [3, since]);
});

test('what was changed by hand is put back by an undo', async () => {
  const scene = await Scene.installed();
  scene.cluster.edit(AT.service, ({ spec }) => (spec.selector['platform/side'] = 'green'));
  scene.cluster.edit(AT.blue, ({ spec }) => (spec.template = templateOf('v1', 'errors')));
  scene.order('v1', 'good', { mode: 'undo' });
  assert.equal(await scene.verdict(), 'undone');
  assert.equal(scene.cluster.traffic, 'blue');
  assert.equal(scene.cluster.objects.get(AT.blue)!.spec.template.spec.acts, 'good');
  assert.deepEqual(scene.cluster.record.rejected, []);
});

test('what was seen stands in the record for a report: stages one after the other, and points of both versions', async () => {
  const scene = await Scene.installed();
  scene.order('v2', 'late');
  await scene.verdict();
  const { stages, points, epoch } = scene.cluster.record.course!;
  assert.deepEqual([epoch, stages.map(({ phase }) => phase)], [2, ['candidate', 'step-0', 'undo']]);
  assert.deepEqual(
    stages.map(({ weight }) => weight),
    [0, 100, 0],
  );
  assert.ok(stages.every(({ from, to }, index) => from <= to && (index === 0 || stages[index - 1]!.to === from)));
  assert.ok(stages[1]!.gates.some(({ verdict }) => verdict === 'fail'));
  assert.deepEqual([...new Set(points.map(({ side }) => side))].toSorted(), ['candidate', 'stable']);
  assert.ok(points.some(({ side, failed }) => side === 'candidate' && failed > 0));
});

describe('a runner that is killed', { concurrency: 1 }, () => {
  /** More than a whole run has. */
  const MOST = 24;
  const AT_ONCE = 10;
  for (const [what, acts, strategy, end] of [
    ['a good release', 'good', 'blueGreen', 'v2'],
    ['one that turns bad with its traffic', 'late', 'blueGreen', 'v1'],
    ['a good rolling release', 'good', 'rolling', 'v2'],
    ['a bad rolling release', 'errors', 'rolling', 'v1'],
  ] as const) {
    for (const taken of [false, true]) {
      test(`${what}, at each write ${taken ? 'that was taken' : 'before it'}: the next one ends it the same`, async () => {
        let kills = 0;
        const one = async (at: number): Promise<void> => {
          const scene = await Scene.installed();
          scene.order('v2', acts, { strategy });
          const dying = new DyingKube(scene.kube, at, taken);
          await Promise.race([scene.look(dying), dying.died]);
          if (dying.isDead) kills++;
          await scene.look();
          const { record, served, traffic } = scene.cluster;
          assert.deepEqual([at, record.phase, served], [at, 'settled', [end]], scene.log.join('\n'));
          assert.equal(traffic, record.good?.side);
          assert.equal(record.outcome?.verdict, end === 'v2' ? 'promoted' : 'rejected');
        };
        const places = Array.from({ length: MOST }, (_, index) => index + 1);
        const next = async (): Promise<void> => {
          for (let at = places.shift(); at !== undefined; at = places.shift()) await one(at);
        };
        await Promise.all(Array.from({ length: AT_ONCE }, next));
        assert.ok(kills > 8 && kills < MOST, `${kills} kills`);
      });
    }
  }
});
