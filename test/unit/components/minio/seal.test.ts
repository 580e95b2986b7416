import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seal, unseal } from '../../../../components/minio/seal.ts';

/** Made with the stream of github.com/secure-io/sio-go v0.3.1, MinIO's own, and the secret key `a-secret-key`. */
const THEIRS =
  'BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcCCQkJCQkJCQlukxfASysGulSShFBChJIgD8x0HFNpVFnvEJZIz1rAcziG+HdLNzKV2uo6LfMmALvMYB67jI3u4Vde';

test('what is sealed is opened again with the same key, at every length around a block’s', () => {
  const lengths = fc.oneof(fc.constantFrom(0, 1, 16383, 16384, 16385, 32768), fc.integer({ min: 0, max: 40_000 }));
  fc.assert(
    fc.property(lengths, fc.string({ minLength: 1 }), (length, key) => {
      const text = 'x'.repeat(length);
      assert.equal(unseal(key, seal(key, text)), text);
    }),
    { numRuns: 50 },
  );
});

test('an envelope that MinIO’s own library made is opened', () => {
  assert.equal(unseal('a-secret-key', Buffer.from(THEIRS, 'base64')), '{"secretKey":"hunter2","status":"enabled"}');
});

test('with another key, cut, lengthened or changed anywhere, it is refused', () => {
  const envelope = seal('a-secret-key', 'hunter2'.repeat(5000));
  assert.throws(() => unseal('another-key', envelope));
  assert.throws(() => unseal('a-secret-key', envelope.subarray(0, -1)));
  assert.throws(() => unseal('a-secret-key', envelope.subarray(0, 32 + 1 + 8 + 16384 + 16)));
  assert.throws(() => unseal('a-secret-key', Buffer.concat([envelope, Buffer.alloc(1)])));
  for (const at of [0, 32, 33, 41, 20_000, envelope.length - 1]) {
    const changed = Buffer.from(envelope);
    changed[at]! ^= 1;
    assert.throws(() => unseal('a-secret-key', changed), Error, `byte ${at}`);
  }
});

test('the text is nowhere in the envelope, and no two envelopes are alike', () => {
  const [one, two] = [seal('a-secret-key', 'hunter2'), seal('a-secret-key', 'hunter2')];
  assert.ok(!one.includes('hunter2'));
  assert.notDeepEqual(one, two);
});
