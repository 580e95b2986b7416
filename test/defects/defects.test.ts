import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { DEFECTS } from './list.ts';
import { copyOfTree, provesItself, removeCopy } from './plant.ts';

const copy = copyOfTree();

after(() => removeCopy(copy));

test('at least 25 defects are planted, and no two are the same', () => {
  assert.ok(DEFECTS.length >= 25);
  assert.equal(new Set(DEFECTS.map(({ harm }) => harm)).size, DEFECTS.length);
});

for (const defect of DEFECTS) {
  test(`“${defect.caughtBy.test}” turns red when ${defect.harm}`, async () => {
    await provesItself(copy, defect);
  });
}
