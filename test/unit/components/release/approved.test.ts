/** When signatures are asked for. What a signature is worth is in `approvals/`; the whole of it, on the engine, in `test/engine/release.test.ts`. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { approved, asks } from '../../../../components/release/approved.ts';
import { withDigest } from '../../../../components/release/digest.ts';
import { digestOf } from '../../../../components/release/host.ts';
import { check, rest } from '../../../../components/release/prepare-run.ts';
import { released } from '../../../../components/release/release-run.ts';
import type { PodTemplate } from '../../../../components/release/runner/record.ts';
import { AT, soon } from './support/cluster.ts';
import { inputsOf, wayOf, withRunner } from './support/host.ts';
import { closeAll, rulesAt, Scene } from './support/scene.ts';

after(closeAll);

/** With signers, so that it is signatures that are missing. */
const folder = mkdtempSync(join(tmpdir(), 'platform-approved-'));
mkdirSync(join(folder, 'test'));
writeFileSync(join(folder, 'test/allowed_signers'), '');
after(() => rmSync(folder, { recursive: true }));

const approvals = { folder: '/nonexistent/approvals', stack: 'test', roles: ['devops-lead'] };

test('neither part begins anything without a signature: not the release, nor the undoing of what is there', async () => {
  const scene = await Scene.installed();
  const template = withDigest({ metadata: { labels: {}, annotations: {} }, spec: { acts: 'good' } }) as PodTemplate;
  const wanted = { ...inputsOf(scene, 'v2', 'good'), template, approvals };
  const writes = (): number => scene.cluster.writes.length;
  for (const act of [rest, released]) {
    const refusal = new RegExp(`The approval of release ${digestOf(wanted)} in stack test has one problem`);
    await assert.rejects(act(wayOf(scene), wanted), refusal);
  }
  scene.cluster.edit(AT.service, ({ spec }) => (spec.selector['platform/side'] = 'green'));
  await assert.rejects(rest(wayOf(scene), wanted), /has one problem/);
  assert.deepEqual([writes(), scene.cluster.record.epoch], [0, 1]);
});

test('what is live needs none, and what was live before neither, unless it was sent away since', async () => {
  const scene = await Scene.installed();
  const signed = (digest: string, acts: 'good' | 'errors' = 'good') => inputsOf(scene, digest, acts, { approvals });
  assert.equal(await rest(wayOf(scene), signed('v1')), 'at rest');
  assert.equal((await released(wayOf(scene), signed('v1'))).side, 'blue');
  await withRunner(scene, () => released(wayOf(scene), inputsOf(scene, 'v2', 'good')));
  const { record } = scene.cluster;
  assert.deepEqual(
    [asks(record, signed('v1')), asks(record, signed('v2')), asks(record, signed('v3')), asks(undefined, signed('v1'))],
    [false, false, true, true],
  );
  const away = { ...record, rejected: [{ digest: 'v1', attempt: 1, reasons: [] }] };
  assert.equal(asks(away, signed('v1')), true);
  assert.equal(asks(record, { ...signed('v3'), approvals: { ...approvals, roles: [] } }), false);
  assert.equal(await withRunner(scene, () => released(wayOf(scene), signed('v1')).then(({ side }) => side)), 'blue');
});

test('a run that was approved when it was ordered is waited for without being asked again', async () => {
  const scene = await Scene.installed();
  scene.order('v2', 'good', { rules: { ...rulesAt(scene.port), candidate: 300 } });
  await withRunner(scene, async () => {
    await soon(() => scene.cluster.record.phase === 'candidate');
    assert.match(await rest(wayOf(scene), inputsOf(scene, 'v2', 'good', { approvals })), /waited for: promoted/);
  });
});

test('the attempt that is asked for is the one that has to be signed', async () => {
  const scene = await Scene.installed();
  const template = withDigest({ metadata: { labels: {}, annotations: {} }, spec: { acts: 'good' } }) as PodTemplate;
  const wanted = { ...inputsOf(scene, 'v2', 'good', { attempt: 2 }), template, approvals: { ...approvals, folder } };
  const rejected = [{ digest: digestOf(wanted), attempt: 1, reasons: ['errors'] }];
  await assert.rejects(approved({ ...scene.cluster.record, rejected }, wanted), /, attempt 2; sign: .*\\nattempt 2\\n/);
});

test('a hash that its template does not have cannot be approved', async () => {
  const scene = await Scene.installed();
  const { template } = inputsOf(scene, 'f'.repeat(64), 'good');
  await assert.rejects(
    approved(scene.cluster.record, { ...inputsOf(scene, 'v2', 'good'), template, approvals }),
    /its template is not the one that its hash f{64} was made of/,
  );
});

test('the plan of a first install whose secrets are still to be made says that its hash is not known yet', async (context) => {
  const said = context.mock.method(console, 'error', () => undefined);
  const scene = await Scene.begin();
  const unknown = { ...inputsOf(scene, 'v1', 'good'), template: '04da6b54-80e4-46f7-96ec-b56ff0331ba9' as never };
  const before = process.env['KUBECONFIG'];
  process.env['KUBECONFIG'] = '/nonexistent';
  try {
    assert.deepEqual(await check({}, { ...unknown, approvals }), []);
    assert.match(String(said.mock.calls[0]?.arguments[0]), /web: what has to be signed is not known before an up/);
    assert.deepEqual(await check({ name: 'web' }, { ...unknown, approvals }), []);
    assert.deepEqual(await check({}, unknown), []);
    assert.equal(said.mock.callCount(), 1);
  } finally {
    if (before === undefined) delete process.env['KUBECONFIG'];
    else process.env['KUBECONFIG'] = before;
  }
});
