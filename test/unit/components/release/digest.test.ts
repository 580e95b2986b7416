import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import fc from 'fast-check';
import { canonical } from '../../../../components/core/index.ts';
import { isIntact, RELEASE, releaseDigest, withDigest, type Released } from '../../../../components/release/digest.ts';

const TEMPLATE = {
  metadata: { labels: { app: 'api' }, annotations: { 'platform/subject': 'abc' } },
  spec: {
    containers: [
      { name: 'api', image: 'api:1', env: [{ name: 'A', value: '1' }], resources: { limits: { cpu: '1' } } },
      { name: 'sidecar', image: 'side:1' },
    ],
  },
};

/** The same with the keys of every object in another order. */
function reversed<T>(value: T): T {
  if (Array.isArray(value)) return value.map(reversed) as T;
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, reversed(inner)] as const);
  return Object.fromEntries(entries.toReversed()) as T;
}

test('the digest is the same on every machine, in every version, and in any order of keys', () => {
  assert.equal(releaseDigest(TEMPLATE), '29540f386330ea9624b5ce563fb0e31eb0844ec591fc8e19b76daff73e3bf037');
  assert.equal(releaseDigest(reversed(TEMPLATE)), releaseDigest(TEMPLATE));
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (spec) => {
      assert.equal(releaseDigest(reversed({ spec })), releaseDigest({ spec }));
    }),
  );
});

test('two templates have the same digest exactly when they are the same', () => {
  const some = fc.dictionary(fc.constantFrom('a', 'b'), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 2 });
  fc.assert(
    fc.property(some, some, (a, b) => {
      assert.equal(releaseDigest({ spec: a }) === releaseDigest({ spec: b }), canonical(a) === canonical(b));
    }),
  );
});

test('whatever changes in what a pod runs changes the digest: image, configuration, resources, labels, annotations', () => {
  const changes: readonly (readonly [what: string, changed: unknown])[] = [
    ['image', canonical(TEMPLATE).replace('api:1', 'api:2')],
    ['configuration', canonical(TEMPLATE).replace('"value":"1"', '"value":"2"')],
    ['resources', canonical(TEMPLATE).replace('"cpu":"1"', '"cpu":"2"')],
    ['label', canonical(TEMPLATE).replace('"app":"api"', '"app":"other"')],
    ['annotation', canonical(TEMPLATE).replace('"abc"', '"abd"')],
    [
      'order of containers',
      JSON.stringify({ ...TEMPLATE, spec: { containers: TEMPLATE.spec.containers.toReversed() } }),
    ],
  ].map(([what, text]) => [what!, JSON.parse(text!)]);
  for (const [what, changed] of changes) {
    assert.notEqual(releaseDigest(changed as typeof TEMPLATE), releaseDigest(TEMPLATE), what);
  }
});

test('the template that carries its digest has the same digest, and no other change goes unseen on it', () => {
  const stamped = withDigest(TEMPLATE);
  assert.equal(releaseDigest(stamped), releaseDigest(TEMPLATE));
  assert.deepEqual(withDigest(stamped), stamped);
  assert.equal(isIntact(stamped), true);
  assert.equal(isIntact(TEMPLATE), false);
  // As by a step that comes after the digest: it must not.
  const later = { ...stamped, metadata: { ...stamped.metadata, labels: { app: 'api', later: 'yes' } } };
  assert.equal(isIntact(later), false);
  const bare: Released = {};
  assert.equal(withDigest(bare).metadata?.annotations?.[RELEASE], releaseDigest(bare));
});

test('a value that is not plain is refused by its place: it would be digested as something else', () => {
  const cases: readonly (readonly [value: unknown, found: RegExp])[] = [
    [pulumi.output('x'), /^template\.spec\.x\[1\]: found a OutputImpl; wanted plain values/],
    [new Map([['a', 1]]), /found a Map;/],
    [NaN, /found a number;/],
    [Infinity, /found a number;/],
    [() => 1, /found a function;/],
    [1n, /found a bigint;/],
    [Symbol('s'), /found a symbol;/],
    [Promise.resolve(1), /found a Promise;/],
  ];
  for (const [value, found] of cases) {
    assert.throws(() => releaseDigest({ spec: { x: [0, value] } }), { message: found });
  }
});
