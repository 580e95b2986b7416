import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CHECKOUT } from '../../../../infra/sandbox/host/paths.ts';
import { entries, PAGES, reference } from '../../../../stacks/config/reference.ts';
import type { About } from '../../../../stacks/config/setting.ts';
import { SYSTEMS, type SystemName } from '../../../../stacks/config/systems/index.ts';
import { groupsOf, stackFiles, systemOfStack } from '../support/raw.ts';

const pages = readdirSync(join(CHECKOUT, PAGES)).map((file) => file.replace('.md', ''));

test('there is a page for each system, and no other', () => {
  assert.deepEqual(pages.toSorted(), Object.keys(SYSTEMS).toSorted());
});

for (const name of Object.keys(SYSTEMS) as SystemName[]) {
  const { settings, secretKeys } = SYSTEMS[name];
  const all = entries(settings);

  test(`the page of ${name} is what the schema says today`, () => {
    const page = readFileSync(join(CHECKOUT, PAGES, `${name}.md`), 'utf8');
    assert.equal(page, reference(name), 'run: node stacks/config/reference.ts');
  });

  test(`every setting of ${name} says what it means and which requirement it comes from`, () => {
    assert.ok(all.length > 10, `only ${all.length} settings were found`);
    const secrets: About[] = Object.values(secretKeys);
    for (const { path, means, from } of [...all, ...secrets.map((about) => ({ path: 'secret', ...about }))]) {
      assert.match(means, /^[A-Z`].*[.)]$/, path);
      assert.match(from, /^(ours|[A-E]-[A-Z0-9]+-\d+|CONF-\d+|GAP-\d+)/, path);
    }
  });

  test(`the page of ${name} counts and names every setting`, () => {
    const page = reference(name);
    assert.ok(page.includes(`${all.length} settings and ${Object.keys(secretKeys).length} secrets`));
    for (const { path } of all) assert.equal(page.split(`| \`${path}\` |`).length, 2, path);
  });
}

test('an environment states only settings that its page knows', () => {
  let known: ReadonlySet<string>;
  const leaves = (value: unknown, path: string): string[] =>
    known.has(path) || value === null || typeof value !== 'object'
      ? [path]
      : Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));
  for (const stack of stackFiles()) {
    known = new Set(entries(SYSTEMS[systemOfStack(stack)].settings).map(({ path }) => path));
    const stated = leaves(groupsOf(stack), '');
    assert.ok(stated.length > 30);
    assert.deepEqual(
      stated.filter((path) => !known.has(path)),
      [],
      stack,
    );
  }
});
