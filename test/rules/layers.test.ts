import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';
import { edgesIn, edgesOf, violations } from './layers.ts';

const files = globSync('{components,infra,stacks,policy,test}/**/*.ts', {
  cwd: CHECKOUT,
  exclude: (path) => path.includes('node_modules'),
});

test('imports go one way, and a component is entered through its index', () => {
  const edges = edgesIn(CHECKOUT, files);
  assert.ok(edges.length > 50, `only ${edges.length} imports were seen: the reader of imports is broken`);
  assert.deepEqual(violations(edges), []);
});

for (const [from, to] of [
  ['components/core/names.ts', 'components/gates/judge.ts'],
  ['components/gates/shell.ts', 'components/redis/index.ts'],
  ['components/redis/redis.ts', 'stacks/index.ts'],
  ['components/api/api.ts', 'components/redis/redis.ts'],
  ['stacks/index.ts', 'test/run.ts'],
  ['infra/sandbox/instance.ts', 'stacks/images.ts'],
  ['infra/sandbox/deploy.ts', 'infra/sandbox/verbs/up.ts'],
  ['infra/sandbox/deploy.ts', 'components/release/index.ts'],
  ['infra/sandbox/verbs/rollback.ts', 'components/release/back.ts'],
  ['components/api/api.ts', 'elsewhere/thing.ts'],
] as const) {
  test(`a planted import of ${to} by ${from} is found`, () => {
    assert.equal(violations([{ from, to }]).length, 1);
  });
}

test('every way of importing is seen', () => {
  const text = [
    `import { a } from './a.ts';`,
    `import type { B } from "../b/index.ts";`,
    `export * from './c.ts';`,
    `import './d.ts';`,
    `const e = await import('./e.ts');`,
    `import {\n  f,\n  g,\n} from './f.ts';`,
  ].join('\n');
  assert.deepEqual(
    edgesOf('components/x/y.ts', text)
      .map((edge) => edge.to)
      .toSorted(),
    ['components/b/index.ts', ...['a', 'c', 'd', 'e', 'f'].map((name) => `components/x/${name}.ts`)].toSorted(),
  );
});

test('only stacks read the configuration of the stack', () => {
  const readers = files
    .filter((file) => /^(components|infra|policy)\//.test(file))
    .filter((file) =>
      /\bnew pulumi\.Config\b|\bpulumi\.get(Stack|Project|Organization)\(/.test(
        readFileSync(join(CHECKOUT, file), 'utf8'),
      ),
    );
  assert.deepEqual(readers, []);
});

test('nothing but stacks/index.ts is the program, and the program loads no provider of another host', () => {
  const aws = files
    .filter((file) => !file.startsWith('test/'))
    .filter((file) => /from '@pulumi\/(aws|docker)['/]/.test(readFileSync(join(CHECKOUT, file), 'utf8')));
  assert.deepEqual(aws, []);
});
