/** What runs beside the engine: what it finds, what it orders, what it refuses. A runner is at work in the same process. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { asLeft } from '../../../../components/release/as-left.ts';
import { digestOf, refusal } from '../../../../components/release/host.ts';
import { rest } from '../../../../components/release/prepare-run.ts';
import { released } from '../../../../components/release/release-run.ts';
import { rejectedWith, type Rejection } from '../../../../components/release/runner/record.ts';
import { AT, soon } from './support/cluster.ts';
import { inputsOf as inputs, wayOf as way, withRunner } from './support/host.ts';
import { closeAll, rulesAt, Scene } from './support/scene.ts';

after(closeAll);

test('a good release is told as it goes, and its evidence kept', async () => {
  const scene = await Scene.installed();
  const told: string[] = [];
  const wanted = inputs(scene, 'v2', 'good');
  const { side, epoch, evidence } = await withRunner(scene, () => released(way(scene, told), wanted));
  assert.deepEqual([side, epoch], ['green', 2]);
  assert.ok(evidence['candidate']?.every(({ verdict }) => verdict === 'pass'));
  assert.ok(evidence['soak']?.some(({ gate }) => gate === 'health'));
  assert.ok(
    told.some((line) => line.startsWith('candidate, 0 % of the traffic; ')),
    told.join('\n'),
  );
});

test('what is live already is not ordered again', async () => {
  const scene = await Scene.installed();
  assert.equal((await released(way(scene), inputs(scene, 'v1', 'good'))).side, 'blue');
  assert.equal(scene.cluster.record.epoch, 1);
});

test('what is live keeps its own evidence, whatever was tried after it', async () => {
  const scene = await Scene.installed();
  const good = inputs(scene, 'v2', 'good');
  const before = await withRunner(scene, () => released(way(scene), good));
  await withRunner(scene, () => assert.rejects(released(way(scene), inputs(scene, 'v3', 'errors'))));
  assert.deepEqual(await released(way(scene), good), before);
  assert.equal(scene.cluster.record.outcome?.verdict, 'rejected');
});

test('a bad release fails plainly: its reasons, what is live again, and no id that would keep its inputs', async () => {
  const scene = await Scene.installed();
  const thrown: unknown = await withRunner(scene, () =>
    released(way(scene), inputs(scene, 'v2', 'crash')).catch((error: unknown) => error),
  );
  assert.match(
    String(thrown),
    /web: release v2 rejected: start: .*wanted fewer than 3\. Back on v1 \(deployment\/web-blue\)\.$/,
  );
  assert.ok(!('id' in (thrown as object)));
});

test('a rejected version is refused with its reasons, by both, until its attempt is raised', async () => {
  const scene = await Scene.installed();
  const bad = inputs(scene, 'v2', 'crash');
  await withRunner(scene, () => assert.rejects(released(way(scene), bad)));
  for (const act of [rest, released]) {
    await assert.rejects(
      act(way(scene), bad),
      /release v2 was rejected and is not tried again: start: .*raise its attempt to 2/,
    );
  }
  assert.equal(scene.cluster.record.epoch, 2);
  assert.equal(await rest(way(scene), { ...bad, attempt: 2 }), 'at rest');
});

test('a rejected run whose engine died gets its report from the next one, by both parts, though the version is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'platform-reports-'));
  try {
    for (const [act, stack] of [
      [rest, 'prepare'],
      [released, 'release'],
    ] as const) {
      const scene = await Scene.installed();
      scene.order('v2', 'crash');
      await scene.verdict();
      const wanted = inputs(scene, 'v2', 'crash', { reports: { folder, stack } });
      await assert.rejects(act(way(scene), wanted), /was rejected and is not tried again/);
      assert.match(readFileSync(join(folder, stack, 'web-2.md'), 'utf8'), /^# web in \w+: rejected\n/);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what could not be told is an error, and is tried again without more ado', async () => {
  const scene = await Scene.installed();
  const stuck = inputs(scene, 'v2', 'stuck');
  await withRunner(scene, () => assert.rejects(released(way(scene), stuck), /v2 error: .*run up again to try it anew/));
  assert.equal(refusal(scene.cluster.record, stuck), undefined);
});

test('a run of the very release is waited for, and its result adopted', async () => {
  const scene = await Scene.installed();
  scene.order('v2', 'good');
  const wanted = inputs(scene, 'v2', 'good');
  assert.match(
    await withRunner(scene, () => rest(way(scene), wanted)),
    /a run of this very release \(epoch 2\), waited for: promoted/,
  );
  assert.equal((await released(way(scene), wanted)).epoch, 2);
});

test('a run of another release that nobody waits for is undone', async () => {
  const scene = await Scene.installed();
  scene.order('v2', 'good', { rules: { ...rulesAt(scene.port), candidate: 5000 } });
  const found = withRunner(scene, async () => {
    await soon(() => scene.cluster.record.phase === 'candidate');
    return rest(way(scene), inputs(scene, 'v1', 'good'));
  });
  assert.match(await found, /an unfinished run of v2 \(phase candidate\), undone/);
  assert.deepEqual([scene.cluster.served, scene.cluster.record.phase], [['v1'], 'settled']);
});

test('a run of another release that an engine waits for is left alone, and the second engine refused', async () => {
  const scene = await Scene.installed();
  const slow = inputs(scene, 'v2', 'good', { rules: { ...rulesAt(scene.port), candidate: 4500 } });
  const told: string[] = [];
  await withRunner(scene, async () => {
    const first = released(way(scene, told), slow);
    await soon(() => scene.cluster.record.follower !== undefined);
    const second = rest({ ...way(scene), others: 2600 }, inputs(scene, 'v3', 'good'));
    await assert.rejects(second, /another engine is at work on release v2 \(phase \w+\); wait until it has ended/);
    assert.equal((await first).side, 'green');
    assert.match(told.join('\n'), /^candidate, 0 % of the traffic; 2 gates pass; \d s left, \d s in all$/m);
  });
});

test('of two engines that order at the same moment one loses', async () => {
  const scene = await Scene.installed();
  const both = ['v2', 'v3'].map((digest) => released(way(scene), inputs(scene, digest, 'good')));
  const ends = await withRunner(scene, () => Promise.allSettled(both));
  const lost = ends.filter(({ status }) => status === 'rejected');
  assert.equal(lost.length, 1);
  assert.match(
    String((lost[0] as PromiseRejectedResult).reason),
    /another engine has given an order|another order took the place/,
  );
});

test('where no runner is at work, the wait ends and says where to look', async () => {
  const scene = await Scene.installed();
  await assert.rejects(
    released({ ...way(scene), still: 500 }, inputs(scene, 'v2', 'good')),
    /nothing has happened for 0.5 s in phase ordered; wanted a runner at work.*describe deployment web-runner/,
  );
});

test('an engine that orders while another one is between its two parts is not run over', async () => {
  const scene = await Scene.installed();
  const slow = { rules: { ...rulesAt(scene.port), candidate: 400 } };
  await withRunner(scene, async () => {
    assert.equal(await rest(way(scene), inputs(scene, 'v3', 'good')), 'at rest');
    const first = released(way(scene), inputs(scene, 'v2', 'good', slow));
    await soon(() => scene.cluster.record.phase === 'candidate');
    const second = released(way(scene), inputs(scene, 'v3', 'good'));
    await assert.rejects(
      second,
      /another engine has begun release v2 meanwhile \(phase candidate\); wait until it has/,
    );
    assert.equal((await first).side, 'green');
  });
});

test('of two engines that want the same release both end with it', async () => {
  const scene = await Scene.installed();
  const wanted = inputs(scene, 'v2', 'good', { rules: { ...rulesAt(scene.port), candidate: 400 } });
  const [first, second] = await withRunner(scene, async () => {
    const one = released(way(scene), wanted);
    await soon(() => scene.cluster.record.phase === 'candidate');
    return Promise.all([one, released(way(scene), wanted)]);
  });
  assert.deepEqual(second, first);
  assert.equal(scene.cluster.record.epoch, 2);
});

test('what is live is not refused, whatever stands against it', async () => {
  const scene = await Scene.installed();
  scene.cluster.edit(AT.record, ({ data }) => {
    data.rejected = JSON.stringify([{ digest: 'v1', attempt: 1, reasons: ['once'] }]);
  });
  assert.equal(await rest(way(scene), inputs(scene, 'v1', 'good')), 'at rest');
  assert.equal((await released(way(scene), inputs(scene, 'v1', 'good'))).side, 'blue');
});

test('traffic or a template that was changed by hand is put back', async () => {
  for (const change of [
    (scene: Scene) => scene.cluster.edit(AT.service, ({ spec }) => (spec.selector['platform/side'] = 'green')),
    (scene: Scene) => scene.cluster.edit(AT.blue, ({ spec }) => (spec.template.spec.acts = 'errors')),
  ]) {
    const scene = await Scene.installed();
    const wanted = inputs(scene, 'v1', 'good');
    assert.equal(await rest(way(scene), wanted), 'at rest');
    change(scene);
    assert.equal(await withRunner(scene, () => rest(way(scene), wanted)), 'changed by hand, put back');
    assert.equal(await rest(way(scene), wanted), 'at rest');
  }
});

test('a Service that follows and was moved by hand, or that has only just come, is put right', async () => {
  const scene = await Scene.installed();
  scene.order('v2', 'good');
  await scene.verdict();
  const traffic = { driver: 'service', followers: ['web-outside'] } as const;
  const wanted = inputs(scene, 'v2', 'good', { traffic });
  assert.equal(
    await asLeft(way(scene), scene.cluster.record.good!, { name: 'web', traffic }),
    false,
    'it is not there yet',
  );
  const path = scene.cluster.follower('web-outside');
  scene.traffic = traffic;
  assert.equal(await withRunner(scene, () => rest(way(scene), wanted)), 'changed by hand, put back');
  assert.equal(scene.cluster.objects.get(path)!['spec'].selector['platform/side'], 'green');
  assert.equal(await rest(way(scene), wanted), 'at rest');
});

test('a split that was changed by hand, or has only just come to a workload on green, is put right', async () => {
  const { scene, edge } = await Scene.divided();
  const { traffic } = scene;
  const wanted = inputs(scene, 'v1', 'good', { traffic });
  assert.equal(await rest(way(scene), wanted), 'at rest');
  scene.cluster.edit(AT.split, ({ data }) => (data['7'] = 'green'));
  assert.equal(await withRunner(scene, () => rest(way(scene), wanted)), 'changed by hand, put back');
  assert.deepEqual([scene.cluster.objects.get(AT.split)!['data'], edge.greens], [{}, [0, 0]]);
  scene.cluster.objects.delete(AT.split);
  assert.equal(await asLeft(way(scene), scene.cluster.record.good!, wanted), false);
});

test('rejections are remembered up to twenty, the latest of each version', () => {
  const one = (digest: string, attempt = 1): Rejection => ({ digest, attempt, reasons: [] });
  let rejected: readonly Rejection[] = [];
  for (let i = 0; i < 25; i++) rejected = rejectedWith(rejected, one(`v${i}`));
  rejected = rejectedWith(rejected, one('v10', 2));
  assert.equal(rejected.length, 20);
  assert.deepEqual(rejected.at(-1), one('v10', 2));
  assert.deepEqual(rejected[0], one('v5'));
});

test('a version is known by the digest on its template', async () => {
  const scene = await Scene.installed();
  assert.equal(digestOf(inputs(scene, 'v7', 'good')), 'v7');
});
