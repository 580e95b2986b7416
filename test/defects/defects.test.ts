import { after, test } from 'node:test';
import { DEFECTS } from './list.ts';
import { copyOfTree, provesItself, removeCopy } from './plant.ts';

const copy = copyOfTree();

after(() => removeCopy(copy));

/** Of each file of tests the first that it has to catch; all of them where there is time: `make bench`. */
const planted =
  process.env['PLATFORM_CAMPAIGN'] === 'whole'
    ? DEFECTS
    : [...Map.groupBy(DEFECTS, ({ caughtBy }) => caughtBy.file).values()].map(([first]) => first!);

for (const defect of planted) {
  test(`“${defect.caughtBy.test}” turns red when ${defect.harm}`, async () => {
    await provesItself(copy, defect);
  });
}
