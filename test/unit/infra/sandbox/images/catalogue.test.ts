import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SOURCES } from '../../../../../infra/sandbox/host/paths.ts';
import { catalogue, readCatalogue } from '../../../../../infra/sandbox/images/catalogue.ts';

const image = {
  reference: 'example.org/app:1',
  layer: 'app',
  source: 'nothing',
  contract: { entrypoint: ['/app'], runAs: 1000, ports: [80] },
  lacks: ['everything'],
};
const read = (change: object): unknown =>
  readCatalogue('c.json', JSON.stringify({ about: '', layers: { app: {} }, images: [image], ...change }));

test('a catalogue with its defaults left out is read', () => {
  assert.doesNotThrow(() => read({}));
});

const mistakes: readonly (readonly [string, object, RegExp])[] = [
  ['an unknown key', { imagse: [] }, /imagse/],
  ['a layer on one that is not there', { layers: { app: { on: 'bsae' } } }, /layers\.app\.on: no layer is called bsae/],
  ['an image of no layer', { images: [{ ...image, layer: 'other' }] }, /images\.0\.layer: no layer is called other/],
  ['a reference without a tag', { images: [{ ...image, reference: 'example.org/app' }] }, /images\.0\.reference: want/],
  ['a reference without a registry', { images: [{ ...image, reference: 'app:1' }] }, /images\.0\.reference: want/],
  [
    'a reference that stands twice',
    { images: [image, image] },
    /images\.1\.reference: example\.org\/app:1 stands twice/,
  ],
  ['nothing that the stand-in lacks', { images: [{ ...image, lacks: [] }] }, /images\.0\.lacks/],
  ['root for a user', { images: [{ ...image, contract: { ...image.contract, runAs: 0 } }] }, /contract\.runAs/],
  ['a name for a user', { images: [{ ...image, contract: { ...image.contract, user: 'app' } }] }, /contract\.user/],
  ['a port that is none', { images: [{ ...image, contract: { ...image.contract, ports: [70000] } }] }, /ports\.0/],
];
for (const [what, change, message] of mistakes) {
  test(`${what} is an error that names the place`, () => {
    assert.throws(() => read(change), message);
  });
}

test('all mistakes are reported at once', () => {
  assert.throws(
    () => read({ images: [{ ...image, layer: 'x', lacks: [], source: 1 }] }),
    /lacks[\s\S]*source|source[\s\S]*lacks/,
  );
});

test('broken JSON is an error that names the file', () => {
  assert.throws(() => readCatalogue('c.json', '{'), /^Error: c\.json: not JSON/);
});

test('this tree’s catalogue is valid, and every folder beside it belongs to a layer', () => {
  const { layers } = catalogue();
  const folder = join(SOURCES, 'images');
  const used = new Set(Object.entries(layers).flatMap(([name, { folders }]) => folders ?? [name]));
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) assert.ok(used.has(entry.name), `${entry.name} belongs to no layer`);
  }
  for (const name of Object.values(layers).flatMap(({ folders }) => folders ?? []))
    assert.ok(existsSync(join(folder, name)));
});

test('the user a pod is given is the one the image has, where it has one', () => {
  for (const { reference, contract } of catalogue().images) {
    if (contract.user) assert.equal(Number(contract.user.split(':')[0]), contract.runAs, reference);
  }
});
