import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { load } from 'js-yaml';
import { dependencies, requiredPlugins } from '../../../../../infra/sandbox/engine/hosts/packages.ts';
import type { Plan } from '../../../../../infra/sandbox/engine/plan.ts';
import { report } from '../../../../../infra/sandbox/engine/report.ts';
import { heal, stackConfigFile } from '../../../../../infra/sandbox/engine/stack.ts';

const root = mkdtempSync(join(tmpdir(), 'platform-stack-'));
after(() => rmSync(root, { recursive: true }));
let count = 0;
const folder = (): string => {
  const path = join(root, String(count++));
  mkdirSync(path);
  return path;
};
const put = (path: string, content: string): string => {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
};

describe('the configuration of a sandbox', () => {
  const project = folder();
  put(join(project, 'Pulumi.local.yaml'), 'config:\n  p:api: { port: 1, replicas: 2 }\n  p:list: [1, 2]\n');

  test('opens its secrets itself, whoever opens those of the tree’s own stack', () => {
    const kept = folder();
    put(join(kept, 'Pulumi.local.yaml'), 'secretsprovider: awskms://1\nencryptedkey: AAAA\nconfig:\n  p:a: 1\n');
    const file = stackConfigFile({ state: folder(), stack: 'local', project: kept });
    assert.deepEqual(load(readFileSync(file, 'utf8')), { config: { 'p:a': 1 } });
  });

  test('says of a file that is no YAML where and why, and nothing that stands there', () => {
    const broken = folder();
    const file = put(join(broken, 'Pulumi.local.yaml'), 'config:\n  p:key: sk-GEHEIM\n  p:key: sk-GEHEIM\n');
    assert.throws(
      () => stackConfigFile({ state: folder(), stack: 'local', project: broken }),
      (error: Error) =>
        error.message === `${file}:3: duplicated mapping key` && !JSON.stringify(error).includes('GEHEIM'),
    );
  });

  test("is the tree's own with the overrides laid over it, map by map", () => {
    const file = stackConfigFile({
      state: folder(),
      stack: 'local',
      project,
      overrides: { 'p:api': { port: 7 }, 'p:list': [3] },
    });
    assert.deepEqual(load(readFileSync(file, 'utf8')), {
      config: { 'p:api': { port: 7, replicas: 2 }, 'p:list': [3] },
    });
  });

  test('keeps its overrides and its salt until others are given', () => {
    const state = folder();
    put(join(state, 'pulumi/project/Pulumi.local.yaml'), 'encryptionsalt: v1:salt\n');
    stackConfigFile({ state, stack: 'local', project, overrides: { 'p:api': { port: 7 } } });
    rmSync(join(state, 'pulumi/project/Pulumi.local.yaml'));
    const content = load(readFileSync(stackConfigFile({ state, stack: 'local', project }), 'utf8'));
    const config = { 'p:api': { port: 7, replicas: 2 }, 'p:list': [1, 2] };
    assert.deepEqual(content, { encryptionsalt: 'v1:salt', config });
  });
});

describe('healing', () => {
  const stackOf = (state: string) => join(state, 'pulumi/backend/.pulumi/stacks/p/local.json');
  const lock = (state: string, pid: number, host = hostname()) =>
    put(
      join(state, `pulumi/backend/.pulumi/locks/organization/p/local/${pid}.json`),
      JSON.stringify({ pid, hostname: host }),
    );

  test('removes the lock of a process that is gone, or is not a pulumi any more', () => {
    const state = folder();
    const locks = [lock(state, 2 ** 22 + 1), lock(state, process.pid)];
    heal(state, 'p', 'local');
    assert.deepEqual(locks.map(existsSync), [false, false]);
  });

  test('leaves the lock of a pulumi that runs, here or on another machine', async () => {
    const state = folder();
    const binary = join(state, 'pulumi-binary/pulumi');
    mkdirSync(join(binary, '..'));
    copyFileSync('/bin/sleep', binary);
    const child = spawn(binary, ['60'], { stdio: 'ignore' });
    await new Promise((resolve) => child.once('spawn', resolve));
    const locks = [lock(state, child.pid!), lock(state, 1, 'elsewhere')];
    heal(state, 'p', 'local');
    assert.deepEqual(locks.map(existsSync), [true, true]);
    child.kill();
  });

  for (const [what, content] of [
    ['empty', ''],
    ['cut short', '{"version": 3, "check'],
  ] as const) {
    test(`takes the backup for a state that is ${what}`, () => {
      const state = folder();
      put(stackOf(state), content);
      put(`${stackOf(state)}.bak`, '{"version":3}');
      heal(state, 'p', 'local');
      assert.equal(readFileSync(stackOf(state), 'utf8'), '{"version":3}');
    });
  }

  test('does not touch a state that is whole, and says what to do with one that is lost', () => {
    const state = folder();
    put(stackOf(state), '{"new":1}');
    put(`${stackOf(state)}.bak`, '{"old":1}');
    heal(state, 'p', 'local');
    assert.equal(readFileSync(stackOf(state), 'utf8'), '{"new":1}');
    put(stackOf(state), '');
    put(`${stackOf(state)}.bak`, '');
    assert.throws(() => heal(state, 'p', 'local'), /not readable and has no backup.*make down/);
  });
});

describe('the packages of a program', () => {
  const at = folder();
  const program = join(at, 'a/program');
  const manifest = (path: string, content: object) => put(join(at, path, 'package.json'), JSON.stringify(content));
  manifest('a/program', { dependencies: { near: '1', '@pulumi/random': '1' } });
  manifest('a/program/node_modules/near', { name: 'near', version: '1.2.3' });
  manifest('a/node_modules/@pulumi/random', { name: '@pulumi/random', version: '4.0.0', pulumi: { resource: true } });
  manifest('a/node_modules/@acme/thing', {
    name: '@acme/thing',
    version: '1.0.0',
    pulumi: { resource: true, name: 'thing', version: '2.0.0', server: 'https://plugins.example.com' },
  });
  manifest('node_modules/@pulumi/random', { name: '@pulumi/random', version: '3.0.0', pulumi: { resource: true } });
  manifest('node_modules/plain', { name: 'plain', version: '1.0.0', pulumi: { resource: false } });

  test('name the plugins it needs: the nearest version, under the name and from the server they say', () => {
    assert.deepEqual(requiredPlugins(program), [
      { name: 'random', version: '4.0.0' },
      { name: 'thing', version: '2.0.0', server: 'https://plugins.example.com' },
    ]);
  });

  test('are those it asks for itself, or all that are installed', () => {
    const names = (transitive: boolean) =>
      dependencies(program, transitive).map(({ name, version }) => `${name} ${version}`);
    assert.deepEqual(names(false), ['@pulumi/random 4.0.0', 'near 1.2.3']);
    assert.deepEqual(names(true), ['@acme/thing 1.0.0', '@pulumi/random 4.0.0', 'near 1.2.3', 'plain 1.0.0']);
  });
});

describe('the summary of a plan', () => {
  const urn = (name: string) => `urn:pulumi:local::p::platform:app:Api$kubernetes:apps/v1:Deployment::${name}`;
  const plan: Plan = {
    steps: [
      { op: 'same', urn: urn('quiet') },
      { op: 'update', urn: urn('api'), detailedDiff: { 'spec.replicas': { kind: 'update' } } },
      { op: 'replace', urn: urn('job'), replaceReasons: ['spec.template'] },
      { op: 'create-replacement', urn: urn('job') },
      { op: 'delete-replaced', urn: urn('job') },
    ],
    changeSummary: { same: 1, update: 1, replace: 1 },
    diagnostics: [
      { severity: 'warning', message: 'warning: once', urn: urn('api') },
      { severity: 'warning', message: 'warning: once', urn: urn('api') },
      { severity: 'debug', message: 'how the engine works' },
      { severity: 'info#err', message: 'web: release 0123 was rejected\n\n' },
    ],
  };

  test('tells each change once, with the properties it touches, each warning once, and what a release says of itself', () => {
    const text = report('local', 'its own state.', plan, false);
    assert.match(text, /^## Preview of `local`: 2 changes\n/);
    assert.match(text, /\| update \| kubernetes:apps\/v1:Deployment \| api \| `spec\.replicas` \|/);
    assert.equal(text.match(/\| job \|/g)?.length, 1);
    assert.equal(text.match(/once/g)?.length, 1);
    assert.match(text, /\n- \*\*note\*\* web: release 0123 was rejected\n/);
    assert.doesNotMatch(text, /quiet|how the engine works/);
  });

  test('says so when nothing changes, and when the plan failed', () => {
    assert.match(report('s', 'x.', { steps: [] }, false), /no changes/);
    assert.match(report('s', 'x.', { steps: [] }, true), /failed/);
  });
});
