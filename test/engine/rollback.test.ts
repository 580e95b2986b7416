/** Going back on demand, on the real engine before a cluster in this process: what `make rollback` does to both. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { rollback } from '../../infra/sandbox/verbs/rollback.ts';
import { soon } from '../unit/components/release/support/cluster.ts';
import { rulesAt } from '../unit/components/release/support/scene.ts';
import { program, Released } from './support/releases.ts';

const folder = mkdtempSync(join(tmpdir(), 'platform-back-'));
const begun: Released[] = [];
after(async () => {
  for (const one of begun) await one.end();
  rmSync(folder, { recursive: true, force: true });
});

/** A workload, and the verb on it. The verb asks the cluster in this process. */
async function released() {
  const made = await Released.begin(folder);
  begun.push(made);
  process.env['KUBECONFIG'] = made.kubeconfig;
  const { project, env } = made.stack;
  const back = (to?: string) => rollback({ stack: 'test', project, env, ...(to !== undefined && { to }) });
  return { made, back, env };
}

test('a rollback moves the traffic without the engine, has the state agree, refuses what it left, and names what to commit', async () => {
  const { made, back, env } = await released();
  const rules = { ...rulesAt(made.scene.port), keepFor: 120_000 };
  const [one, two] = [
    { version: '1.0.0', rules },
    { version: '2.0.0', rules },
  ];
  await made.want(one);
  await made.stack.pulumi(['config', 'set', '--secret', 'test:password', 'hush-4711']);
  const secret = /secure: (\S+)/.exec(readFileSync(env['PULUMI_OPTION_CONFIG_FILE']!, 'utf8'))![1]!;
  const want = (wanted: typeof one) =>
    made.stack.configure({ ...made.settings(wanted), 'test:password': { secure: secret } });
  await want(one);
  await made.stack.up();
  await assert.rejects(back(), /no earlier version is known to go back to; the record holds the live one alone/);
  await want(two);
  await made.stack.up();
  await assert.rejects(
    back('0.9'),
    /TO="0\.9" is no version that was live here\. Known:\n {2}[0-9a-f]{12} \(1\.0\.0\), live from /,
  );

  const { live, atOnce, edits } = await back();
  assert.deepEqual([live.version, atOnce, made.served], ['1.0.0', true, ['1.0.0']]);
  assert.deepEqual(edits, ['test:wanted.version: "2.0.0" → "1.0.0"']);
  const { rejected, outcome } = made.scene.cluster.record;
  assert.match(rejected[0]!.reasons[0]!, /^rolled back by \S+ at \d{4}-\d\d-\d\dT[\d:]+Z$/);
  assert.ok(outcome!.seconds <= 5, `traffic took ${outcome!.seconds} s`);

  const shown = await made.stack.pulumi(['stack', 'output', 'password', '--show-secrets']);
  assert.equal(shown.output.trim(), 'hush-4711');

  // The configuration still names what was left.
  const { output } = await made.stack.up({ fails: true });
  assert.match(output, /was rejected and is not tried again: rolled back by /);
  await want(one);
  assert.deepEqual(await made.pending(), []);
  await assert.rejects(back(), /every earlier version was rejected since/);
  await assert.rejects(back('2.0.0'), /was rejected: rolled back by .* attempt raised to 2/);
  await assert.rejects(back('1.0.0'), /TO="1\.0\.0" is live already/);
});

test('after a release that undid itself, a rollback leaves the good version live, and goes further only to what is named', async () => {
  const { made, back } = await released();
  const rules = { ...rulesAt(made.scene.port), keepFor: 120_000 };
  for (const version of ['1.0.0', '2.0.0']) {
    await made.want({ version, rules });
    await made.stack.up();
  }
  await made.want({ version: '3.0.0', acts: 'errors', rules });
  await made.stack.up({ fails: true });
  const { epoch, rejected } = made.scene.cluster.record;
  await assert.rejects(
    back(),
    /web: already back on [0-9a-f]{12} \(2\.0\.0\), live from \S+: release [0-9a-f]{12} ended as rejected .* To go further: TO=1\.0\.0\./,
  );
  const { record } = made.scene.cluster;
  assert.deepEqual([record.epoch, record.rejected, made.served], [epoch, rejected, ['2.0.0']]);
  const { live } = await back('1.0.0');
  assert.deepEqual([live.version, made.served], ['1.0.0', ['1.0.0']]);
});

test('where the pods have gone to rest, a rollback releases the version again, as the history of the stack has it', async () => {
  const { made, back } = await released();
  const rules = { ...rulesAt(made.scene.port), keepFor: 1 };
  for (const version of ['1.0.0', '2.0.0', '3.0.0']) {
    await made.want({ version, rules }, `note of ${version}`);
    await made.stack.up();
  }
  const [wanted] = made.scene.cluster.record.history;
  const { live, atOnce } = await back(wanted!.digest.slice(0, 8));
  assert.deepEqual([live.version, atOnce, made.served], ['1.0.0', false, ['1.0.0']]);
  assert.equal((await made.stack.outputs())['note'], 'note of 1.0.0');
  const { rejected, history } = made.scene.cluster.record;
  assert.deepEqual(
    rejected.map(({ digest, attempt }) => [digest, attempt]),
    [[history.find(({ version }) => version === '3.0.0')!.digest, 1]],
  );
});

test('where a pod of the side that was kept does not start any more, a rollback releases the version again', async () => {
  const { made, back } = await released();
  const rules = { ...rulesAt(made.scene.port), keepFor: 120_000 };
  for (const version of ['1.0.0', '2.0.0']) {
    await made.want({ version, rules });
    await made.stack.up();
  }
  const { cluster } = made.scene;
  cluster.lacking = cluster.record.kept!.digest;
  // What it lacks is made by the up.
  const found = soon(() => cluster.record.outcome?.verdict === 'error', 60_000).then(
    () => (cluster.lacking = undefined),
  );
  const { live, atOnce } = await back();
  await found;
  assert.deepEqual([live.version, atOnce, made.served], ['1.0.0', false, ['1.0.0']]);
  assert.equal(cluster.record.rejected.length, 1);
  assert.match(cluster.record.rejected[0]!.reasons[0]!, /^rolled back by /);
});

test('a rollback whose second part found no configuration says so, leaves the traffic back, and is ended by the next one', async () => {
  const { made, back } = await released();
  const rules = { ...rulesAt(made.scene.port), keepFor: 120_000 };
  for (const version of ['1.0.0', '2.0.0']) {
    await made.want({ version, rules });
    await made.stack.up();
  }
  made.stack.rewrite(program().replace('spec: { acts,', 'spec: { added: 1, acts,'));
  await assert.rejects(
    back(),
    /web: no update in the history of test makes 1\.0\.0 \([0-9a-f]{12}\) with this checkout, .*\n {2}\S+: it makes [^]*The traffic is back already/,
  );
  assert.deepEqual(made.served, ['1.0.0']);
  made.stack.rewrite(program());
  const { live, atOnce } = await back();
  assert.deepEqual([live.version, atOnce, made.served], ['1.0.0', false, ['1.0.0']]);
  await made.want({ version: '1.0.0', rules });
  assert.deepEqual(await made.pending(), []);
});
