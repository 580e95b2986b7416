/** The defects themselves take minutes to try, at the end of `make test`; that they still fit the tree is known at once. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';
import { DEFECTS } from '../defects/list.ts';
import { placeOf } from '../defects/plant.ts';

test('every defect that is planted has exactly one place in the tree', () => {
  for (const defect of DEFECTS) placeOf(CHECKOUT, defect);
});

test('every defect names a test file that there is', () => {
  for (const { caughtBy } of DEFECTS) assert.ok(existsSync(join(CHECKOUT, caughtBy.file)), caughtBy.file);
});

test('at least 25 defects are planted, and no two are the same', () => {
  assert.ok(DEFECTS.length >= 25);
  assert.equal(new Set(DEFECTS.map(({ harm }) => harm)).size, DEFECTS.length);
});
