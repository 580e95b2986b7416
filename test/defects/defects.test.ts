import { after, test } from 'node:test';
import { DEFECTS } from './list.ts';
import { copyOfTree, provesItself, removeCopy } from './plant.ts';

const copy = copyOfTree();

after(() => removeCopy(copy));

for (const defect of DEFECTS) {
  test(`“${defect.caughtBy.test}” turns red when ${defect.harm}`, async () => {
    await provesItself(copy, defect);
  });
}
