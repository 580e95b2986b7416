import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CHECKOUT } from '../../../../infra/sandbox/host/paths.ts';
import { entries, reference } from '../../../../stacks/config/reference.ts';
import { SECRET_KEYS } from '../../../../stacks/config/schema.ts';
import { groupsOf, STACKS } from '../support/raw.ts';

test('docs/configuration.md is what the schema says today', () => {
  assert.equal(
    readFileSync(join(CHECKOUT, 'docs/configuration.md'), 'utf8'),
    reference(),
    'run: node stacks/config/reference.ts > docs/configuration.md',
  );
});

test('every setting says what it means and which requirement it comes from', () => {
  const all = entries();
  assert.ok(all.length > 60, `only ${all.length} settings were found`);
  for (const { path, means, from } of [
    ...all,
    ...Object.values(SECRET_KEYS).map((about) => ({ path: 'secret', ...about })),
  ]) {
    assert.match(means, /^[A-Z`].*[.)]$/, path);
    assert.match(from, /^(ours|[A-E]-[A-Z0-9]+-\d+|CONF-\d+|GAP-\d+)/, path);
  }
});

test('the page counts and names every setting', () => {
  const page = reference();
  assert.ok(page.includes(`${entries().length} settings and ${Object.keys(SECRET_KEYS).length} secrets`));
  for (const { path } of entries()) assert.equal(page.split(`| \`${path}\` |`).length, 2, path);
});

test('an environment states only settings that the page knows', () => {
  const known = new Set(entries().map(({ path }) => path));
  const leaves = (value: unknown, path: string): string[] =>
    known.has(path) || value === null || typeof value !== 'object'
      ? [path]
      : Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));
  for (const stack of STACKS) {
    const stated = leaves(groupsOf(stack), '');
    assert.ok(stated.length > 30);
    assert.deepEqual(
      stated.filter((path) => !known.has(path)),
      [],
      stack,
    );
  }
});
