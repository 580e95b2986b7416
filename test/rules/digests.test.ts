/** No digest of an image is ever typed by hand: they stand in one place, and a seal shows who wrote there. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';
import { readImages, sealOf, wantedReferences } from '../../infra/sandbox/registry/pins.ts';

const DIGEST = /(?<!--hash=)sha256:[0-9a-f]{64}/;
const LIST = 'stacks/images.json';

/** Files of the product that hold a digest somewhere else than in the list. */
const strays = (files: readonly (readonly [name: string, text: string])[]): string[] =>
  files.filter(([name, text]) => name !== LIST && DIGEST.test(text)).map(([name]) => name);

/** What is wrong with a list of digests and its seal. */
function forged(digests: Readonly<Record<string, string>>, seal: string): string[] {
  const odd = Object.entries(digests).filter(([, digest]) => !/^sha256:[0-9a-f]{64}$/.test(digest));
  return [
    ...odd.map(([reference]) => `${reference}: no digest`),
    ...(sealOf(digests) === seal ? [] : ['the digests are not those that `make pin` wrote: run it again']),
  ];
}

test('no file of the product holds a digest of an image, but for the list that `make pin` writes', () => {
  const files = globSync('{Pulumi*.yaml,{components,infra,stacks}/**/*.{ts,json,yaml,txt,sh}}', { cwd: CHECKOUT });
  assert.ok(files.length > 150 && files.includes(LIST), `${files.length} files`);
  assert.deepEqual(strays(files.map((name) => [name, readFileSync(join(CHECKOUT, name), 'utf8')] as const)), []);
});

test('the list is as `make pin` left it, and speaks of images that are used', () => {
  const { digests, seal } = readImages(CHECKOUT);
  assert.deepEqual(forged(digests, seal), []);
  const wanted = wantedReferences(CHECKOUT);
  assert.deepEqual(
    Object.keys(digests).filter((reference) => !wanted.includes(reference)),
    [],
  );
});

test('every image of the list says which requirements it serves and where it was read', () => {
  for (const [name, image] of Object.entries(readImages(CHECKOUT).images)) {
    const { requirements, read, tag, repository } = image as typeof image & { requirements: string[]; read: string[] };
    assert.ok(
      requirements.length > 0 && requirements.every((id) => /^(([A-E]-[A-Z0-9]+|CONF|GAP)-\d+|ours)$/.test(id)),
      name,
    );
    assert.ok(read.length > 0 && read.every((page) => page.startsWith('https://')), name);
    assert.match(`${repository}:${tag}`, /^[a-z0-9.-]+\.[a-z]+\/[a-z0-9._/-]+:[A-Za-z0-9._-]+$/);
    assert.notEqual(tag, 'latest');
  }
});

test('a digest that is typed by hand is found, wherever it is', () => {
  const typed = `sha256:${'0'.repeat(64)}`;
  assert.deepEqual(strays([['Pulumi.production.yaml', `image: a@${typed}`]]), ['Pulumi.production.yaml']);
  const { digests, seal } = readImages(CHECKOUT);
  assert.equal(forged({ ...digests, 'docker.io/library/redis:7.0.15': typed }, seal).length, 1);
  assert.equal(forged({ a: 'sha256:0' }, sealOf({ a: 'sha256:0' })).length, 1);
});
