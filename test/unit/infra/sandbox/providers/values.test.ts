import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { changes, parsePath, pathText, type Path } from '../../../../../infra/sandbox/providers/shared/changes.ts';
import {
  conceal,
  hasSecret,
  hasUnknown,
  reveal,
  revealAll,
  secret,
  unknown,
  type Tree,
  type Value,
} from '../../../../../infra/sandbox/providers/shared/values.ts';

const key = fc.oneof(
  fc.string({ minLength: 1, maxLength: 8 }),
  fc.constantFrom('app.kubernetes.io/name', 'a-b', 'x"y'),
);
const tree = fc.letrec<{ value: Value; tree: Tree }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<Value>(null, true, 0, 1, '', 'text'),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('tree'),
  ),
  tree: fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
})).tree;

/** The tree with the leaf at some places in an envelope. */
const hidden = (value: Value, every: number, seen = { count: 0 }): Value => {
  if (Array.isArray(value)) return value.map((item) => hidden(item, every, seen));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, hidden(inner, every, seen)]));
  }
  return seen.count++ % every === 0 ? secret(value) : value;
};

describe('envelopes', () => {
  test('come off without changing what was in them', () => {
    fc.assert(
      fc.property(tree, fc.integer({ min: 1, max: 3 }), (given, every) => {
        assert.deepEqual(reveal(hidden(given, every)), given);
      }),
    );
  });

  test('go back on wherever the inputs had one: no secret leaves in the clear', () => {
    fc.assert(
      fc.property(tree, fc.integer({ min: 1, max: 3 }), (given, every) => {
        const model = hidden(given, every) as Tree;
        const concealed = conceal(structuredClone(given), model);
        assert.deepEqual(revealAll(concealed), given);
        assert.equal(hasSecret(concealed), hasSecret(model));
      }),
    );
  });

  test('a secret in a list makes the whole list secret: the server may sort it', () => {
    const list = [{ name: 'a' }, { name: 'b', value: secret('x') }];
    assert.deepEqual(conceal({ env: [{ name: 'b', value: 'x' }, { name: 'a' }] }, { env: list }), {
      env: secret([{ name: 'b', value: 'x' }, { name: 'a' }]),
    });
  });

  test('what is not yet known is found at any depth, inside an envelope too', () => {
    assert.ok(hasUnknown({ a: [{ b: secret({ c: unknown }) }] }));
    assert.ok(!hasUnknown({ a: [{ b: secret({ c: 'known' }) }] }));
  });
});

describe('changes', () => {
  test('a value has none from itself', () => {
    fc.assert(fc.property(tree, (given) => assert.deepEqual(changes(given, structuredClone(given)), [])));
  });

  test('each leads, in both values, to what it says', () => {
    const at = (value: Value | undefined, path: Path): Value | undefined =>
      path.reduce<Value | undefined>(
        (here, name) => (here as Record<string | number, Value> | undefined)?.[name],
        value,
      );
    fc.assert(
      fc.property(tree, tree, (before, after) => {
        for (const change of changes(before, after)) {
          if (change.kind !== 'add') assert.deepEqual(at(before, change.path), change.before);
          if (change.kind !== 'delete') assert.deepEqual(at(after, change.path), change.after);
        }
      }),
    );
  });

  test('null and nothing are the same', () => {
    assert.deepEqual(changes({ a: null }, {}), []);
    assert.deepEqual(changes({}, { a: null }), []);
  });
});

describe('paths', () => {
  const table: [string, Path][] = [
    ['spec.ports[0].port', ['spec', 'ports', 0, 'port']],
    ['metadata.labels["app.kubernetes.io/name"]', ['metadata', 'labels', 'app.kubernetes.io/name']],
    ['["a.b"].c', ['a.b', 'c']],
    ['spec.containers[*].image', ['spec', 'containers', '*', 'image']],
  ];
  for (const [text, path] of table) {
    test(`${text} is read as the engine writes it`, () => assert.deepEqual(parsePath(text), path));
  }

  test('are read back as they were written', () => {
    const name = fc
      .string({ minLength: 1 })
      .filter((text) => !/[\\\n\r]/.test(text) && text !== '*' && !/^\d+$/.test(text));
    fc.assert(
      fc.property(fc.array(fc.oneof(name, fc.nat(99)), { minLength: 1, maxLength: 5 }), (path) => {
        assert.deepEqual(parsePath(pathText(path)), path);
      }),
    );
  });
});
