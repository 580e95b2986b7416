/** Releases on the real engine, before a cluster in this process: approvals, reports, what is pending, going back, two at once. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { signersFile } from '../../components/release/approvals/index.ts';
import { lastReport } from '../../infra/sandbox/verbs/report.ts';
import { rollback } from '../../infra/sandbox/verbs/rollback.ts';
import { rulesAt } from '../unit/components/release/support/scene.ts';
import { soon } from '../unit/components/release/support/cluster.ts';
import { program, Released } from './support/releases.ts';

const folder = mkdtempSync(join(tmpdir(), 'platform-releases-'));
const begun: Released[] = [];
after(async () => {
  for (const one of begun) await one.end();
  rmSync(folder, { recursive: true, force: true });
});

async function released(): Promise<Released> {
  const made = await Released.begin(folder);
  begun.push(made);
  return made;
}

const digestIn = (output: string): string => /approval of release ([0-9a-f]{64}) in stack test/.exec(output)![1]!;
const previewed = async (made: Released): Promise<string> => (await made.stack.pulumi(['preview'])).output;

test('what lacks an approval is not begun: a plan tells hash and command beforehand, and pasting it beside the program is enough', async () => {
  const made = await released();
  const { project } = made.stack;
  const key = join(folder, 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'alice@example.com', '-f', key]);
  const signers = join(project, 'approvals', signersFile('test'));
  mkdirSync(join(signers, '..'), { recursive: true });
  writeFileSync(signers, `devops-lead,alice@example.com ${readFileSync(`${key}.pub`, 'utf8')}`);
  const paste = (output: string): void => {
    const [, command] = /sign: (mkdir .*\.sig')/.exec(output)!;
    execFileSync('sh', ['-c', command!.replace('~/.ssh/id_ed25519', key)], { cwd: project });
  };
  const approvals = { folder: 'approvals', stack: 'test', roles: ['devops-lead'] };

  // No state knows the workload yet, so nobody asks what differs from it.
  await made.want({ version: '1.0.0', approvals });
  const first = await previewed(made);
  const { output } = await made.stack.up({ fails: true });
  assert.equal(digestIn(first), digestIn(output));
  assert.deepEqual([made.scene.cluster.record.epoch, made.scene.cluster.writes], [0, []]);
  paste(first);
  await made.stack.up();

  // What is live needs none; another version needs its own.
  const file = (digest: string): string => join(project, 'approvals/test', digest);
  rmSync(file(digestIn(first)), { recursive: true });
  assert.deepEqual(await made.pending(), []);
  paste(first);
  await made.want({ version: '2.0.0', approvals });
  const second = await previewed(made);
  assert.notEqual(digestIn(second), digestIn(first));
  cpSync(file(digestIn(first)), file(digestIn(second)), { recursive: true });
  const copied = await made.stack.up({ fails: true });
  assert.ok(copied.output.includes(`found a signature for release ${digestIn(first)}`), copied.output);
  assert.equal(made.scene.cluster.record.epoch, 1);
  paste(second);
  await made.stack.up();
  assert.deepEqual(made.served, ['2.0.0']);

  // Going back waits for nobody.
  rmSync(join(project, 'approvals'), { recursive: true });
  await made.want({ version: '1.0.0', approvals });
  await made.stack.up();
  assert.deepEqual(made.served, ['1.0.0']);
});

test('each release leaves its report and its plot beside the program, a rejected one too; the record gives it again; none fails for want of one', async () => {
  const made = await released();
  const reports = { folder: 'reports/releases', stack: 'test' };
  const at = (name: string): string => join(made.stack.project, 'reports/releases/test', name);
  await made.want({ version: '1.0.0', reports });
  await made.stack.up();
  await made.want({ version: '2.0.0', acts: 'errors', reports });
  const { output } = await made.stack.up({ fails: true });
  assert.match(output, /web: report: reports\/releases\/test\/web-2\.md/);
  assert.match(readFileSync(at('web-1.md'), 'utf8'), /^# web in test: promoted\n/);
  const told = readFileSync(at('web-2.md'), 'utf8');
  assert.match(told, /^# web in test: rejected\n[^]*## Why\n[^]*health[^]*!\[[^\]]*\]\(web-2\.svg\)/);
  assert.ok(existsSync(at('web-2.svg')));

  rmSync(join(made.stack.project, 'reports'), { recursive: true });
  process.env['KUBECONFIG'] = made.kubeconfig;
  assert.equal(await lastReport('test', made.stack), at('web-2.md'));
  assert.equal(readFileSync(at('web-2.md'), 'utf8'), told);
  rmSync(join(made.stack.project, 'reports'), { recursive: true });
  writeFileSync(join(made.stack.project, 'reports'), 'a file where the folder would be\n');
  await made.want({ version: '3.0.0', reports });
  assert.match((await made.stack.up()).output, /report could not be written, and the release does not depend on it: /);
  assert.deepEqual(made.served, ['3.0.0']);
});

test('after an automatic rollback a plan shows that release alone, and says why it is not tried; no up tries it; the old one is no change', async () => {
  const made = await released();
  await made.want({ version: '1.0.0' }, 'one');
  await made.stack.up();
  await made.want({ version: '2.0.0', acts: 'errors' }, 'one');
  await made.stack.up({ fails: true });
  const pending = ['update web-prepare', 'update web-release'];
  assert.deepEqual(await made.pending(), pending);
  assert.match(await previewed(made), /web: release [0-9a-f]{12} was rejected and is not tried again: health: fail: /);

  // An unrelated change.
  await made.want({ version: '2.0.0', acts: 'errors' }, 'two');
  const { epoch } = made.scene.cluster.record;
  const { output } = await made.stack.up({ fails: true });
  assert.match(output, /was rejected and is not tried again.*raise its attempt to 2/);
  assert.deepEqual([made.scene.cluster.record.epoch, made.served], [epoch, ['1.0.0']]);

  await made.want({ version: '1.0.0' }, 'one');
  assert.deepEqual(await made.pending(), []);

  await made.want({ version: '2.0.0', acts: 'errors', attempt: 2 });
  assert.doesNotMatch((await made.stack.up({ fails: true })).output, /not tried again/);
  assert.equal(made.scene.cluster.record.epoch, epoch + 1);
});

test('of two engines that release one workload the second is refused, and the first one ends as if it were alone', async () => {
  const made = await released();
  await made.want({ version: '1.0.0' });
  await made.stack.up();
  const rules = { ...rulesAt(made.scene.port), candidate: 20_000, deadline: 60_000 };
  await made.want({ version: '2.0.0', rules });
  const other = await made.other();
  try {
    const first = made.stack.up();
    await soon(() => made.scene.cluster.record.phase === 'candidate', 60_000);
    await other.configure(made.settings({ version: '3.0.0' }));
    const { output } = await other.up({ fails: true });
    assert.match(
      output,
      /web: another engine is at work on release [0-9a-f]{12} \(phase candidate\); wait until it has/,
    );
    await first;
    assert.deepEqual(made.served, ['2.0.0']);
  } finally {
    other.remove();
  }
});

test('a rollback moves the traffic without the engine, has the state agree, refuses what it left, and names what to commit', async () => {
  const made = await released();
  const rules = { ...rulesAt(made.scene.port), keepFor: 120_000 };
  const [one, two] = [
    { version: '1.0.0', rules },
    { version: '2.0.0', rules },
  ];
  const { project, env } = made.stack;
  const back = (to?: string) => {
    process.env['KUBECONFIG'] = made.kubeconfig;
    return rollback({ stack: 'test', project, env, ...(to !== undefined && { to }) });
  };
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

test('where the pods have gone to rest, a rollback releases the version again, as the history of the stack has it', async () => {
  const made = await released();
  const rules = { ...rulesAt(made.scene.port), keepFor: 1 };
  process.env['KUBECONFIG'] = made.kubeconfig;
  for (const version of ['1.0.0', '2.0.0', '3.0.0']) {
    await made.want({ version, rules }, `note of ${version}`);
    await made.stack.up();
  }
  const [wanted] = made.scene.cluster.record.history;
  const { project, env } = made.stack;
  const { live, atOnce } = await rollback({ stack: 'test', project, env, to: wanted!.digest.slice(0, 8) });
  assert.deepEqual([live.version, atOnce, made.served], ['1.0.0', false, ['1.0.0']]);
  assert.equal((await made.stack.outputs())['note'], 'note of 1.0.0');
  const { rejected, history } = made.scene.cluster.record;
  assert.deepEqual(
    rejected.map(({ digest, attempt }) => [digest, attempt]),
    [[history.find(({ version }) => version === '3.0.0')!.digest, 1]],
  );
});

test('a rollback whose second part found no configuration says so, leaves the traffic back, and is ended by the next one', async () => {
  const made = await released();
  const rules = { ...rulesAt(made.scene.port), keepFor: 120_000 };
  process.env['KUBECONFIG'] = made.kubeconfig;
  const { project, env } = made.stack;
  const back = () => rollback({ stack: 'test', project, env });
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
