import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { ignores, sourcesOf, visible } from '../../../../components/image/sources.ts';

let folder: string;
before(() => (folder = mkdtempSync(join(tmpdir(), 'sources-'))));
after(() => rmSync(folder, { recursive: true }));

let made = 0;
function context(files: Readonly<Record<string, string>>): string {
  const root = join(folder, String((made += 1)));
  mkdirSync(root);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

const FILES = { 'main.go': 'package main', 'cmd/a.go': 'a', 'b.txt': 'b' };

test('the same files give the same hash, whoever laid them down, in whatever order, whenever', () => {
  const [one, two] = [context(FILES), context(Object.fromEntries(Object.entries(FILES).toReversed()))];
  utimesSync(join(two, 'b.txt'), 0, 0);
  assert.equal(sourcesOf(one, ['x']), sourcesOf(two, ['x']));
});

const CHANGES: Readonly<Record<string, (root: string) => void>> = {
  'another content': (root) => writeFileSync(join(root, 'b.txt'), 'c'),
  'another file': (root) => writeFileSync(join(root, 'new'), ''),
  'a file less': (root) => rmSync(join(root, 'b.txt')),
  'a file that can be executed': (root) => chmodSync(join(root, 'b.txt'), 0o755),
  'a link in place of a file': (root) => {
    rmSync(join(root, 'b.txt'));
    symlinkSync('main.go', join(root, 'b.txt'));
  },
};
for (const [what, change] of Object.entries(CHANGES)) {
  test(`${what} gives another hash`, () => {
    const root = context(FILES);
    const before = sourcesOf(root, []);
    change(root);
    assert.notEqual(sourcesOf(root, []), before);
  });
}

test('what the build is told counts, and where one text ends and the next begins', () => {
  const root = context(FILES);
  const hashes = [[], ['a'], ['a', 'b'], ['ab']].map((told) => sourcesOf(root, told));
  assert.equal(new Set(hashes).size, hashes.length);
});

test('what .dockerignore names is no part of it', () => {
  const root = context({
    ...FILES,
    '.dockerignore': 'node_modules\n*.log\n!kept.log\n',
    'node_modules/x/y.js': '1',
    'a.log': '1',
    'kept.log': '1',
  });
  assert.deepEqual(visible(root), ['.dockerignore', 'b.txt', 'cmd/a.go', 'kept.log', 'main.go']);
  const before = sourcesOf(root, []);
  writeFileSync(join(root, 'node_modules/x/y.js'), '2');
  writeFileSync(join(root, 'a.log'), '2');
  assert.equal(sourcesOf(root, []), before);
  writeFileSync(join(root, 'kept.log'), '2');
  assert.notEqual(sourcesOf(root, []), before);
});

test('patterns mean what they mean to Docker: from the root, folders with all below, ** over folders, the last one decides', () => {
  const ignored = (text: string, ...paths: string[]): boolean[] => paths.map(ignores(text));
  assert.deepEqual(ignored('*.md', 'a.md', 'docs/a.md'), [true, false]);
  assert.deepEqual(ignored('**/*.md', 'a.md', 'docs/x/a.md', 'a.mdx'), [true, true, false]);
  assert.deepEqual(ignored('/docs/', 'docs/a', 'docs', 'x/docs/a'), [true, true, false]);
  assert.deepEqual(ignored('te?t', 'test', 'text/a', 'tet'), [true, true, false]);
  assert.deepEqual(ignored('*\n!src\nsrc/*.test.ts', 'a', 'src/a.ts', 'src/a.test.ts'), [true, false, true]);
  assert.deepEqual(ignored('# a\n\n', 'a', '# a'), [false, false]);
  assert.deepEqual(ignored('a.c', 'abc', 'a.c'), [false, true]);
});
