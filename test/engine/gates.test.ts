/** Gates on the real engine: what they hold up, what they leave in the state, and when they ask again. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE } from '../../components/gates/index.ts';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';
import { engine, type EngineTest, type Outcome, type StateResource } from './support/engine.ts';
import { closeAll, http, listen } from './support/faulty.ts';

/** A server that is well or not, as a test says, and counts how often it was asked. */
let healthy = true;
let asked = 0;
const port = await http((_request, response) => {
  asked++;
  response.writeHead(healthy ? 200 : 503).end('{"status":"healthy"}');
});
const askedBy = async (work: () => Promise<unknown>): Promise<number> => {
  const before = asked;
  await work();
  return asked - before;
};

const TYPE = 'pulumi-nodejs:dynamic/gates:HttpGate';
const GATE = `{ cluster: {}, target: { url: 'http://127.0.0.1:${port}' }, path: '/health', expect: { status: 200 }`;
const QUICK = `patience: { interval: '50ms', successes: 1 }`;

/** A gate, and something behind it. */
const program = (subject: string): string => `
  import { HttpGate } from './components/gates/index.ts';
  import { secret } from '@pulumi/pulumi';
  const gate = new HttpGate('gate', ${GATE}, subject: secret('${subject}'), requirement: 'A-GATE-1', ${QUICK} });
  new HttpGate('behind', ${GATE}, subject: '${subject}', ${QUICK} }, { dependsOn: gate });
`;

/** The same gate as a plain resource, so that rules and code can be other ones. */
const bare = (rules: number, remark: string): string => `
  import { CustomResource } from '@pulumi/pulumi';
  import { PATIENCE } from './components/gates/index.ts';
  import { shell } from './components/gates/shell.ts';
  const ignored = ['verdict', 'reading', 'tries', 'seconds', 'checkedAt', 'reasons', 'name', 'patience', 'requirement'];
  const __provider = shell('components/gates/run.ts', ignored) + '${remark}';
  const patience = { ...PATIENCE.HttpGate, interval: '50ms' };
  const rest = { kind: 'HttpGate', name: 'gate', rules: ${rules}, patience, __provider };
  new CustomResource('${TYPE}', 'gate', { ...${GATE} }, subject: 's', ...rest });
`;

const stacks: EngineTest[] = [];
async function stack(source: string, more: { kubeconfig?: string } = {}): Promise<EngineTest> {
  const made = await engine({ source, ...more });
  stacks.push(made);
  return made;
}
after(async () => {
  for (const made of stacks) made.remove();
  await closeAll();
});

/** The state as its file holds it: an export would start the engine once more. */
const stateFile = ({ state }: EngineTest): string => join(state, 'pulumi/backend/.pulumi/stacks/test/test.json');
function stateOf(made: EngineTest): readonly StateResource[] {
  const { checkpoint } = JSON.parse(readFileSync(stateFile(made), 'utf8')) as {
    checkpoint: { latest?: { resources?: StateResource[] } };
  };
  return checkpoint.latest?.resources ?? [];
}
const stored = (made: EngineTest, name: string): StateResource | undefined =>
  stateOf(made).find(({ urn }) => urn.endsWith(`::${name}`));

const touched = ({ events }: Outcome, name: string): boolean =>
  events.some((event) => JSON.stringify(event.resourcePreEvent ?? '').includes(`::${name}"`));

test('a gate that shuts at its creation holds up what is behind it, is asked again by every up, and can be destroyed', async () => {
  healthy = false;
  const made = await stack(program('one'));
  const failed = await made.up({ fails: true });
  assert.match(
    failed.output,
    /HttpGate "gate" \(A-GATE-1\) stays shut: fail after 3 tries .*GET \/health answered 503; wanted 200/,
  );
  assert.ok(touched(failed, 'gate'));
  assert.ok(!touched(failed, 'behind'), 'the resource behind was started');
  assert.equal(stored(made, 'behind'), undefined);

  const evidence = stored(made, 'gate');
  assert.equal(evidence?.initErrors?.length, 1);
  const { verdict, reading, tries, requirement, subject } = evidence.outputs ?? {};
  assert.deepEqual([verdict, reading, tries, requirement], ['fail', '503 {"status":"healthy"}', 3, 'A-GATE-1']);
  assert.equal(subject, 'one', 'a subject is no secret, also when it was made of one');

  assert.equal(await askedBy(() => made.up({ fails: true })), 3, 'the next up asks again');
  // A refresh forgets that the resource failed.
  await made.refresh();
  assert.equal(stored(made, 'gate')?.initErrors, undefined);
  const again = await made.up({ fails: true });
  assert.ok(!touched(again, 'behind'), 'after a refresh the resource behind was started');

  await made.refresh();
  await made.destroy();
  assert.deepEqual(stateOf(made), []);
});

test('an open gate is asked again when its subject changes, and only then', async () => {
  healthy = true;
  const made = await stack(program('one'));
  assert.equal(await askedBy(() => made.up()), 2);
  assert.equal(stored(made, 'gate')?.outputs?.verdict, 'pass');

  assert.equal(await askedBy(() => made.up({ args: ['--expect-no-changes'] })), 0, 'nothing changed, and it was asked');
  assert.deepEqual((await made.preview()).changeSummary, { same: 3 });

  made.rewrite(program('two'));
  const preview = await askedBy(async () => assert.equal((await made.preview()).changeSummary.update, 2));
  assert.equal(preview, 0, 'a preview asks nothing');
  assert.equal(await askedBy(() => made.up()), 2);
  await made.destroy();
});

test('a gate that shuts at an update holds up what is behind it, is asked again, also about the old subject, and can be destroyed', async () => {
  healthy = true;
  const made = await stack(program('one'));
  await made.up();
  healthy = false;
  made.rewrite(program('two'));
  const failed = await made.up({ fails: true });
  assert.ok(!touched(failed, 'behind'), 'the resource behind was updated');
  assert.equal(stored(made, 'behind')?.inputs?.subject, 'one');
  assert.equal(stored(made, 'gate')?.outputs?.verdict, 'fail');
  assert.notEqual(stored(made, 'gate')?.inputs?.__provider, undefined);

  assert.equal(await askedBy(() => made.up({ fails: true })), 3, 'the next up asks again');
  // What was undone must be proven again: the last answer was about something else.
  made.rewrite(program('one'));
  assert.equal(await askedBy(() => made.up({ fails: true })), 3, 'the undone subject was taken for proven');

  await made.refresh();
  await made.destroy();
  assert.deepEqual(stateOf(made), []);
});

test('other stored code changes no resource, another version of the rules asks again', async () => {
  healthy = true;
  const made = await stack(bare(1, ''));
  await made.up();
  made.rewrite(bare(1, '// another version of the shell'));
  assert.equal(await askedBy(() => made.up({ args: ['--expect-no-changes'] })), 0);
  made.rewrite(bare(2, ''));
  assert.equal(await askedBy(() => made.up()), 2);
  await made.destroy();
});

/** A Kubernetes API that knows one Secret and nothing else. */
async function clusterWithSecret(value: string): Promise<{ kubeconfig: string; remove: () => void }> {
  const api = await http((request, response) => {
    const found = request.url === '/api/v1/namespaces/n/secrets/redis';
    const secret = { kind: 'Secret', apiVersion: 'v1', data: { password: Buffer.from(value).toString('base64') } };
    const answer = found ? secret : { kind: 'Status', message: `no ${request.url}`, code: 404 };
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  const folder = mkdtempSync(join(tmpdir(), 'platform-gates-'));
  const kubeconfig = join(folder, 'kubeconfig');
  // The library speaks plain HTTP only to those it is told not to verify.
  const cluster = { server: `http://127.0.0.1:${api}`, 'insecure-skip-tls-verify': true };
  const named = { cluster, user: {}, context: { cluster: 'c', user: 'c' } };
  const part = (key: keyof typeof named): object[] => [{ name: 'c', [key]: named[key] }];
  const content = { clusters: part('cluster'), users: part('user'), contexts: part('context'), 'current-context': 'c' };
  writeFileSync(kubeconfig, JSON.stringify({ kind: 'Config', apiVersion: 'v1', ...content }));
  return { kubeconfig, remove: () => rmSync(folder, { recursive: true }) };
}

test('a refused password is in no evidence, no message, no log at full verbosity and no state, even if the server repeats it', async () => {
  const password = 'canary-p@ss/w0rd+4711';
  const spellings = [password, encodeURIComponent(password), Buffer.from(password).toString('base64')];
  const { kubeconfig, remove } = await clusterWithSecret(password);
  let received = '';
  const indiscreet = await listen(
    createTcp((socket) => {
      socket.on('data', (data) => {
        received += data.toString();
        // One refusal for each command in it.
        const refusal = `-WRONGPASS this is not right: ${password} ${spellings.join(' ')}\r\n`;
        for (const _command of data.toString().matchAll(/^\*\d/gm)) socket.write(refusal);
      });
    }),
  );
  const made = await stack(
    `import { RedisGate } from './components/gates/index.ts';
     new RedisGate('ping', {
       cluster: {}, subject: 's', command: 'PING', expect: { reply: 'PONG' },
       target: { host: '127.0.0.1', port: ${indiscreet} },
       password: { namespace: 'n', name: 'redis', key: 'password' },
       patience: { interval: '50ms' },
     });`,
    { kubeconfig },
  );
  const { output, events } = await made.up({ fails: true, args: ['--logtostderr', '--logflow', '-v=11'] });
  assert.ok(received.includes(password), 'the probe did not send the password: this test proves nothing');
  assert.match(output, /RedisGate "ping" stays shut: fail after 3 tries .*Redis: WRONGPASS this is not right: \*\*\*/);
  const state = readFileSync(stateFile(made), 'utf8');
  assert.ok(state.includes('WRONGPASS'), 'the evidence is not in the state: this test proves nothing');
  for (const [place, text] of Object.entries({ output, state, events: JSON.stringify(events) })) {
    for (const spelling of spellings) assert.ok(!text.includes(spelling), `${spelling} is in the ${place}`);
  }
  await made.destroy();
  remove();
});

const processes = (): string[] => execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');

test('when the engine is killed, a gate that is still asking stops within two seconds', async () => {
  healthy = false;
  const made = await stack(`
    import { HttpGate } from './components/gates/index.ts';
    const patience = { interval: '50ms', failureLimit: 'none', deadline: '10m' } as const;
    new HttpGate('gate', ${GATE}, subject: 's', patience });
  `);
  const before = asked;
  const child = spawn('pulumi', ['up', '--yes', '--skip-preview'], {
    cwd: made.project,
    env: made.env,
    stdio: 'ignore',
  });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  while (asked < before + 3) await sleep(50);
  child.kill('SIGKILL');
  await gone;
  await sleep(2000);
  const then = asked;
  await sleep(500);
  assert.equal(asked, then, 'the gate goes on asking');
  assert.deepEqual(
    processes().filter((line) => line.includes('dynamic-provider') && line.includes(made.project)),
    [],
  );
});

for (const [between, command] of [
  ['nothing', 'exec "$0" -e "$1"'],
  // A shell replaces itself by what it executes; otherwise it stays.
  ['a launcher script', '"$0" -e "$1"; true'],
] as const) {
  test(`with ${between} between engine and host, a gate notices by itself that the engine is gone`, async () => {
    healthy = false;
    const patience = { ...PATIENCE.HttpGate, interval: '50ms', failureLimit: 'none', deadline: '10m' };
    const rest = { kind: 'HttpGate', name: 'g', rules: 1, cluster: {}, path: '/', expect: { status: 200 }, patience };
    const inputs = JSON.stringify({ ...rest, target: { url: `http://127.0.0.1:${port}` } });
    const host = `import('./components/gates/run.ts').then(({ create }) => create(${inputs}))`;
    const start = `require('node:child_process').spawn('sh', ['-c', ...process.argv.slice(1)], { stdio: 'ignore' });`;
    const args = ['-e', `${start} setInterval(() => undefined, 1000)`, command, process.execPath, host];
    const parent = spawn(process.execPath, args, { cwd: CHECKOUT, stdio: 'ignore' });
    const before = asked;
    while (asked < before + 3) await sleep(50);
    parent.kill('SIGKILL');
    await sleep(2000);
    const then = asked;
    await sleep(500);
    assert.equal(asked, then, 'the gate goes on asking');
  });
}
