/** The engine of `infra/sandbox/engine` end to end: the real CLI and the hosts on a file backend. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { engine, type EngineTest, type EngineTestOptions } from './support/engine.ts';

const made: EngineTest[] = [];
const start = async (options: EngineTestOptions): Promise<EngineTest> => {
  const one = await engine(options);
  made.push(one);
  return one;
};
after(() => made.forEach((one) => one.remove()));

/** A dynamic resource that takes its time to be made, and says where it was. */
const SLOW = `
import * as pulumi from '@pulumi/pulumi';
import { writeFileSync } from 'node:fs';
const config = new pulumi.Config();
const mark = config.get('mark') ?? '';
class Slow extends pulumi.dynamic.Resource {
  constructor(name, delay, value) {
    super({
      async create(inputs) {
        if (inputs.mark) (await import('node:fs')).writeFileSync(inputs.mark, String(process.pid));
        await new Promise((resolve) => setTimeout(resolve, inputs.delay));
        return { id: 'made', outs: inputs };
      },
    }, name, { delay, value, mark });
  }
}
new Slow('first', 0, config.get('value') ?? 'plain');
new Slow('second', Number(config.get('delay') ?? 0), pulumi.secret(config.get('hidden') ?? 'nothing'));
export const greeting = 'hello';
`;

/** Every file of a folder. What it links to is not its own: the packages of the checkout, for one. */
const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(path);
      return entry.isFile() ? [path] : [];
    })
    .toSorted();

const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);

const holding = (folder: string, text: string): string[] =>
  filesBelow(folder).filter((file) => readFileSync(file).includes(text));

describe('a fresh folder', () => {
  test('is all it takes for up, preview and destroy: nothing is asked, and a second up changes nothing', async () => {
    const stack = await start({ source: SLOW });
    await stack.up();
    assert.deepEqual(await stack.outputs(), { greeting: 'hello' });
    assert.deepEqual((await stack.preview()).changeSummary, { same: 3 });
    await stack.destroy();
    assert.deepEqual(await stack.export(), []);
  });

  test('gets a passphrase of its own that only its owner can read', async () => {
    const [one, two] = [await start({ source: SLOW }), await start({ source: SLOW })];
    const [file, other] = [one, two].map(({ env }) => env.PULUMI_CONFIG_PASSPHRASE_FILE!);
    assert.equal(modeOf(file!), '600');
    assert.equal(modeOf(join(one.state, 'pulumi')), '700');
    assert.ok(readFileSync(file!, 'utf8').length >= 43, '32 bytes and more');
    assert.notEqual(readFileSync(file!, 'utf8'), readFileSync(other!, 'utf8'));
  });

  test('takes every change of configuration; the project stays as it was', async () => {
    const stack = await start({ source: SLOW });
    const before = filesBelow(stack.project).map((file) => [file, readFileSync(file, 'utf8')]);
    await stack.up();
    await stack.pulumi(['config', 'set', 'test:value', 'other']);
    await stack.pulumi(['config', 'set', '--secret', 'test:hidden', 'a secret']);
    assert.equal((await stack.preview()).changeSummary.update, 2);
    assert.deepEqual(
      filesBelow(stack.project).map((file) => [file, readFileSync(file, 'utf8')]),
      before,
    );
    const written = join(stack.state, 'Pulumi.test.yaml');
    assert.match(readFileSync(written, 'utf8'), /test:value.*other/);
    assert.equal(modeOf(written), '600');
  });

  test('holds no secret in the clear, in state, history, backups or logs', async () => {
    const [hidden, plain] = ['cleartext-5d41402abc4b', 'planted-7d793037a076'];
    const stack = await start({ source: SLOW });
    await stack.pulumi(['config', 'set', 'test:value', plain]);
    await stack.pulumi(['config', 'set', '--secret', 'test:hidden', hidden], {});
    await stack.up();
    assert.notDeepEqual(holding(stack.state, plain), [], 'the search finds what is not secret');
    assert.deepEqual(holding(stack.state, hidden), []);
    assert.deepEqual(holding(stack.state, Buffer.from(hidden).toString('base64').slice(0, 20)), []);
  });
});

test('two instances at the same time do not see each other', async () => {
  const stacks = await Promise.all(
    ['one', 'two'].map((value) => start({ source: SLOW, config: { 'test:value': value } })),
  );
  await Promise.all(stacks.map((stack) => stack.up()));
  const values = await Promise.all(
    stacks.map(async (stack) => (await stack.export()).find(({ urn }) => urn.endsWith('::first'))?.outputs?.value),
  );
  assert.deepEqual(values, ['one', 'two']);
  await stacks[0]!.destroy();
  assert.equal((await stacks[1]!.export()).length, 4);
});

describe('after a kill', () => {
  test('in the middle of a create, nothing lives on and the next up succeeds', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'platform-kill-'));
    const mark = join(folder, 'pid');
    const stack = await start({ source: SLOW, config: { 'test:delay': '60000', 'test:mark': mark } });
    const child = spawn('pulumi', ['up', '--yes', '--skip-preview'], {
      cwd: stack.project,
      env: { ...process.env, ...stack.env },
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    let host = '';
    for (let i = 0; i < 600 && !/^\d+$/.test(host); i++) {
      await sleep(100);
      host = filesBelow(folder).includes(mark) ? readFileSync(mark, 'utf8') : '';
    }
    assert.match(host, /^\d+$/, 'the create has begun');
    await sleep(1000);
    child.kill('SIGKILL');
    await ended;
    for (let i = 0; i < 50 && isAlive(Number(host)); i++) await sleep(100);
    assert.ok(!isAlive(Number(host)), 'the host of the dynamic provider is gone within 5 s');

    await stack.configure({ 'test:mark': mark });
    await stack.up();
    assert.equal((await stack.export()).filter(({ type }) => type.startsWith('pulumi-nodejs:dynamic')).length, 2);
    rmSync(folder, { recursive: true });
  });

  test('that cut the state short, its backup is taken', async () => {
    const stack = await start({ source: SLOW });
    await stack.up();
    const file = join(stack.state, 'pulumi/backend/.pulumi/stacks/test/test.json');
    writeFileSync(file, '');
    await stack.configure({});
    await stack.up();
    assert.equal((await stack.preview()).changeSummary.same, 3);
  });
});

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('the language host', () => {
  test('runs the program from any folder below the project, with every plugin that its packages name', async () => {
    const stack = await start({ source: SLOW });
    mkdirSync(join(stack.project, 'a/b'), { recursive: true });
    const { output } = await stack.pulumi(['about', '--json', '--cwd', join(stack.project, 'a/b')]);
    const about = JSON.parse(output.slice(output.indexOf('{'))) as { plugins: { name: string }[] };
    const names = about.plugins.map(({ name }) => name);
    for (const name of ['kubernetes', 'random', 'docker', 'aws']) assert.ok(names.includes(name), name);
    await stack.pulumi(['preview', '--cwd', join(stack.project, 'a/b')]);
  });

  test('adds nothing to an error that the program has explained', async () => {
    const stack = await start({
      source: `import * as pulumi from '@pulumi/pulumi'; throw new pulumi.RunError('replicas: found 0; wanted 1');`,
    });
    const { output } = await stack.up({ fails: true });
    assert.match(output, /replicas: found 0; wanted 1/);
    assert.doesNotMatch(output, /non-zero exit code/);
  });

  test('tells the exit code of a program that ends without a word', async () => {
    const stack = await start({ source: 'process.exit(7);' });
    assert.match((await stack.up({ fails: true })).output, /exited with non-zero exit code: 7/);
  });

  test('runs a policy pack, whose findings stop an update', async () => {
    const stack = await start({ source: SLOW, config: { 'test:value': 'forbidden' } });
    const pack = policyPack(join(stack.state, 'pack'));
    const missing = await stack.up({ fails: true, args: ['--policy-pack', pack] });
    assert.match(missing.output, /has no @pulumi\/pulumi.*npm ci/);
    symlinkSync(join(stack.project, 'node_modules'), join(pack, 'node_modules'));
    const { output } = await stack.up({ fails: true, args: ['--policy-pack', pack] });
    assert.match(output, /first is forbidden/);
    assert.deepEqual(
      (await stack.export()).filter(({ urn }) => urn.endsWith('::first')),
      [],
    );
    await stack.configure({ 'test:value': 'allowed' });
    await stack.up({ args: ['--policy-pack', pack] });
  });
});

/** A pack of one policy on the SDK's own stubs: @pulumi/policy is not among this project's packages. */
function policyPack(folder: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'PulumiPolicy.yaml'), 'runtime: nodejs\nmain: index.js\n');
  writeFileSync(join(folder, 'package.json'), '{ "main": "index.js" }');
  writeFileSync(
    join(folder, 'index.js'),
    `
const load = require('module').createRequire(require.resolve('@pulumi/pulumi/package.json'));
const grpc = load('@grpc/grpc-js');
const pb = load('./proto/analyzer_pb.js');
const { AnalyzerService } = load('./proto/analyzer_grpc_pb.js');
const { PluginInfo } = load('./proto/plugin_pb.js');
const { Empty } = load('google-protobuf/google/protobuf/empty_pb.js');
const info = new pb.AnalyzerInfo(), policy = new pb.PolicyInfo();
policy.setName('no-forbidden'), policy.setEnforcementlevel(pb.EnforcementLevel.MANDATORY);
info.setName('pack'), info.setVersion('1.0.0'), info.addPolicies(policy);
const server = new grpc.Server();
server.addService(AnalyzerService, {
  getPluginInfo: (_, answer) => answer(null, new PluginInfo()),
  getAnalyzerInfo: (_, answer) => answer(null, info),
  configure: (_, answer) => answer(null, new Empty()),
  analyze: ({ request }, answer) => {
    const response = new pb.AnalyzeResponse();
    if (request.getProperties().toJavaScript().value === 'forbidden') {
      const found = new pb.AnalyzeDiagnostic();
      found.setPolicyname('no-forbidden'), found.setPolicypackname('pack'), found.setPolicypackversion('1.0.0');
      found.setMessage(request.getName() + ' is forbidden'), found.setEnforcementlevel(pb.EnforcementLevel.MANDATORY);
      response.addDiagnostics(found);
    }
    answer(null, response);
  },
  analyzeStack: (_, answer) => answer(null, new pb.AnalyzeResponse()),
});
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => console.log(port));
`,
  );
  return folder;
}
