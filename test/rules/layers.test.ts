import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';
import { edgesIn, edgesOf, loaded, strangers, violations } from './layers.ts';

const files = globSync('{components,infra,stacks,policy,test}/**/*.ts', {
  cwd: CHECKOUT,
  exclude: (path) => path.includes('node_modules'),
});

const text = (file: string): string => readFileSync(join(CHECKOUT, file), 'utf8');

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

test('what a component is in a container is a door of its own, which loads nothing of Kubernetes', () => {
  assert.deepEqual(violations([{ from: 'stacks/standalone/cache.ts', to: 'components/redis/docker.ts' }]), []);
  const doors = files.filter((file) => /^components\/[^/]+\/docker\.ts$/.test(file));
  assert.ok(doors.includes('components/redis/docker.ts'));
  for (const door of doors) assert.equal(loaded(door, text).get('@pulumi/kubernetes'), undefined, door);
});

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

test('only the folders of a host import its provider', () => {
  const found = files.filter((file) => !file.startsWith('test/')).flatMap((file) => strangers(file, text(file)));
  assert.deepEqual(found, []);
});

for (const [file, line] of [
  ['components/redis/redis.ts', `import { Bucket } from '@pulumi/aws/s3/bucket.js';`],
  ['infra/host/user-data.ts', `import type { Instance } from '@pulumi/aws/ec2/instance.js';`],
  ['stacks/standalone.ts', `const { Container } = await import('@pulumi/docker/container.js');`],
  ['infra/eks/cluster.ts', `import * as docker from '@pulumi/docker';`],
] as const) {
  test(`a planted import of a provider by ${file} is found`, () => {
    assert.equal(strangers(file, line).length, 1);
    assert.deepEqual(strangers('infra/eks/nodes.ts', `import { NodeGroup } from '@pulumi/aws/eks/nodeGroup.js';`), []);
  });
}

test('the program, and the platform on Kubernetes, load the provider of no other host', () => {
  for (const entry of ['stacks/index.ts', 'stacks/corporate-intelligence.ts']) {
    const packages = loaded(entry, text);
    assert.ok(packages.has('@pulumi/pulumi'), `${entry}: the reader of imports is broken`);
    assert.deepEqual(
      [packages.get('@pulumi/aws'), packages.get('@pulumi/docker')],
      [undefined, undefined],
      `a file that ${entry} loads imports it; put it behind await import`,
    );
  }
});

test('a planted import is seen through other files, unless it is of a type or behind await import', () => {
  const planted: Record<string, string> = {
    'stacks/a.ts': `import type { B } from './type.ts';\nimport {\n  c,\n} from '../infra/c.ts';\nawait import('./later.ts');`,
    'stacks/type.ts': `import 'never';`,
    'stacks/later.ts': `import 'never';`,
    'infra/c.ts': `export * from './d.ts';`,
    'infra/d.ts': `import { Vpc } from '@pulumi/aws/ec2/vpc.js';\nimport './c.ts';`,
  };
  assert.deepEqual([...loaded('stacks/a.ts', (file) => planted[file]!)], [['@pulumi/aws', 'infra/d.ts']]);
});
