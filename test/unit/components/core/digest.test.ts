import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonical, contentName, digest, dnsLabel, keyedDigest } from '../../../../components/core/index.ts';

/** The same value with the keys of every object in another order. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, shuffled(inner)]),
  );
}

const DNS_LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const part = fc.string({ minLength: 1, maxLength: 50, unit: fc.constantFrom(...'abcxyz019') });

test('the order of keys does not change a digest', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => digest(value) === digest(shuffled(value))));
});

test('the order of a list does change a digest', () => {
  assert.notEqual(digest(['a', 'b']), digest(['b', 'a']));
});

test('different values have different digests', () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.jsonValue(),
      (a, b) => (digest(a) === digest(b)) === (canonical(a) === canonical(b)),
    ),
  );
});

test('a key that is not set and a key that is not there are the same', () => {
  assert.equal(digest({ a: 1, b: undefined }), digest({ a: 1 }));
});

test('a digest is the same on every machine and in every version', () => {
  assert.equal(digest({ b: [1, 'two'], a: null }), '7405a42ac18e');
});

test('a digest of secrets changes with the secret and with the key, and cannot be made without the key', () => {
  const value = { POSTGRES_PASSWORD: 'hunter2' };
  assert.notEqual(keyedDigest('k', value), keyedDigest('k', { POSTGRES_PASSWORD: 'hunter3' }));
  assert.notEqual(keyedDigest('k', value), keyedDigest('other', value));
  assert.notEqual(keyedDigest('k', value), digest(value));
});

test('a name is a DNS label of at most 63 characters, whatever its parts', () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
      const name = dnsLabel(...parts);
      assert.ok(name.length <= 63 && DNS_LABEL.test(name), name);
    }),
  );
  for (const length of [62, 63, 64, 65, 200]) assert.ok(dnsLabel('x'.repeat(length)).length <= 63, `${length}`);
});

test('two long names that differ only behind the cut stay apart', () => {
  const long = 'a'.repeat(70);
  assert.notEqual(dnsLabel(long, 'one'), dnsLabel(long, 'two'));
});

test('a name that fits is not touched', () => {
  assert.equal(dnsLabel('postgres', 'auth'), 'postgres-auth');
  assert.equal(dnsLabel('x'.repeat(63)), 'x'.repeat(63));
});

test('a part that no DNS label can hold is refused by name', () => {
  for (const bad of ['Upper', 'under_score', '-edge', 'edge-', '', 'dot.ted']) {
    assert.throws(() => dnsLabel(bad), new RegExp(`^Error: "${bad.replace('.', '\\.')}" is not a DNS label`));
  }
});

test('a changed content is another object', () => {
  assert.notEqual(contentName('api', { LOG_LEVEL: 'INFO' }), contentName('api', { LOG_LEVEL: 'DEBUG' }));
  assert.match(contentName('api', {}), /^api-[0-9a-f]{12}$/);
});
