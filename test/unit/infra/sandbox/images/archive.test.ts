import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { imageArchive, imageArchives, layerArchive } from '../../../../../infra/sandbox/images/archive.ts';
import { header } from '../../../../../infra/sandbox/images/tar.ts';

const dir = mkdtempSync(join(tmpdir(), 'archive-'));
after(() => rmSync(dir, { recursive: true }));
let count = 0;
const out = (): string => join(dir, `${count++}.tar`);
const tar = (...args: string[]): string => execFileSync('tar', args, { encoding: 'utf8' });
const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
const member = (archive: string, name: string): Buffer =>
  execFileSync('tar', ['-xOf', archive, name], { maxBuffer: 2 ** 24 });
const json = (archive: string, name: string): unknown => JSON.parse(member(archive, name).toString());

async function layer(content: string): Promise<string> {
  const file = out();
  await layerArchive({ '/file': { content } }, file);
  return file;
}

test('tar reads a layer back: content, modes, owners, links, folders above', async () => {
  const source = join(dir, 'binary');
  writeFileSync(source, Buffer.alloc(3_000_000, 7));
  const file = out();
  await layerArchive(
    {
      '/usr/bin/program': { file: source },
      '/etc/settings': { content: 'a = 1\n', mode: 0o600, uid: 10, gid: 20 },
      '/data': { folder: true, mode: 0o1777 },
      '/program': { link: 'usr/bin/program' },
    },
    file,
  );
  assert.deepEqual(
    tar('--numeric-owner', '-tvf', file)
      .trim()
      .split('\n')
      .map((line) => line.replace(/ +/g, ' ').replace(/1970-01-01 \d\d:\d\d /, '')),
    [
      'drwxrwxrwt 0/0 0 data/',
      'drwxr-xr-x 0/0 0 etc/',
      '-rw------- 10/20 6 etc/settings',
      'lrwxrwxrwx 0/0 0 program -> usr/bin/program',
      'drwxr-xr-x 0/0 0 usr/',
      'drwxr-xr-x 0/0 0 usr/bin/',
      '-rwxr-xr-x 0/0 3000000 usr/bin/program',
    ],
  );
  assert.equal(sha256(member(file, 'usr/bin/program')), sha256(readFileSync(source)));
  assert.equal(statSync(file).size % 512, 0);
});

test('the same content gives the same bytes, whatever the order and the clock', async () => {
  const [a, b] = [out(), out()];
  await layerArchive({ '/x/a': { content: '1' }, '/x/b': { content: '2' } }, a);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await layerArchive({ '/x/b': { content: '2' }, '/x/a': { content: '1' } }, b);
  assert.deepEqual(readFileSync(a), readFileSync(b));
});

test('an image archive is what containerd and Docker expect: digests are those of the contents', async () => {
  const [base, own] = [await layer('base'), await layer('own')];
  const file = out();
  const config = {
    entrypoint: ['/file'],
    command: ['serve'],
    env: { A: 'b=c' },
    user: '10001',
    ports: [8000],
    volumes: ['/data'],
    stopSignal: 'SIGINT',
    labels: { note: 'text' },
  };
  const made = await imageArchive({ ref: 'example.org/app:1', layers: [base, own], config }, file);
  const [manifest] = json(file, 'manifest.json') as { Config: string; RepoTags: string[]; Layers: string[] }[];
  assert.deepEqual(manifest!.RepoTags, ['example.org/app:1']);
  const content = member(file, manifest!.Config);
  assert.equal(made.id, `sha256:${sha256(content)}`);
  assert.equal(manifest!.Config, `${sha256(content)}.json`);
  const image = JSON.parse(content.toString()) as {
    config: Record<string, unknown>;
    rootfs: { type: string; diff_ids: string[] };
  };
  assert.deepEqual(image.rootfs, {
    type: 'layers',
    diff_ids: [base, own].map((path) => `sha256:${sha256(readFileSync(path))}`),
  });
  for (const [index, name] of manifest!.Layers.entries()) {
    assert.deepEqual(member(file, name), readFileSync([base, own][index]!));
  }
  assert.deepEqual(image.config, {
    User: '10001',
    ExposedPorts: { '8000/tcp': {} },
    Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'A=b=c'],
    Entrypoint: ['/file'],
    Cmd: ['serve'],
    Volumes: { '/data': {} },
    WorkingDir: '/',
    Labels: { note: 'text' },
    StopSignal: 'SIGINT',
  });
});

test('images of one archive store a shared layer once', async () => {
  const base = await layer('shared');
  const file = out();
  const images = await Promise.all(
    ['1', '2'].map(async (tag) => ({ ref: `example.org/app:${tag}`, layers: [base, await layer(tag)], config: {} })),
  );
  const made = await imageArchives(images, file);
  assert.notEqual(made[0]!.id, made[1]!.id);
  const members = tar('-tf', file).trim().split('\n');
  assert.equal(members.length, new Set(members).size);
  assert.equal(members.filter((name) => name.endsWith('.tar')).length, 3);
});

test('an archive is never written over, and a relative path is refused', async () => {
  const file = await layer('first');
  await assert.rejects(layerArchive({ '/file': { content: 'second' } }, file), /EEXIST/);
  for (const path of ['relative', '/a/../b', '/a/./b']) {
    const other = out();
    await assert.rejects(layerArchive({ [path]: { content: '' } }, other), /absolute path/);
    assert.ok(!existsSync(other));
  }
});

test('any path that a header can hold comes back from tar as it was, any longer one is an error', async () => {
  const name = fc.stringMatching(/^[a-z]{1,90}$/);
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  await fc.assert(
    fc.asyncProperty(path, async (wanted) => {
      let block;
      try {
        block = header(wanted, { type: '0', mode: 0o644 });
      } catch (error) {
        assert.match(String(error), /too long for a tar header/);
        assert.ok(wanted.length > 155, wanted);
        return;
      }
      const listed = execFileSync('tar', ['-tf', '-'], { input: Buffer.concat([block, Buffer.alloc(1024)]) });
      assert.equal(listed.toString().trim(), wanted);
      await Promise.resolve();
    }),
    { numRuns: 60 },
  );
});
