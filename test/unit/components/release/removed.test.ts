/** An object of a workload is removed by hand: who waits learns it, and an update that makes it anew has all as it was. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { differs, rest } from '../../../../components/release/prepare-run.ts';
import { differs as releaseDiffers, released } from '../../../../components/release/release-run.ts';
import type { Rules } from '../../../../components/release/runner/record.ts';
import { AT, soon } from './support/cluster.ts';
import { inputsOf, kubeconfigOf, wayOf, withRunner } from './support/host.ts';
import { closeAll, rulesAt, Scene } from './support/scene.ts';

after(closeAll);

/** Where nothing ended a wait before, the test does. */
const bounded = { timeout: 60_000 };

const OBJECTS = [
  ['services/web', AT.service],
  ['deployments/web-blue', AT.blue],
  ['deployments/web-green', AT.green],
] as const;

for (const [called, path] of OBJECTS) {
  test(
    `at rest, ${called} that was removed ends both parts with one error that says what to run`,
    bounded,
    async () => {
      const scene = await Scene.installed();
      scene.cluster.remove(path);
      for (const [digest, act] of [
        ['v1', rest],
        ['v1', released],
        ['v2', rest],
        ['v2', released],
      ] as const) {
        const ended = withRunner<unknown>(scene, () => act(wayOf(scene), inputsOf(scene, digest, 'good')));
        await assert.rejects(ended, (thrown: Error) => {
          assert.match(
            thrown.message,
            new RegExp(`^web: ${called} is missing: removed by hand, .*pulumi up --refresh `),
          );
          return true;
        });
      }
      assert.equal(scene.cluster.record.epoch, 1, 'an order was given');
    },
  );
}

// Without its live side users have nobody to answer them, and a version on trial is judged by what they get.
for (const [called, path] of OBJECTS.filter(([, path]) => path !== AT.blue)) {
  test(
    `${called} that is removed during a run ends the wait; made anew, the run goes on and ends`,
    bounded,
    async () => {
      const scene = await Scene.installed();
      const rules = { ...rulesAt(scene.port), candidate: 400 };
      const wanted = inputsOf(scene, 'v2', 'good', { rules });
      await withRunner(scene, async () => {
        const first = assert.rejects(
          released(wayOf(scene), wanted),
          new RegExp(`${called} is missing.*pulumi up --refresh`),
        );
        await soon(() => scene.cluster.record.phase === 'candidate');
        scene.cluster.remove(path);
        // Whoever goes on in vain is the next process: this one may not need the object before its last step.
        scene.cluster.edit(AT.record, ({ data }) => (data.token = '2.99'));
        await first;
        assert.equal(scene.cluster.record.progress?.missing, path);
        assert.equal(scene.cluster.record.progress?.says, `${called} is missing`);
        await assert.rejects(rest(wayOf(scene), wanted), new RegExp(`${called} is missing`));
        scene.cluster.make(path);
        assert.match(await rest(wayOf(scene), wanted), /a run of this very release \(epoch 2\), waited for: /);
        assert.equal((await released(wayOf(scene), wanted)).verdict, 'promoted');
      });
      assert.deepEqual(scene.cluster.served, ['v2']);
    },
  );
}

test(
  'objects that an update makes anew are brought back to what was live, also where an autoscaler says how many',
  bounded,
  async () => {
    for (const more of [{ replicas: 2 }, {}]) {
      for (const path of [AT.service, AT.green, AT.blue]) {
        const scene = await Scene.installed();
        const { replicas, ...asked } = inputsOf(scene, 'v2', 'good');
        await withRunner(scene, () => released(wayOf(scene), { ...asked, ...(replicas && { replicas }) }));
        scene.cluster.remove(path);
        scene.cluster.make(path);
        const wanted = { ...asked, ...more };
        await withRunner(scene, async () => {
          await rest(wayOf(scene), wanted);
          assert.equal((await released(wayOf(scene), wanted)).side, 'green');
          await soon(() => scene.cluster.served.length > 0);
        });
        assert.deepEqual([scene.cluster.served, scene.cluster.traffic], [['v2'], 'green'], path);
        assert.ok(scene.cluster.replicas('green') >= 1, path);
      }
    }
  },
);

test(
  'an order whose runner takes it over again and again without getting anywhere is not waited for',
  bounded,
  async () => {
    const scene = await Scene.installed();
    let run = 0;
    const takes = setInterval(() => scene.cluster.edit(AT.record, ({ data }) => (data.token = `2.${++run}`)), 20);
    try {
      const wait = released({ ...wayOf(scene), still: 400 }, inputsOf(scene, 'v2', 'good'));
      await assert.rejects(wait, /nothing has happened for 0\.4 s in phase ordered/);
    } finally {
      clearInterval(takes);
    }
  },
);

test('an order is waited for as long as its deadline and its undoing, however lively its runner', bounded, async () => {
  const scene = await Scene.installed();
  const rules: Rules = { ...rulesAt(scene.port), deadline: 300, ready: 100 };
  let at = 0;
  const lively = setInterval(() => {
    const progress = { at: ++at, phase: 'ordered', weight: 0, says: 'still at it' };
    scene.cluster.edit(AT.record, ({ data }) => (data.progress = JSON.stringify(progress)));
  }, 20);
  try {
    const began = Date.now();
    const wait = released(wayOf(scene), inputsOf(scene, 'v2', 'good', { rules }));
    await assert.rejects(
      wait,
      /web: not ended in 0\.6 s, which is its deadline and three times ready; .* phase ordered/,
    );
    assert.ok(Date.now() - began >= 600);
  } finally {
    clearInterval(lively);
  }
});

test('what is said to be missing and is there again is waited for', bounded, async () => {
  const scene = await Scene.installed();
  const missing = { at: 1, phase: 'ordered', weight: 0, says: 'services/web is missing', missing: AT.service };
  const wait = released(wayOf(scene), inputsOf(scene, 'v2', 'good'));
  await soon(() => scene.cluster.record.phase === 'ordered');
  scene.cluster.edit(AT.record, ({ data }) => (data.progress = JSON.stringify(missing)));
  await sleep(100);
  assert.equal((await withRunner(scene, () => wait)).side, 'green');
});

test('a plan tells what was removed and what to run, and shows both parts as pending', async (context) => {
  const said = context.mock.method(console, 'error', () => undefined);
  const scene = await Scene.installed();
  const before = process.env['KUBECONFIG'];
  const folder = mkdtempSync(join(tmpdir(), 'platform-removed-'));
  context.after(() => rmSync(folder, { recursive: true }));
  process.env['KUBECONFIG'] = await kubeconfigOf(scene, folder);
  try {
    scene.cluster.installed('f'.repeat(64));
    const wanted = inputsOf(scene, 'f'.repeat(64), 'good');
    const { since } = scene.cluster.record.good!;
    assert.deepEqual(
      [await differs({}, wanted, false), await releaseDiffers({ since }, wanted, false)],
      [false, false],
    );
    scene.cluster.remove(AT.service);
    assert.deepEqual([await differs({}, wanted, false), await releaseDiffers({ since }, wanted, false)], [true, true]);
    assert.match(
      said.mock.calls.map(({ arguments: [line] }) => String(line)).join('\n'),
      /web: not there: services\/web\. .*pulumi up --refresh/,
    );
  } finally {
    if (before === undefined) delete process.env['KUBECONFIG'];
    else process.env['KUBECONFIG'] = before;
  }
});
