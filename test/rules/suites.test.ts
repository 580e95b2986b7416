import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forgotten, missing } from '../suites.ts';

test('every end-to-end test is run by a suite', () => {
  assert.deepEqual(forgotten(), []);
});

test('every end-to-end test that a suite names exists', () => {
  assert.deepEqual(missing(), []);
});
