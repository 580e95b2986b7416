import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAtLeast } from '../../../../../infra/sandbox/engine/cli.ts';

test('an engine older than the SDK is not taken, the same and newer ones are', () => {
  const verdicts = ['v3.255.9', 'v3.256.0', 'v3.256.1', 'v4.0.0', 'v3.99.0', 'v3.256.0-alpha.1', 'nonsense'].map(
    (version) => isAtLeast(version, '3.256.0'),
  );
  assert.deepEqual(verdicts, [false, true, true, true, false, true, false]);
});
