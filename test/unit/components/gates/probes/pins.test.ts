import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../../../../../components/gates/probes/pins.ts';

const DIGEST = `@sha256:${'0123456789abcdef'.repeat(4)}`;
const image = (name: string): string => `docker.io/library/${name}:1`;

test('images by their digests open, and the reading says how many', () => {
  assert.deepEqual(judge([image('a') + DIGEST, image('b') + DIGEST]), {
    ...{ verdict: 'pass', seen: '2 of 2 images by digest', reasons: [] },
  });
});

test('every image that has only a tag is named, with what to do, however many they are', () => {
  const loose = Array.from({ length: 12 }, (_, at) => image(`image-${at}`));
  const { verdict, seen, reasons } = judge([...loose, image('pinned') + DIGEST]);
  assert.equal(verdict, 'fail');
  assert.equal(seen, '1 of 13 images by digest');
  assert.match(reasons[0]!, /^12 images have only a tag; run "make pin"/);
  assert.deepEqual(reasons.slice(1).join(', ').split(', '), loose.toSorted());
  // What a gate keeps of its reasons: six of 500 characters.
  assert.ok(reasons.length <= 6 && reasons.every((reason) => reason.length < 500));
});

test('half a digest, another algorithm and a digest in the middle are none', () => {
  const names = [image('a') + DIGEST.slice(0, -1), `${image('b')}@md5:${'0'.repeat(32)}`, `a${DIGEST}/b:1`];
  assert.equal(judge(names).seen, '0 of 3 images by digest');
});
