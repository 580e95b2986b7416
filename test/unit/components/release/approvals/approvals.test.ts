/** Approvals judged with the real ssh-keygen, on keys that live as long as a test. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import {
  approvals,
  command,
  SIGN_OFF_B,
  SIGN_OFF_E,
  statement,
  type Approval,
} from '../../../../../components/release/approvals/index.ts';
import { InputRefused, type Problem } from '../../../../../components/core/index.ts';

const RELEASE = '1'.repeat(64);
const OTHER = '2'.repeat(64);
const ROLES = ['engineering-lead', 'security-lead'];
const SKIP = process.env['PATH']!.split(':').some((folder) => existsSync(join(folder, 'ssh-keygen')))
  ? false
  : 'ssh-keygen is not installed';

/** A checkout with two approvers, whose keys are called by their roles, and a stranger. */
class Desk {
  readonly root = mkdtempSync(join(tmpdir(), 'approvals-'));
  readonly folder = join(this.root, 'approvals');

  constructor(t: TestContext) {
    t.after(() => rmSync(this.root, { recursive: true }));
    mkdirSync(join(this.folder, 'staging'), { recursive: true });
    for (const name of [...ROLES, 'stranger']) {
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', this.key(name)]);
    }
    for (const role of ROLES) this.allow(`${role},${role}@example.com namespaces="platform-release"`, role);
  }

  key(name: string): string {
    return join(this.root, name);
  }

  allow(principal: string, name: string): void {
    const [kind, key] = readFileSync(`${this.key(name)}.pub`, 'utf8').split(' ');
    appendFileSync(join(this.folder, 'staging/allowed_signers'), `${principal} ${kind!} ${key!}\n`);
  }

  file(role: string, release = RELEASE): string {
    return join(this.folder, 'staging', release, `${role}.sig`);
  }

  /** Signs what the text says, whatever it says, and puts it where the role's signature is looked for. */
  sign(
    role: string,
    { by = role, text = statement({ stack: 'staging', release: RELEASE, role }), as = 'platform-release' } = {},
  ) {
    const signature = execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', as, '-f', this.key(by)], {
      ...{ input: text, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] },
    });
    this.put(role, signature);
  }

  put(role: string, signature: string): void {
    mkdirSync(dirname(this.file(role)), { recursive: true });
    writeFileSync(this.file(role), signature);
  }

  ask(attempt?: number): Promise<readonly Approval[]> {
    const asked = { folder: this.folder, stack: 'staging', release: RELEASE, roles: ROLES };
    return approvals({ ...asked, ...(attempt !== undefined && { attempt }) });
  }

  async problems(attempt?: number): Promise<readonly Problem[]> {
    const refused: unknown = await this.ask(attempt).then(
      () => assert.fail('it was approved'),
      (error: unknown) => error,
    );
    assert.ok(refused instanceof InputRefused, String(refused));
    return refused.problems;
  }

  /** The one problem with the first role, while the second has signed. */
  async only(): Promise<Problem> {
    this.sign('security-lead');
    const problems = await this.problems();
    assert.equal(problems.length, 1, JSON.stringify(problems));
    assert.equal(problems[0]!.where, this.file('engineering-lead'));
    return problems[0]!;
  }
}

test('a release that every role has signed is approved, and it is known by whom', { skip: SKIP }, async (t) => {
  const desk = new Desk(t);
  for (const role of ROLES) desk.sign(role);
  const given = await desk.ask();
  assert.deepEqual(
    given.map(({ role, who }) => ({ role, who })),
    ROLES.map((role) => ({ role, who: [`${role}@example.com`] })),
  );
  const [, fingerprint] = execFileSync('ssh-keygen', ['-l', '-f', desk.key(ROLES[0]!)], { encoding: 'utf8' }).split(
    ' ',
  );
  assert.equal(given[0]!.key, `ED25519 ${fingerprint!}`);
});

test('where no role has to approve, nothing is asked', async () => {
  assert.deepEqual(await approvals({ folder: '/nowhere', stack: 'local', release: RELEASE, roles: [] }), []);
});

test('each missing signature is one problem, and the command in it gives the approval', { skip: SKIP }, async (t) => {
  const desk = new Desk(t);
  const problems = await desk.problems();
  assert.deepEqual(
    problems.map(({ where, found, wanted }) => ({ where, found, wanted })),
    ROLES.map((role) => ({
      ...{ where: desk.file(role), found: 'no such file' },
      wanted: `the signature of ${role} for release ${RELEASE}`,
    })),
  );
  problems.forEach(({ remedy }, index) => {
    const typed = remedy!.replace(/^sign: /, '');
    assert.equal(typed, command(desk.folder, { stack: 'staging', release: RELEASE, role: ROLES[index]! }));
    // As the approver would paste it, with the key where OpenSSH keeps it.
    const home = join(desk.root, `home-${index}`);
    mkdirSync(join(home, '.ssh'), { recursive: true });
    cpSync(desk.key(ROLES[index]!), join(home, '.ssh/id_ed25519'));
    cpSync(`${desk.key(ROLES[index]!)}.pub`, join(home, '.ssh/id_ed25519.pub'));
    execFileSync('sh', ['-c', typed], { env: { ...process.env, HOME: home }, stdio: 'ignore' });
  });
  assert.equal((await desk.ask()).length, 2);
});

test('a signer whom nobody allowed does not count', { skip: SKIP }, async (t) => {
  const desk = new Desk(t);
  desk.sign('engineering-lead', { by: 'stranger' });
  const { found, remedy } = await desk.only();
  assert.match(found, /^a signature of an unknown signer \(ED25519 SHA256:\S+\)$/);
  assert.match(
    remedy!,
    /^have engineering-lead sign, or add the signer to .*allowed_signers: engineering-lead namespaces=/,
  );
});

test('a signer of another role does not count, whatever the file is called', { skip: SKIP }, async (t) => {
  const desk = new Desk(t);
  desk.sign('engineering-lead', { by: 'security-lead' });
  assert.match((await desk.only()).found, /^a signature of security-lead, security-lead@example\.com \(ED25519 /);
});

test('a signature for another release is refused by that release’s name', { skip: SKIP }, async (t) => {
  const desk = new Desk(t);
  mkdirSync(join(desk.folder, 'staging', OTHER));
  desk.sign('engineering-lead', { text: statement({ stack: 'staging', release: OTHER, role: 'engineering-lead' }) });
  assert.equal((await desk.only()).found, `a signature for release ${OTHER}`);
});

test(
  'a signature given in another role, for another stack or for another purpose does not fit',
  { skip: SKIP },
  async (t) => {
    const mine = { stack: 'staging', release: RELEASE, role: 'engineering-lead' };
    const desk = new Desk(t);
    desk.sign('engineering-lead', { text: statement({ ...mine, role: 'security-lead' }) });
    assert.equal((await desk.only()).found, 'a signature as security-lead');
    desk.sign('engineering-lead', { text: statement({ ...mine, stack: 'production' }) });
    assert.match(
      (await desk.only()).found,
      /^a signature that does not fit: it was made for another release, stack or role/,
    );
    desk.sign('engineering-lead', { as: 'git' });
    assert.match((await desk.only()).found, /^a signature that does not fit/);
  },
);

test(
  'a signature of which one letter was changed does not count, nor does a file that is none',
  { skip: SKIP },
  async (t) => {
    const desk = new Desk(t);
    desk.sign('engineering-lead');
    const whole = readFileSync(desk.file('engineering-lead'), 'utf8');
    const lines = whole.split('\n');
    const last = lines.length - 3;
    const letter = lines[last]![4] === 'A' ? 'B' : 'A';
    desk.put(
      'engineering-lead',
      lines.with(last, lines[last]!.slice(0, 4) + letter + lines[last]!.slice(5)).join('\n'),
    );
    assert.match((await desk.only()).found, /^a signature that does not fit/);
    desk.put('engineering-lead', 'approved by me');
    assert.equal((await desk.only()).found, 'a file that is no SSH signature');
    desk.put('engineering-lead', '');
    assert.equal((await desk.only()).found, 'a file that is no SSH signature');
    desk.put('engineering-lead', whole);
    assert.equal((await desk.ask()).length, 2);
  },
);

test('what approved the first attempt approves no later one, nor that one the first', { skip: SKIP }, async (t) => {
  const desk = new Desk(t);
  for (const role of ROLES) desk.sign(role);
  assert.equal((await desk.ask(1)).length, 2);
  const wanted = ROLES.map((role) => [
    ...['a signature for attempt 1', `the signature of ${role} for release ${RELEASE}, attempt 3`],
  ]);
  const problems = await desk.problems(3);
  assert.deepEqual(
    problems.map(({ found, wanted: asked }) => [found, asked]),
    wanted,
  );
  assert.ok(problems.every(({ remedy }) => remedy!.includes('attempt 3')));
  for (const role of ROLES) {
    desk.sign(role, { text: statement({ stack: 'staging', release: RELEASE, role, attempt: 3 }) });
  }
  assert.equal((await desk.ask(3)).length, 2);
  for (const other of [1, 2, 4]) assert.equal((await desk.problems(other)).length, 2, `attempt ${other}`);
});

test('what is signed for a first attempt is what it always was', () => {
  const asked = { stack: 'staging', release: RELEASE, role: 'lead' };
  const text = `platform release approval 1\nstack staging\nrelease ${RELEASE}\nrole lead\n`;
  assert.deepEqual([statement(asked), statement({ ...asked, attempt: 1 })], [text, text]);
  assert.equal(statement({ ...asked, attempt: 2 }), `${text}attempt 2\n`);
});

test(
  'one key does not approve in two roles, unless one line of the signers names both for it',
  { skip: SKIP },
  async (t) => {
    const [first, second] = ROLES as [string, string];
    // Pasted twice, and by a pattern.
    for (const line of [second, '*', `${first}*,${second}`]) {
      const desk = new Desk(t);
      desk.allow(line, first);
      desk.sign(first);
      desk.sign(second, { by: first });
      const [problem, ...more] = await desk.problems();
      assert.deepEqual([more, problem!.where], [[], desk.file(second)], line);
      assert.match(problem!.found, /^a signature by the key of engineering-lead \(ED25519 SHA256:\S+\)$/);
      assert.match(
        problem!.remedy!,
        /have somebody else sign; or, .* one line of .*: engineering-lead,security-lead names/,
      );
    }
    const desk = new Desk(t);
    desk.allow(`${first},${second},alice@example.com namespaces="platform-release"`, 'stranger');
    for (const role of ROLES) desk.sign(role, { by: 'stranger' });
    assert.equal((await desk.ask()).length, 2);
    // That line is about that key alone.
    desk.allow(second, first);
    desk.sign(first);
    desk.sign(second, { by: first });
    assert.match((await desk.problems())[0]!.found, /^a signature by the key of engineering-lead/);
  },
);

test('a signer whose time is over does not count', { skip: SKIP }, async (t) => {
  const desk = new Desk(t);
  const file = join(desk.folder, 'staging/allowed_signers');
  const ended = readFileSync(file, 'utf8').replace('namespaces', 'valid-before="20200101",namespaces');
  writeFileSync(file, ended);
  desk.sign('engineering-lead');
  assert.match((await desk.only()).found, /^a signature (that does not count|of an unknown signer) \(ED25519 /);
});

test('a stack that says nowhere whose signatures count is refused before any is looked at', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'approvals-'));
  t.after(() => rmSync(root, { recursive: true }));
  await assert.rejects(approvals({ folder: root, stack: 'staging', release: RELEASE, roles: ROLES }), {
    message: [
      `The approval of release ${RELEASE} in stack staging has one problem; nothing was released.`,
      `  ${root}/staging/allowed_signers: found no such file; wanted a line for each role: who may sign; write lines like engineering-lead namespaces="platform-release" ssh-ed25519 AAAA… name@example.com`,
    ].join('\n'),
  });
});

test('a name that would lead out of the folder, and a digest that was shortened, are refused', async () => {
  const ask = (more: object) => approvals({ folder: '/nowhere', stack: 's', release: RELEASE, roles: ['a'], ...more });
  await assert.rejects(ask({ stack: '../production' }), /stack: found "\.\.\/production"/);
  await assert.rejects(ask({ roles: ['a/b'] }), /roles: found "a\/b"/);
  await assert.rejects(
    ask({ release: '1'.repeat(12) }),
    /release: found "111111111111"; wanted the 64 hexadecimal digits/,
  );
});

test('the roles are those that the two sign-offs name', () => {
  assert.deepEqual(SIGN_OFF_B, ['engineering-lead', 'devops-lead', 'security-lead', 'product-lead']);
  assert.deepEqual(SIGN_OFF_E, ['technical-lead', 'devops-lead', 'performance-analyst', 'security-team']);
});
