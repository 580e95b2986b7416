import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backupName } from '../../../../components/architect/schema.ts';

test('a copy is called after the second in which the attempt began, as B’s command does (B-MIG-4)', () => {
  const began = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
  assert.equal(backupName(`7-${began.toString(36)}`), `pre-deployment-${Math.floor(began / 1000)}`);
  assert.equal(backupName(undefined), 'pre-deployment-planned');
});
