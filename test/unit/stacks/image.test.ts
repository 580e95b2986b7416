/** A stack that is one image: what it refuses, and what it makes of its settings. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { parse, systemIn } from '../../../stacks/config/load.ts';
import { image, type ImageOutputs } from '../../../stacks/image.ts';
import { named, planned, type Answers, type Made } from '../support/mocks.ts';
import { changed, rawOf, type Groups } from './support/raw.ts';

const PASSWORD = { 'platform:registryPassword': 'hunter-two-pass' };
const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const DIGEST = `sha256:${'a'.repeat(64)}`;

let context: string;
before(() => {
  context = mkdtempSync(join(tmpdir(), 'context-'));
  writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nARG VERSION\nARG BUILD_TIME\nARG GIT_COMMIT\n');
  writeFileSync(join(context, 'staging.Dockerfile'), 'FROM scratch\nARG ENVIRONMENT\n');
});
after(() => rmSync(context, { recursive: true }));

const release = (): Groups => ({
  stack: { system: 'image', version: '3.2.0' },
  docker: { address: 'unix:///run/docker.sock' },
  image: {
    repository: 'staging-registry.example.com/architect-api',
    context,
    builtAt: '2026-01-31T12:00:00Z',
    release: { commit: COMMIT },
    proof: { command: ['./architect-api', '--version'] },
  },
  registry: { username: 'builder' },
});

const forStaging = (): Groups => {
  const dockerfile = join(context, 'staging.Dockerfile');
  const { release: _, ...rest } = release()['image']!;
  return { ...release(), image: { ...rest, dockerfile, staged: { environment: 'staging' } } };
};

const settingsOf = (groups: Groups, texts: Record<string, string> = PASSWORD) =>
  parse(rawOf(groups, texts, Object.keys(texts)), 'it', 'image');
const refused = (groups: Groups, texts?: Record<string, string>): string => {
  try {
    settingsOf(groups, texts);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

const answers: Answers = {
  'docker:index/image:Image': ({ inputs }) => ({ repoDigest: `${String(inputs['imageName'])}@${DIGEST}` }),
};

async function composed(groups: Groups): Promise<{ made: readonly Made[]; outputs: ImageOutputs }> {
  let outputs: ImageOutputs | undefined;
  const made = await planned(() => {
    const registryPassword = pulumi.secret(PASSWORD['platform:registryPassword']);
    outputs = image({ settings: settingsOf(groups), secrets: { registryPassword } });
  }, answers);
  return { made, outputs: outputs! };
}

test('the system is found by its name', () => {
  assert.equal(systemIn(rawOf(release()), 'it'), 'image');
  assert.equal(refused(release()), '');
  assert.equal(refused(forStaging()), '');
});

test('a build is a release or one for an environment, never both, and never neither', () => {
  const neither = changed(release(), 'image.release', undefined);
  assert.match(refused(neither), /image: found neither image\.release nor image\.staged; wanted one of them/);
  const both = changed(release(), 'image.staged', { environment: 'staging' });
  assert.match(refused(both), /image: found image\.release and image\.staged; wanted one of them/);
});

test('without a password for the registry nothing is built, and the message says how to set it', () => {
  assert.match(
    refused(release(), {}),
    /registryPassword: found nothing;.*pulumi config set --secret registryPassword/s,
  );
});

test('a builder over SSH is believed by its key', () => {
  const remote = changed(release(), 'docker.address', 'ssh://builder@203.0.113.9');
  assert.match(refused(remote), /docker\.ssh: found nothing; wanted the group/);
  assert.equal(refused(changed(remote, 'docker.ssh', { knownHosts: '/etc/ssh/ssh_known_hosts' })), '');
});

for (const [path, value, wanted] of [
  ['image.repository', 'architect-api', /registry and repository without a tag/],
  ['image.repository', 'registry.example.com/architect-api:3.2.0', /registry and repository without a tag/],
  ['image.builtAt', '2026-01-31', /a time in UTC to the second/],
  ['image.release.commit', 'c0ffee', /the whole hash of a commit/],
  ['image.proof.command', [], /a program in the image, and its arguments/],
  ['image.proof.command', './architect-api --version', /a program in the image, and its arguments/],
] as const) {
  test(`${path} of ${JSON.stringify(value)} is refused in words`, () => {
    const message = refused(changed(release(), path, value));
    assert.match(message, wanted);
    assert.ok(message.includes(path), message);
  });
}

test('a release is pushed under its version, told version, time and commit, and asked for its version (B-IMG-3..5)', async () => {
  const { made, outputs } = await composed(release());
  const { inputs } = named(made, 'image-image');
  assert.equal(inputs['imageName'], 'staging-registry.example.com/architect-api:3.2.0');
  assert.deepEqual((inputs['build'] as { args: unknown }).args, {
    VERSION: '3.2.0',
    BUILD_TIME: '2026-01-31T12:00:00Z',
    GIT_COMMIT: COMMIT,
  });
  const proof = named(made, 'image-version').inputs;
  assert.deepEqual([proof['command'], proof['says']], [['./architect-api', '--version'], '3.2.0']);
  assert.equal(outputs.tagged, 'staging-registry.example.com/architect-api:3.2.0');
  assert.equal(outputs.version, '3.2.0');
});

test('a build for staging has its time as a tag and another that moves, and is told its environment (A-IMG-1, A-IMG-2)', async () => {
  const { made, outputs } = await composed(forStaging());
  assert.equal(outputs.tagged, 'staging-registry.example.com/architect-api:staging-20260131-120000');
  assert.deepEqual((named(made, 'image-image').inputs['build'] as { args: unknown }).args, { ENVIRONMENT: 'staging' });
  assert.equal(
    named(made, 'image-moving').inputs['targetImage'],
    'staging-registry.example.com/architect-api:staging-latest',
  );
});

test('the host signs in to the registry of the image, and to no other', async () => {
  const { made } = await composed(release());
  const { registryAuth } = named(made, 'builder-provider').inputs as { registryAuth: unknown };
  const open = JSON.stringify(registryAuth);
  assert.match(open, /staging-registry\.example\.com/);
  assert.doesNotMatch(open, /architect-api/);
  assert.match(open, /4dabf18193072939515e22adb298388d/, 'as a secret');
});
