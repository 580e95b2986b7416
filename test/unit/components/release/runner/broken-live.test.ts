/** A live version that is broken can be left: by a release, and by going back. What cannot be compared with is said. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { RULES } from '../../../../../components/release/runner/analysis.ts';
import type { Order, Rules } from '../../../../../components/release/runner/record.ts';
import type { Acts } from '../support/cluster.ts';
import { closeAll, rulesAt, Scene } from '../support/scene.ts';

after(closeAll);

/** With latencies compared, and patience where many run at once. */
const comparing = (port: number): Rules => {
  const rules = rulesAt(port);
  const latency = { ...RULES.latency!, tolerance: 1000, minimum: 10 };
  const errors = { ...rules.analysis.errors, fewest: 3 };
  const analysis = { ...rules.analysis, errors, latency, hold: 6000 };
  return { ...rules, ready: 1500, probe: { ...rules.probe, timeout: 8000 }, analysis };
};

const STEPS = {
  blueGreen: [{ weight: 100, window: 60 }],
  canary: [
    { weight: 10, window: 60 },
    { weight: 100, window: 60 },
  ],
  rolling: [],
} as const;

/** With `v2` live on blue, and an edge where shares are wanted. */
async function live(acts: Acts, strategy: keyof typeof STEPS): Promise<Scene> {
  return strategy === 'canary' ? (await Scene.divided(2, 'v2', acts)).scene : Scene.installed('v2', acts);
}

const LEAVES = { leaves: { digest: 'v2', attempt: 1, reasons: ['rolled back by me'] } };

/** What latency said in each phase in which anything was judged. */
const latencies = ({ cluster }: Scene): string[] =>
  Object.entries(cluster.record.outcome!.evidence).map(([phase, gates]) => {
    const found = gates.find(({ gate }) => gate === 'latency /health');
    return `${phase} ${found?.verdict ?? 'none'}: ${found?.reading ?? ''}`;
  });

for (const strategy of ['blueGreen', 'canary', 'rolling'] as const) {
  describe(`a live version that is broken, ${strategy}`, { concurrency: 4 }, () => {
    const ordered = async (acts: Acts, next: Acts, over: Partial<Order> = {}): Promise<[Scene, string]> => {
      const scene = await live(acts, strategy);
      scene.order('v3', next, { strategy, steps: STEPS[strategy], rules: comparing(scene.port), ...over });
      return [scene, await scene.verdict()];
    };

    for (const acts of ['errors', 'crash'] as const) {
      test(`"${acts}": a good release takes its place, and every judged phase says why latency is not compared`, async () => {
        const [scene, verdict] = await ordered(acts, 'good');
        assert.equal(verdict, 'promoted');
        assert.deepEqual([scene.cluster.served, scene.cluster.record.good?.digest], [['v3'], 'v3']);
        const said = latencies(scene);
        assert.ok(said.length >= (strategy === 'rolling' ? 1 : 3), said.join('\n'));
        for (const one of said) assert.match(one, /skipped: not compared: stable (is broken|has no ready pod)/);
        if (strategy === 'rolling') assert.match(scene.log.join('\n'), /^latency is not compared: stable /m);
      });

      test(`"${acts}": going back to a version whose side has gone to rest compares with nothing, and the one that is left is rejected`, async () => {
        const [scene, verdict] = await ordered(acts, 'good', LEAVES);
        assert.equal(verdict, 'promoted');
        assert.deepEqual(scene.cluster.served, ['v3']);
        assert.deepEqual(
          scene.cluster.record.rejected.map(({ digest }) => digest),
          ['v2'],
        );
        for (const one of latencies(scene)) assert.match(one, /skipped: not compared: the stable version is left on/);
      });

      test(`"${acts}": a bad release is still found bad, and undone to what was ordered before it`, async () => {
        const [scene, verdict] = await ordered(acts, 'errors');
        assert.match(verdict, /^rejected: .*(health|errors \/health): fail/);
        const { cluster } = scene;
        assert.deepEqual([cluster.traffic, cluster.replicas('blue'), cluster.replicas('green')], ['blue', 2, 0]);
        assert.equal(cluster.record.good?.digest, 'v2');
      });
    }

    test('what leaves a healthy version compares with nothing either', async () => {
      const [scene, verdict] = await ordered('good', 'good', LEAVES);
      assert.equal(verdict, 'promoted');
      for (const one of latencies(scene)) assert.match(one, /skipped: not compared: the stable version is left on/);
    });

    test('a healthy live version is compared with', async () => {
      const [scene, verdict] = await ordered('good', 'good');
      assert.equal(verdict, 'promoted');
      const said = latencies(scene);
      assert.ok(said.length > 0);
      // In the soak of a change of sides the old side still stands, in that of a rolling one what was measured before.
      for (const one of said) assert.match(one, / pass: .* stable /);
    });
  });
}
