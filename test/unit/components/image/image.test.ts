import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { BuiltImage, released, staged, type BuiltImageArgs } from '../../../../components/image/index.ts';
import { named, planned, type Answers, type Made } from '../../support/mocks.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const BUILT_AT = '2026-01-31T12:00:00Z';
const REFERENCE = 'registry.example.com/team/api@sha256:1234';

let context: string;
before(() => {
  context = mkdtempSync(join(tmpdir(), 'context-'));
  writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nARG VERSION\nARG BUILD_TIME\nARG GIT_COMMIT\n');
  writeFileSync(join(context, 'staging.Dockerfile'), 'FROM scratch\nARG ENVIRONMENT\n');
});
after(() => rmSync(context, { recursive: true }));

const answers: Answers = { 'docker:index/image:Image': () => ({ repoDigest: REFERENCE }) };

const args = (more: Partial<BuiltImageArgs> = {}): BuiltImageArgs => ({
  host: { address: 'unix:///run/docker.sock' },
  repository: 'registry.example.com/team/api',
  edition: released({ version: '3.2.0', builtAt: BUILT_AT, commit: COMMIT }),
  context,
  registry: { username: 'builder', password: 'hunter-two-pass' },
  ...more,
});

const made = (more: Partial<BuiltImageArgs> = {}): Promise<readonly Made[]> =>
  planned(() => new BuiltImage('api', args(more), {}), answers);

const forStaging = (): Partial<BuiltImageArgs> => ({
  edition: staged({ environment: 'staging', builtAt: BUILT_AT }),
  dockerfile: join(context, 'staging.Dockerfile'),
  version: { command: ['/bin/api', '--version'], says: '1.0.0' },
});

test('a release is built once, with B’s arguments, for a stated platform, and pushed under its version (B-IMG-3, B-IMG-4)', async () => {
  const all = await made();
  const { inputs } = named(all, 'api-image');
  assert.equal(inputs['imageName'], 'registry.example.com/team/api:3.2.0');
  assert.deepEqual(inputs['build'], {
    context,
    dockerfile: join(context, 'Dockerfile'),
    platform: 'linux/amd64',
    args: { VERSION: '3.2.0', BUILD_TIME: BUILT_AT, GIT_COMMIT: COMMIT },
  });
  assert.deepEqual(
    all.map(({ name }) => name),
    ['api', 'api-image', 'api-ledger'],
  );
});

test('the password of the registry is a secret wherever it is given', async () => {
  const all = await made(forStaging());
  let seen = 0;
  for (const { inputs } of all) {
    const open = JSON.stringify(inputs, (_key, value: unknown) =>
      typeof value === 'object' && value !== null && '4dabf18193072939515e22adb298388d' in value ? 'sealed' : value,
    );
    assert.ok(!open.includes('hunter-two-pass'));
    if (JSON.stringify(inputs).includes('hunter-two-pass')) seen++;
  }
  assert.equal(seen, 2, 'the push of either tag signs in');
});

test('the moving tag is given to the same image, not to a second build, and goes nowhere when it is deleted (A-IMG-2, A-IMG-5)', async () => {
  const all = await made(forStaging());
  assert.equal(all.filter(({ type }) => type === 'docker:index/image:Image').length, 1);
  assert.deepEqual(named(all, 'api-moving').inputs, {
    sourceImage: 'registry.example.com/team/api:staging-20260131-120000',
    targetImage: 'registry.example.com/team/api:staging-latest',
  });
  const { inputs } = named(all, 'api-moved');
  assert.equal(inputs['keepRemotely'], true);
  assert.deepEqual(inputs['triggers'], { reference: REFERENCE });
});

test('what was pushed is asked for its version before the moving tag moves (A-IMG-3, B-IMG-5)', async () => {
  const all = await made(forStaging());
  assert.equal(named(all, 'api-pulled').inputs['name'], REFERENCE);
  const { inputs, nth } = named(all, 'api-version');
  assert.deepEqual(
    [inputs['reference'], inputs['command'], inputs['says']],
    [REFERENCE, ['/bin/api', '--version'], '1.0.0'],
  );
  assert.ok(nth > named(all, 'api-pulled').nth && nth < named(all, 'api-moving').nth);
});

test('the ledger’s hash moves with files, recipe and arguments, and with nothing else', async () => {
  const hash = async (more: Partial<BuiltImageArgs> = {}) => named(await made(more), 'api-ledger').inputs['sources'];
  const first = await hash();
  const quiet = { registry: { username: 'x', password: 'y' }, host: { address: 'unix:///other.sock' } };
  assert.equal(await hash(quiet), first);
  const later = released({ version: '3.2.0', builtAt: '2026-02-01T00:00:00Z', commit: COMMIT });
  assert.notEqual(await hash({ edition: later }), first);
  assert.notEqual(await hash({ platform: 'linux/arm64' }), first);
  assert.notEqual(await hash({ target: 'slim' }), first);
  writeFileSync(join(context, 'new'), '');
  assert.notEqual(await hash(), first);
  rmSync(join(context, 'new'));
  assert.equal(await hash(), first);
});

for (const [what, more, why] of [
  ['a repository with a tag', { repository: 'registry.example.com/api:1' }, /repository: found "registry/],
  ['a repository of no registry', { repository: 'team/api' }, /repository: found "team\/api"/],
  ['a context that is not there', { context: '/nowhere' }, /context: found "\/nowhere"; wanted a folder that is there/],
  ['a recipe that is not there', { dockerfile: '/nowhere/Dockerfile' }, /dockerfile: found "\/nowhere/],
  [
    'a fixed tag that moves',
    { edition: { tags: { fixed: 'latest' }, arguments: {} } },
    /edition\.tags\.fixed: found "latest"/,
  ],
  ['a version asked with nothing', { version: { command: [], says: '1' } }, /version\.command: found nothing/],
  ['a daemon on TCP', { host: { address: 'tcp://10.0.0.1:2375' } }, /host\.address: found "tcp:/],
] as const satisfies readonly (readonly [string, Partial<BuiltImageArgs>, RegExp])[]) {
  test(`${what} is refused before anything is planned`, async () => {
    await assert.rejects(made(more), why);
  });
}
