/** Releases on the real engine, before a cluster in this process: approvals, reports, what is pending, two at once. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { signersFile } from '../../components/release/approvals/index.ts';
import { lastReport } from '../../infra/sandbox/verbs/report.ts';
import { AT, soon } from '../unit/components/release/support/cluster.ts';
import { rulesAt } from '../unit/components/release/support/scene.ts';
import { Released, withService } from './support/releases.ts';

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
  await made.want({ version: '2.0.0' });
  const other = await made.other();
  try {
    // However slow this machine is, the first run goes on only once the second one is refused.
    made.held = true;
    const first = made.stack.up();
    await soon(() => made.scene.cluster.record.phase === 'ordered', 120_000);
    await other.configure(made.settings({ version: '3.0.0' }));
    const { output } = await other.up({ fails: true });
    assert.match(output, /web: another engine is at work on release [0-9a-f]{12} \(phase ordered\); wait until it has/);
    made.held = false;
    await first;
    assert.deepEqual(made.served, ['2.0.0']);
  } finally {
    other.remove();
  }
});

test('a Service that was removed by hand ends every up with what to run, and that makes it anew and has the version live again', async () => {
  const made = await released();
  const { cluster } = made.scene;
  made.stack.rewrite(withService(await cluster.server()));
  cluster.remove(AT.service);
  for (const version of ['1.0.0', '2.0.0']) {
    await made.want({ version });
    await made.stack.up();
  }
  assert.equal(cluster.traffic, 'green');

  // At rest.
  cluster.remove(AT.service);
  const said = /web: services\/web is missing: removed by hand.* Run: pulumi up --refresh /;
  const { epoch } = cluster.record;
  assert.match((await made.stack.up({ fails: true })).output, said);
  assert.match(await previewed(made), /web: not there: services\/web\..*run pulumi up --refresh/);
  assert.equal(cluster.record.epoch, epoch);
  await made.stack.up({ args: ['--refresh'] });
  assert.deepEqual([cluster.traffic, made.served], ['green', ['2.0.0']]);
  assert.deepEqual(await made.pending(), []);

  // During a run.
  await made.want({ version: '3.0.0', rules: { ...rulesAt(made.scene.port), candidate: 3000 } });
  const run = made.stack.up({ fails: true });
  await soon(() => cluster.record.phase === 'candidate', 120_000);
  cluster.remove(AT.service);
  assert.match((await run).output, said);
  await made.stack.up({ args: ['--refresh'] });
  assert.deepEqual([cluster.record.phase, made.served], ['settled', ['3.0.0']]);
  assert.deepEqual(await made.pending(), []);
});
