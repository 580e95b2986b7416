/** What a run counts from, and what it says of its time. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { told } from '../../../../../components/release/report/index.ts';
import type { ReleaseRecord } from '../../../../../components/release/runner/record.ts';
import { closeAll, rulesAt, Scene } from '../support/scene.ts';

after(closeAll);

describe('an engine whose clock goes otherwise', { concurrency: 4 }, () => {
  for (const [words, off] of [
    ['ten minutes behind', -600_000],
    ['ten minutes ahead', 600_000],
  ] as const) {
    test(`${words}: a good release has all of its time, and takes as long as it took`, async () => {
      const scene = await Scene.installed();
      scene.order('v2', 'good', { startedAt: Date.now() + off });
      assert.equal(await scene.verdict(), 'promoted');
      const { seconds } = scene.cluster.record.outcome!;
      assert.ok(seconds >= 0 && seconds < 60, `${seconds} s`);
    });

    test(`${words}: the deadline ends one that takes too long`, async () => {
      const scene = await Scene.installed();
      const rules = { ...rulesAt(scene.port), deadline: 300, candidate: 60_000 };
      scene.order('v2', 'good', { startedAt: Date.now() + off, rules });
      const began = Date.now();
      assert.match(await scene.verdict(), /^error: deadline: in phase candidate; wanted it done in 0\.3 s/);
      assert.ok(Date.now() - began >= 300);
    });
  }

  test('whoever takes over counts from the beginning of the first', async () => {
    const scene = await Scene.installed();
    scene.order('v2', 'good', { startedAt: Date.now() + 600_000 });
    scene.begun(Date.now() - 60_000);
    assert.match(await scene.verdict(), /^error: deadline: /);
    assert.ok(scene.cluster.record.outcome!.seconds >= 60);
  });
});

test('who follows is told apart whether a window goes on or is held, and until when', async () => {
  const scene = await Scene.installed();
  const rules = rulesAt(scene.port);
  const errors = { ...rules.analysis.errors, minimum: 100_000, recent: 100_000 };
  scene.order('v2', 'good', {
    rules: { ...rules, candidate: 500, analysis: { ...rules.analysis, hold: 3000, errors } },
  });
  const seen: ReleaseRecord[] = [];
  const timer = setInterval(() => {
    const { record } = scene.cluster;
    if (record.progress?.held !== undefined) seen.push(record);
  }, 20);
  assert.match(await scene.verdict(), /^error: errors \/health: inconclusive/);
  clearInterval(timer);
  const held = seen[0];
  assert.ok(held, 'nobody was told');
  const { progress } = held;
  assert.ok(progress!.held! > 0 && progress!.held! < 3000 && progress!.until! > progress!.at);
  assert.match(told(held), /; held for \d s, fails in \d s$/);
});
