import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Problems } from '../../../../../components/core/index.ts';
import { staged } from '../../../../../components/image/index.ts';
import { checkArguments } from '../../../../../components/image/recipe.ts';
import { SOURCES } from '../../../../../infra/sandbox/host/paths.ts';
import { catalogue } from '../../../../../infra/sandbox/images/catalogue.ts';
import { dockerfile } from '../../../../../infra/sandbox/images/dockerfile.ts';

const { layers, images } = catalogue();
const image = (name: string) => images.find(({ reference }) => reference.includes(name))!;

test('the recipe of the reference API has the packages, files and contract that the sandbox’s image has', () => {
  const text = dockerfile(layers, image('corporate-intel-api:1.0.0'));
  for (const name of layers.python!.packages) assert.match(text, new RegExp(`install .*\\b${name}\\b`));
  assert.match(text, /^COPY reference-api\/files\/ \/$/m);
  assert.match(text, /^USER 10001:10001$/m);
  assert.match(text, /^ENTRYPOINT \["\/usr\/local\/bin\/corporate-intel"\]$/m);
  assert.match(text, /^CMD \["serve"\]$/m);
  assert.match(text, /^EXPOSE 8000$/m);
});

test('a later release is laid over the earlier one, in that order', () => {
  const text = dockerfile(layers, image('corporate-intel-api:1.1.0'));
  const [first, second] = [text.indexOf('COPY reference-api/files/'), text.indexOf('COPY reference-api/1.1.0/files/')];
  assert.ok(first > 0 && second > first);
});

test('everything that a recipe copies or runs is in the tree', () => {
  for (const name of ['corporate-intel-api:1.0.0', 'corporate-intel-api:1.1.0']) {
    const text = dockerfile(layers, image(name));
    const paths = [...text.matchAll(/COPY (\S+) |source=(\S+?),/g)].map((hit) => (hit[1] ?? hit[2])!);
    assert.ok(paths.length >= 2);
    for (const path of paths) assert.ok(existsSync(join(SOURCES, 'images', path)), path);
  }
});

test('an image with a program that only the sandbox builds is refused by name', () => {
  assert.throws(() => dockerfile(layers, image('minio/minio')), /minio.*not made of Debian packages/);
});

test('it wants to be told the environment, and passes what a built image is checked for (A-IMG-1)', () => {
  const told = staged({ environment: 'staging', builtAt: '2026-01-31T12:00:00Z' }).arguments;
  const wrong = (given: Readonly<Record<string, string>>): string[] => {
    const problems = new Problems();
    checkArguments(dockerfile(layers, image('corporate-intel-api:1.0.0')), given, problems);
    return problems.found.map(({ where }) => where);
  };
  assert.deepEqual(wrong(told), []);
  assert.deepEqual(wrong({}), ['arguments.ENVIRONMENT']);
});

test('on an image that holds the packages already, nothing is installed, and the files are the same', () => {
  const base = { reference: 'docker.io/library/debian-python:12', layer: 'python' };
  const text = dockerfile(layers, image('corporate-intel-api:1.1.0'), { base });
  assert.match(text, /^FROM docker\.io\/library\/debian-python:12$/m);
  assert.doesNotMatch(text, /apt-get/);
  const copied = (recipe: string): string[] => recipe.match(/^COPY .*$/gm) ?? [];
  assert.deepEqual(copied(text), copied(dockerfile(layers, image('corporate-intel-api:1.1.0'))));
  assert.equal(copied(text).length, 2);
});
