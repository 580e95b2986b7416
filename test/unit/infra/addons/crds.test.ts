import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { checksum, FOLDER, readCrds, type CrdSet } from '../../../../infra/addons/crds.ts';
import { bare, definition, SOURCES } from '../../../../infra/addons/generate.ts';
import versions from '../../../../infra/sandbox/build/versions.ts';

const sets = Object.keys(SOURCES) as CrdSet[];

test('there is one file for each source, and no other', () => {
  assert.deepEqual(readdirSync(FOLDER).toSorted(), sets.map((set) => `${set}.json`).toSorted());
});

for (const set of sets) {
  test(`the kinds of ${set} are those that were generated, from the module and version that is stated`, () => {
    const { module, version, sum, digest, crds } = readCrds(set);
    const source = SOURCES[set]!;
    assert.deepEqual([module, version], [source.module, source.version]);
    assert.match(sum, /^h1:[A-Za-z0-9+/]{43}=$/);
    assert.equal(checksum(crds), digest, 'edited by hand: run node infra/addons/generate.ts');
    assert.deepEqual(
      crds.map(({ name }) => name.split('.')[0]),
      source.kinds,
    );
  });
}

/** Every schema in a definition. */
function* schemas(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return;
  const { openAPIV3Schema } = value as { openAPIV3Schema?: Record<string, unknown> };
  if (openAPIV3Schema) yield* within(openAPIV3Schema);
  else for (const inner of Object.values(value)) yield* schemas(inner);
}

function* within(schema: Record<string, unknown>): Generator<Record<string, unknown>> {
  yield schema;
  for (const inner of Object.values((schema['properties'] ?? {}) as Record<string, Record<string, unknown>>)) {
    yield* within(inner);
  }
  for (const key of ['items', 'additionalProperties', 'not']) {
    if (typeof schema[key] === 'object') yield* within(schema[key] as Record<string, unknown>);
  }
}

test('no prose of the modules is in the tree', () => {
  let seen = 0;
  for (const set of sets) {
    for (const schema of schemas(readCrds(set).crds)) {
      seen++;
      assert.notEqual(typeof schema['description'], 'string');
      for (const rule of (schema['x-kubernetes-validations'] ?? []) as Record<string, unknown>[]) {
        assert.ok([undefined, 'refused by a rule of this kind'].includes(rule['message'] as string | undefined));
        assert.equal(rule['messageExpression'], undefined);
      }
    }
  }
  assert.ok(seen > 1000, `only ${seen} schemas were looked at`);
});

test('a property that is called description stays, and loses only its own prose', () => {
  const schema = {
    description: 'prose',
    type: 'object',
    properties: { description: { description: 'prose', type: 'string' } },
    'x-kubernetes-validations': [
      { rule: 'self.a', message: 'prose' },
      { rule: 'self.a\n&& self.b', message: 'prose', messageExpression: "'prose'" },
    ],
  };
  assert.deepEqual(bare(schema), {
    type: 'object',
    properties: { description: { type: 'string' } },
    'x-kubernetes-validations': [
      { rule: 'self.a' },
      { rule: 'self.a\n&& self.b', message: 'refused by a rule of this kind' },
    ],
  });
});

test('of a definition only its name, its approval and its spec are taken', () => {
  const { spec, ...rest } = definition({
    metadata: {
      name: 'things.example.k8s.io',
      labels: { app: 'x' },
      annotations: { 'api-approved.kubernetes.io': 'https://example.com/1', 'controller-gen': 'v1' },
    },
    spec: { versions: [{ name: 'v1', schema: { openAPIV3Schema: { type: 'object', description: 'prose' } } }] },
    status: {},
  });
  assert.deepEqual(rest, {
    name: 'things.example.k8s.io',
    annotations: { 'api-approved.kubernetes.io': 'https://example.com/1' },
  });
  assert.deepEqual(spec, { versions: [{ name: 'v1', schema: { openAPIV3Schema: { type: 'object' } } }] });
});

test('the programs that the sandbox builds are of the version of their kinds', () => {
  assert.equal(readCrds('cert-manager').version, `v${versions['cert-manager']}`);
});
