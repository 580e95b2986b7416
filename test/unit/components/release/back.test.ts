/** Going back on demand: what is meant, what is refused, and what the order does. A runner is at work in the same process. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { sendBack, standing, target } from '../../../../components/release/back.ts';
import { give } from '../../../../components/release/orders.ts';
import { rest } from '../../../../components/release/prepare-run.ts';
import { released } from '../../../../components/release/release-run.ts';
import { releaseIn } from '../../../../components/release/stored.ts';
import { historyWith, versionOf } from '../../../../components/release/runner/history.ts';
import type { Outcome, Past, ReleaseRecord } from '../../../../components/release/runner/record.ts';
import { LIVE, soon, templateOf } from './support/cluster.ts';
import { inputsOf, wayOf, withRunner } from './support/host.ts';
import { closeAll, Scene } from './support/scene.ts';

after(closeAll);

const past = (digest: string, version?: string, attempt = 1): Past => ({
  ...{ digest, since: '2026-01-01T00:00:00.000Z', epoch: 1, attempt, ...(version !== undefined && { version }) },
});
const goodOf = (digest: string) => ({ digest, template: templateOf(digest, 'good'), side: 'blue' as const, ...LIVE });
const record = (over: Partial<ReleaseRecord> = {}): ReleaseRecord => ({
  ...{ epoch: 3, token: '3.1', phase: 'settled', good: goodOf('ccc'), rejected: [] },
  history: [past('aaa', '1.0.0'), past('abb', '2.0.0'), past('ccc', '3.0.0')],
  ...over,
});
const REJECTED = { digest: 'abb', attempt: 1, reasons: ['rolled back by somebody'] };

test('without a word it goes to the last version before the live one that nobody has rejected since', () => {
  assert.equal(target(record(), 'web').digest, 'abb');
  assert.equal(target(record({ rejected: [REJECTED] }), 'web').digest, 'aaa');
});

test('where the last release undid itself, nobody goes further back without saying to what', () => {
  const outcome = { digest: 'ddd', verdict: 'rejected', reasons: ['health: fail'], epoch: 3 } as unknown as Outcome;
  const tried = (over: Partial<Outcome>, more: Partial<ReleaseRecord> = {}) =>
    record({ outcome: { ...outcome, ...over }, ...more });
  for (const verdict of ['rejected', 'error'] as const) {
    assert.throws(
      () => target(tried({ verdict }), 'web'),
      new RegExp(
        `^Error: web: already back on ccc \\(3\\.0\\.0\\), live from [^ ]*: release ddd ended as ${verdict} and undid itself ` +
          '\\(health: fail\\)\\. To go further: TO=2\\.0\\.0\\. Known:\\n {2}abb ',
      ),
    );
    assert.equal(target(tried({ verdict }), 'web', { to: '2.0.0' }).digest, 'abb');
  }
  assert.throws(
    () => target(tried({}, { history: [past('aaa'), past('ccc')] }), 'web'),
    /already back on ccc, .* To go further: TO=aaa\./,
  );
  // What ended well, what tried the live version itself, and a way back that did not succeed are not meant.
  assert.equal(target(tried({ verdict: 'promoted' }), 'web').digest, 'abb');
  assert.equal(target(tried({ digest: 'ccc' }), 'web').digest, 'abb');
  const order = { digest: 'ddd', leaves: { ...REJECTED, digest: 'ccc' } } as ReleaseRecord['order'] & object;
  assert.equal(target(tried({ verdict: 'error' }, { order }), 'web').digest, 'abb');
});

test('a version is meant by its name or by the beginning of its hash, and a name comes first', () => {
  assert.equal(target(record(), 'web', { to: '1.0.0' }).digest, 'aaa');
  assert.equal(target(record(), 'web', { to: 'ab' }).digest, 'abb');
  const history = [past('1aa', '2'), past('2bb', '1'), past('ccc')];
  assert.equal(target(record({ history }), 'web', { to: '1' }).digest, '2bb');
});

test('what cannot be gone back to is refused with one error, which lists what can', () => {
  const known = /\n {2}abb \(2\.0\.0\), live from 2026-01-01T00:00:00\.000Z\n {2}aaa \(1\.0\.0\), live from /;
  const refused = (change: Partial<ReleaseRecord>, asked: Parameters<typeof target>[2], said: RegExp): void =>
    assert.throws(() => target(record(change), 'web', asked), said);
  refused({ history: [past('ccc')] }, {}, /^Error: web: no earlier version is known to go back to/);
  refused({}, { to: '9' }, /^Error: web: TO="9" is no version that was live here\. Known:/);
  refused({}, { to: '9' }, known);
  refused({}, { to: '' }, /TO="" is no version/);
  refused({}, { to: 'a' }, /TO="a" is more than one version; give more of its hash:\n {2}aaa \(1\.0\.0\).*\n {2}abb/);
  refused({}, { to: '3.0.0', state: 'ccc' }, /TO="3\.0\.0" is live already, since /);
  refused(
    { rejected: [REJECTED] },
    { to: '2.0.0' },
    /abb was rejected: rolled back by somebody\. .*attempt raised to 2/,
  );
  refused({ rejected: [REJECTED] }, { to: '9' }, /abb \(2\.0\.0\), live from [^\n]*, rejected since\n/);
  refused({ phase: 'soak' }, {}, /^Error: web: a run of unknown is under way \(phase soak\); wait until it has ended/);
});

test('a rollback whose second part is missing is ended, and does not go further back', () => {
  const order = { digest: 'ccc', leaves: REJECTED } as ReleaseRecord['order'] & object;
  assert.equal(target(record({ order, rejected: [REJECTED] }), 'web', { state: 'abb' }).digest, 'ccc');
  assert.equal(target(record({ order, rejected: [REJECTED] }), 'web', { state: 'ccc' }).digest, 'aaa');
  // An engine that was killed leaves the same difference, but nobody has gone back.
  const { leaves: _, ...plain } = order;
  assert.equal(target(record({ order: plain }), 'web', { state: 'abb' }).digest, 'abb');
  assert.equal(target(record(), 'web', { to: '3.0.0', state: 'abb' }).digest, 'ccc');
});

test('traffic goes back to pods that still run, what is left is rejected with the reason, and its pods go', async () => {
  const scene = await Scene.installed();
  await withRunner(scene, () => released(wayOf(scene), inputsOf(scene, 'v2', 'good', { attempt: 2 })));
  const { record: before } = scene.cluster;
  const wanted = target(before, 'web');
  const kept = standing(before, wanted)!;
  await withRunner(scene, async () => {
    const { outcome } = await sendBack(wayOf(scene), inputsOf(scene, 'v2', 'good'), before, kept, 'rolled back by me');
    assert.equal(outcome.verdict, 'promoted');
    assert.deepEqual(scene.cluster.served, ['v1']);
    await soon(() => scene.cluster.replicas('green') === 0);
  });
  const { rejected, history, good } = scene.cluster.record;
  assert.deepEqual(rejected, [{ digest: 'v2', attempt: 2, reasons: ['rolled back by me'] }]);
  assert.deepEqual([good!.digest, history.map(({ digest }) => digest)], ['v1', ['v2', 'v1']]);
  for (const act of [rest, released]) {
    const again = act(wayOf(scene), inputsOf(scene, 'v2', 'good', { attempt: 2 }));
    await assert.rejects(again, /not tried again: rolled back by me\. .*attempt to 3/);
  }
});

test('where the version before does not come live again, the live one stays, and neither of them is rejected', async () => {
  const scene = await Scene.installed();
  await withRunner(scene, () => released(wayOf(scene), inputsOf(scene, 'v2', 'good')));
  const { record: before } = scene.cluster;
  const bad = { ...before.kept!, template: templateOf('v1', 'unready') };
  await withRunner(scene, () =>
    assert.rejects(
      sendBack(wayOf(scene), inputsOf(scene, 'v2', 'good'), before, bad, 'rolled back by me'),
      /web: going back to v1 ended as error: .*Live is v2\.$/,
    ),
  );
  assert.deepEqual([scene.cluster.served, scene.cluster.record.rejected], [['v2'], []]);
});

test('pods that are about to go to rest are not counted on', () => {
  const kept = { digest: 'abb', template: templateOf('abb', 'good'), side: 'green' as const };
  const lasting = (ms: number) => standing(record({ kept: { ...kept, until: Date.now() + ms } }), past('abb'));
  assert.deepEqual(
    [lasting(60_000)?.side, lasting(1000), standing(record(), past('abb'))],
    ['green', undefined, undefined],
  );
});

test('an up that is a rollback sends away what is live; any other up, and a version that is new, do not', async () => {
  const scene = await Scene.installed();
  await withRunner(scene, () => released(wayOf(scene), inputsOf(scene, 'v2', 'good')));
  const ordered = async (digest: string) => {
    await give(wayOf(scene), inputsOf(scene, digest, 'good'), scene.cluster.record, 'release');
    return scene.cluster.record.order!.leaves;
  };
  assert.equal(await ordered('v1'), undefined);
  process.env['PLATFORM_ROLLBACK'] = 'rolled back by me';
  try {
    assert.equal(await ordered('v3'), undefined);
    assert.deepEqual(await ordered('v1'), { digest: 'v2', attempt: 1, reasons: ['rolled back by me'] });
  } finally {
    delete process.env['PLATFORM_ROLLBACK'];
  }
});

test('a history has each version once, the latest last, up to twenty, and that one too which was live before it began', () => {
  let [history, good]: [readonly Past[], ReturnType<typeof goodOf>] = [[], goodOf('v0')];
  for (let i = 1; i <= 25; i++) {
    const next = goodOf(`v${i}`);
    history = historyWith(record({ history, good }), next, 1);
    if (i === 1)
      assert.deepEqual(
        history.map(({ digest }) => digest),
        ['v0', 'v1'],
      );
    good = next;
  }
  history = historyWith(record({ history, good }), goodOf('v10'), 3);
  assert.equal(history.length, 20);
  assert.deepEqual([history[0]!.digest, history.at(-1)!.digest, history.at(-1)!.attempt], ['v6', 'v10', 3]);
  assert.equal(JSON.stringify(history).includes('acts'), false, 'it holds templates');
});

test('a version is called by its label, else by the tag of its first image', () => {
  const template = (labels: Record<string, string>, image?: string) => ({
    ...{ metadata: { labels, annotations: {} }, spec: image === undefined ? {} : { containers: [{ image }] } },
  });
  const version = { 'app.kubernetes.io/version': '1.2.3' };
  const digest = `@sha256:${'0'.repeat(64)}`;
  assert.deepEqual(
    [
      ...[template(version, 'web:9'), template({}, 'registry:5000/web:2.0'), template({}, `web:2.1${digest}`)],
      ...[template({}, 'registry:5000/web'), template({}, `web${digest}`), template({})],
    ].map(versionOf),
    ['1.2.3', '2.0', '2.1', undefined, undefined, undefined],
  );
});

test('a verb finds the workload in the state, and is told by name where there are several', () => {
  const one = (name: string, type: string, digest: string) => ({
    ...{ type: `pulumi-nodejs:dynamic/release:${type}` },
    inputs: { cluster: {}, namespace: 'shop', name, template: templateOf(digest, 'good') },
  });
  const state = (...resources: { type: string; inputs: object }[]) => ({ deployment: { resources } }) as never;
  // What prepares a release has seen the version that was rejected then.
  const api = [one('api', 'ReleasePrepare', 'bad'), one('api', 'Release', 'good')];
  assert.deepEqual(releaseIn(state(...api), 'test'), { cluster: {}, namespace: 'shop', name: 'api', digest: 'good' });
  assert.equal(releaseIn(state(one('api', 'ReleasePrepare', 'bad')), 'test').digest, undefined);
  const two = state(...api, one('web', 'Release', 'v1'));
  assert.equal(releaseIn(two, 'test', 'web').digest, 'v1');
  assert.throws(() => releaseIn(two, 'test'), /stack test has several; say which: NAME=, one of api, web/);
  assert.throws(() => releaseIn(two, 'test', 'db'), /has no released workload NAME="db"; it has api, web/);
  assert.throws(() => releaseIn(state(), 'test'), /stack test has no released workload/);
});
