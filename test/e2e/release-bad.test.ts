/**
 * Bad releases on the real engine and the real cluster. Clients do not wait: 100 requests a second, half of them on
 * connections that stay open.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { kubectl } from './support/platform.ts';
import { NAME } from './support/release/program.ts';
import { Trial, wanted } from './support/release/trial.ts';

let trial: Trial;
before(async () => {
  trial = await Trial.begin('bad');
  await trial.up(wanted('v2'));
});
after(() => trial.end());

for (const [what, environment, message] of [
  [
    'that ends at once',
    { CRASH: 'yes' },
    /rejected: start: container app of pod \S+ ended 3 times, last with exit code 3; wanted fewer than 3/,
  ],
  [
    'that never gets ready',
    { READY: 'no' },
    /rejected: readiness: pod \S+: app runs, not ready.*; wanted all pods ready in 20 s/,
  ],
  [
    'of which every fifth answer is an error',
    { ERROR_SHARE: '0.2' },
    /rejected: errors \/health: fail: \d+ of \d+ requests failed.*; wanted at most 5 %/,
  ],
  [
    'that has become slow',
    { LATENCY: '300' },
    /rejected: latency \/health: fail: [\d.]+ ms in the window, stable .*; wanted at most 1\.5 ×/,
  ],
] as const) {
  test(`a release ${what} fails the update with its reading and limit, and nobody was given to it`, async () => {
    // Only who is never ready has to wait for its time to be over.
    const timing = 'READY' in environment ? { ready: '20s' } : {};
    const bad = wanted(`bad-${Object.keys(environment)[0]!.toLowerCase()}`, { environment, timing });
    const [{ output, seconds }, { failed, versions }] = await trial.underLoad(what, () =>
      trial.up(bad, { fails: true }),
    );
    console.log(`    ${what}: ${seconds} s`);
    assert.match(output, message);
    assert.match(output, /Back on \w+ \(deployment\/web-blue\)/);
    assert.deepEqual([failed, Object.keys(versions)], [0, ['v2']]);
    await trial.serves('v2');
  });
}

test('a rejected version stays pending, and is not tried again', async () => {
  const bad = wanted('bad-latency', { environment: { LATENCY: '300' } });
  await trial.want(bad);
  const pending = await trial.pending();
  assert.deepEqual(
    pending.filter((step) => !step.startsWith('delete settings-')),
    ['update web-prepare', 'update web-release'],
  );
  const { epoch } = await trial.record();
  const again = await trial.up(bad, { fails: true });
  assert.match(again.output, /was rejected and is not tried again: .*raise its attempt to 2/);
  assert.equal((await trial.record()).epoch, epoch, 'it was tried again');
  await trial.serves('v2');
});

test('a release that fails only under its users is undone as soon as it has them, and most never notice', async () => {
  const bad = wanted('bad-above', { environment: { ABOVE: '18' } });
  const [{ output }, { failed, bad: time }] = await trial.underLoad('errors above a load', () =>
    trial.up(bad, { fails: true }),
  );
  assert.match(output, /rejected: (health|errors \/health): fail: /);
  console.log(
    `    errors above a load: ${((time?.lasted ?? 0) / 1000).toFixed(2)} s from the first bad answer to the last`,
  );
  assert.ok(failed > 0 && failed < 250, `${failed} requests failed`);
  assert.ok(time!.lasted < 5000, `bad answers for ${time!.lasted} ms`);
  await trial.serves('v2');
});

test('with its attempt raised a rejected version is tried again, and judged again', async () => {
  const { epoch } = await trial.record();
  const { output } = await trial.up(wanted('bad-error_share', { environment: { ERROR_SHARE: '0.2' }, attempt: 2 }), {
    fails: true,
  });
  assert.match(output, /rejected: errors \/health: fail/);
  assert.equal((await trial.record()).epoch, epoch + 1);
});

test('with the old configuration back, the release has nothing to do', async () => {
  await trial.want(wanted('v2'));
  const steps = await trial.pending();
  assert.deepEqual(
    steps.filter((step) => !step.startsWith('delete settings-')),
    [],
  );
  const { epoch } = await trial.record();
  await trial.up(wanted('v2'));
  assert.equal((await trial.record()).epoch, epoch);
  assert.deepEqual(await trial.pending(), []);
});

test('a live version that has turned bad is replaced by a good one, which is measured against nothing, and fails nobody', async () => {
  const { namespace } = trial;
  const selector = `app.kubernetes.io/name=${NAME}`;
  const pods = await kubectl('get', 'pods', '--namespace', namespace, '--selector', selector, '--output=name');
  // Its processes answer 500 from now on.
  for (const pod of pods.trim().split('\n'))
    await kubectl('exec', '--namespace', namespace, pod, '--', 'sh', '-c', 'kill -USR2 1');
  const [, { versions }] = await trial.underLoad('a broken live version', () => trial.up(wanted('v3')));
  assert.deepEqual([versions['v2']!.failed > 0, versions['v3']!.failed], [true, 0]);
  assert.match(
    JSON.stringify(await trial.record()),
    /"latency \/health","verdict":"skipped"|latency \/health[^}]*skipped/,
  );
  await trial.serves('v3', false);
});
