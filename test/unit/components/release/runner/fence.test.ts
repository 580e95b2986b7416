/** Who may write, when two runners are at work at once. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Fenced } from '../../../../../components/release/runner/fence.ts';
import { TOKEN } from '../../../../../components/release/runner/record.ts';
import { patient } from '../../../../e2e/support/until.ts';
import { AT, soon } from '../support/cluster.ts';
import { closeAll, rulesAt, Scene } from '../support/scene.ts';

after(closeAll);

// With a bound of its own: runners that both went on would never end.
test(
  'of two runners of one order the later goes on, and the earlier writes nothing more',
  { timeout: patient(20_000) },
  async () => {
    const scene = await Scene.installed();
    scene.order('v2', 'good', { rules: { ...rulesAt(scene.port), candidate: 500 } });
    const first = scene.look();
    const lost = assert.rejects(first, (thrown) => thrown instanceof Fenced);
    await soon(() => scene.cluster.record.phase === 'candidate');
    assert.equal(await scene.verdict(), 'promoted');
    await lost;
    assert.equal(scene.cluster.record.token, '2.2');
  },
);

test('a newer order stops the run of an older one, wherever it is', async () => {
  const scene = await Scene.installed();
  scene.order('v2', 'good', { rules: { ...rulesAt(scene.port), candidate: 3000 } });
  const older = assert.rejects(scene.look(), (thrown) => thrown instanceof Fenced);
  await soon(() => scene.cluster.record.phase === 'candidate');
  scene.order('v1', 'good', { mode: 'undo' });
  await older;
  assert.equal(await scene.verdict(), 'undone');
  assert.deepEqual([scene.cluster.served, scene.cluster.replicas('green')], [['v1'], 0]);
});

test('an object that a later run holds is not taken from it', async () => {
  const scene = await Scene.installed();
  scene.order('v2', 'good');
  scene.cluster.edit(AT.service, ({ metadata }) => (metadata.annotations[TOKEN] = '99.1'));
  const writes = scene.cluster.writes.length;
  await assert.rejects(scene.look(), /services\/web is held by 99\.1, this run is 2\.1/);
  assert.ok(scene.cluster.writes.slice(writes).every(({ path }) => path === AT.record));
});
