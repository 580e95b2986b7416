/**
 * Releases whose engine, or whose runner, is killed on the way. Clients do not wait: 100 requests a second, half of them on
 * connections that stay open.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Wanted } from './support/release/program.ts';
import { Trial, wanted } from './support/release/trial.ts';
import { until } from './support/until.ts';

let trial: Trial;
before(async () => {
  trial = await Trial.begin('kills');
  await trial.up(wanted('v3'));
});
after(() => trial.end());

/** Kills the engine when the run is in that phase. The command ends without a word. */
async function killedIn(phase: string, next: Wanted): Promise<void> {
  const running = trial.up(next).then(
    () => assert.fail('the engine was to be killed'),
    () => undefined,
  );
  await trial.reaches(phase);
  process.kill(trial.engineProcess(), 'SIGKILL');
  await running;
  await trial.stack.pulumi(['cancel', '--yes']);
}

test('the engine is killed while the new side starts: one more up ends what it had begun', async () => {
  const [seconds, { failed }] = await trial.underLoad('engine killed in candidate', async () => {
    await killedIn('candidate', wanted('v4'));
    return (await trial.up(wanted('v4'))).seconds;
  });
  console.log(`    the next up: ${seconds} s`);
  assert.equal(failed, 0);
  await trial.serves('v4', false);
  assert.deepEqual(await trial.pending(), []);
  assert.equal((await trial.stack.outputs())['side'], (await trial.record()).good?.side);
});

test('the engine is killed with the traffic on the new side, and the runner’s pod too: left alone, the release ends well', async () => {
  const [, { failed }] = await trial.underLoad('engine and runner killed in soak', async () => {
    await killedIn('soak', wanted('v5'));
    await trial.deleteRunner();
    await until('the run is settled', async () => (await trial.record()).phase === 'settled');
  });
  assert.equal(failed, 0);
  await trial.serves('v5', false);
});

test('… and the next preview says that the state does not know of it yet', async () => {
  await trial.want(wanted('v5'));
  assert.ok((await trial.pending()).includes('update web-release'));
});

test('… and one up with the old configuration goes back', async () => {
  const [{ seconds }, { failed }] = await trial.underLoad('back to the version before', () => trial.up(wanted('v4')));
  console.log(`    back to the version before: ${seconds} s`);
  assert.equal(failed, 0);
  await trial.serves('v4', false);
  assert.deepEqual(await trial.pending(), []);
});

test('the engine is killed under a bad release: the runner undoes it by itself, and it is not tried again', async () => {
  const bad = wanted('v6', { environment: { ERROR_SHARE: '0.3' } });
  const [, { failed, versions }] = await trial.underLoad('engine killed under a bad one', async () => {
    await killedIn('candidate', bad);
    await until('the run is settled', async () => (await trial.record()).phase === 'settled');
  });
  assert.deepEqual([failed, versions['v6']], [0, undefined]);
  assert.match((await trial.up(bad, { fails: true })).output, /was rejected and is not tried again/);
  await trial.serves('v4');
});

for (const [phase, how, kill] of [
  ['candidate', 'process is killed', () => trial.killRunner()],
  ['soak', 'pod is deleted', () => trial.deleteRunner()],
] as const) {
  test(`the runner's ${how} in phase ${phase}: the same up ends well`, async () => {
    const version = `after-${phase}`;
    const [{ seconds }, { failed }] = await trial.underLoad(`runner's ${how}`, async () => {
      const running = trial.up(wanted(version));
      await trial.reaches(phase);
      await kill();
      return running;
    });
    console.log(`    runner's ${how}: ${seconds} s`);
    assert.equal(failed, 0);
    await trial.serves(version, false);
    assert.match((await trial.record()).token, /\.[2-9]$/);
  });
}
