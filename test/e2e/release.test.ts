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
  assert.deepEqual(await trial.pending(), []);
  await trial.stack.refresh();
  await trial.up(wanted('v2', { label: 'two' }));
  assert.deepEqual(await trial.objects(), before);
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
