/**
 * Releases on the real engine and the real cluster, with clients that do not wait: 100 requests a second, half of them on
 * connections that stay open. Failed requests are counted, and the figures printed.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AppsV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { platform } from './support/platform.ts';
import { NAME } from './support/release/program.ts';
import { Trial, wanted } from './support/release/trial.ts';
import { until } from './support/until.ts';

let trial: Trial;
before(async () => (trial = await Trial.begin('trial')));
after(() => trial.end());

test('a first install goes live, and after it there is nothing to do', async () => {
  const { seconds } = await trial.up(wanted('v1'));
  console.log(`    first install: ${seconds} s`);
  await trial.serves('v1');
  assert.deepEqual(await trial.pending(), []);
});

test('a good release changes sides, and no request fails', async () => {
  const [{ seconds }, { sent, failed }] = await trial.underLoad('good blueGreen', () => trial.up(wanted('v2')));
  console.log(`    good blueGreen: ${seconds} s`);
  assert.ok(sent > 1000, `only ${sent} requests`);
  assert.equal(failed, 0);
  assert.equal((await trial.seen()).traffic, 'green');
  await trial.serves('v2', false);
  assert.equal((await trial.record()).kept?.side, 'blue');
});

test('the side that was replaced goes to rest when its time is over, and no request fails', async () => {
  const [, { failed }] = await trial.underLoad('rest', () =>
    until('the other side has no pods', async () => Object.keys((await trial.seen()).pods).length === 1, 80_000),
  );
  assert.equal(failed, 0);
  await trial.serves('v2');
});

test('a label on the Service and both sides is no release, also after a refresh: neither traffic nor pods are touched', async () => {
  const before = await trial.objects();
  await trial.want(wanted('v2', { label: 'one' }));
  assert.deepEqual(
    (await trial.pending()).filter((step) => /prepare|-release$|create|delete|replace/.test(step)),
    [],
  );
  await trial.up(wanted('v2', { label: 'one' }));
  assert.deepEqual(await trial.objects(), before);
  await trial.stack.refresh();
  await trial.up(wanted('v2', { label: 'two' }));
  assert.deepEqual(await trial.objects(), before);
  assert.deepEqual(await trial.pending(), []);
});

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
    const bad = wanted(`bad-${Object.keys(environment)[0]!.toLowerCase()}`, { environment });
    const [{ output, seconds }, { failed, versions }] = await trial.underLoad(what, () =>
      trial.up(bad, { fails: true }),
    );
    console.log(`    ${what}: ${seconds} s`);
    assert.match(output, message);
    assert.match(output, /Back on \w+ \(deployment\/web-green\)/);
    assert.deepEqual([failed, Object.keys(versions)], [0, ['v2']]);
    await trial.serves('v2');

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
}

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

test('a rolling release stays on its side, and no request fails', async () => {
  const [{ seconds }, { failed }] = await trial.underLoad('good rolling', () =>
    trial.up(wanted('v3', { strategy: 'rolling' })),
  );
  console.log(`    good rolling: ${seconds} s`);
  assert.equal(failed, 0);
  assert.equal((await trial.seen()).traffic, 'green');
  await trial.serves('v3');
});

test('what was changed by hand is seen by the preview, and put back by the next up', async () => {
  const config = new KubeConfig();
  config.loadFromFile(platform.kubeconfig);
  const { namespace } = trial;
  const core = config.makeApiClient(CoreV1Api);
  const replace = [{ op: 'replace', path: '/spec/selector/platform~1side', value: 'blue' }];
  await core.patchNamespacedService({ namespace, name: NAME, body: replace });
  assert.deepEqual(await trial.pending(), ['update web-prepare']);
  await trial.up(wanted('v3'));
  await trial.serves('v3');
  assert.deepEqual(await trial.pending(), []);
  const { spec } = await config.makeApiClient(AppsV1Api).readNamespacedDeployment({ namespace, name: 'web-green' });
  assert.equal(spec!.replicas, 2);
});
