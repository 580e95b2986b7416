import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, differs, refusal, update } from '../../../../components/image/run.ts';

const REPOSITORY = 'registry.example.com/api';
const inputs = (tag: string, sources: string) => ({
  ...{ repository: REPOSITORY, tag, sources },
  reference: `${REPOSITORY}@sha256:${sources}`,
});

test('the build that is live is no change, and a new tag is none that is refused', async () => {
  const { outs } = await create(inputs('1.0.0', 'one'));
  assert.equal(await differs(outs, inputs('1.0.0', 'one'), false), false);
  assert.equal(await differs(outs, inputs('1.1.0', 'two'), true), true);
});

test('other sources under the tag that is live are refused, with what to do', async () => {
  const { outs } = await create(inputs('1.0.0', 'one'));
  await assert.rejects(differs(outs, inputs('1.0.0', 'two'), true), /1\.0\.0: found other sources.*a tag of its own/);
});

test('a tag of before is refused whatever it would be built from, with the reference to deploy instead', async () => {
  const first = await create(inputs('1.0.0', 'one'));
  const { outs } = await update('', first.outs, inputs('1.1.0', 'two'));
  for (const sources of ['one', 'two', 'three']) {
    const why = refusal(outs.built, '1.1.0', inputs('1.0.0', sources));
    assert.match(why!, /a tag that was built before.*deploy what it is: registry\.example\.com\/api@sha256:one$/);
  }
  assert.equal(refusal(outs.built, '1.1.0', inputs('1.1.0', 'two')), undefined);
});

test('another repository begins anew', async () => {
  const { outs } = await create(inputs('1.0.0', 'one'));
  const moved = { ...inputs('1.0.0', 'two'), repository: 'registry.example.com/other' };
  assert.equal(await differs(outs, moved, true), true);
  assert.deepEqual(Object.keys((await update('', outs, moved)).outs.built), ['1.0.0']);
});

test('the newest two hundred builds are remembered', async () => {
  let { outs } = await create(inputs('0', 'x'));
  for (let nth = 1; nth <= 200; nth++) ({ outs } = await update('', outs, inputs(`v${nth}`, 'x')));
  const tags = Object.keys(outs.built);
  assert.deepEqual([tags.length, tags[0], tags.at(-1)], [200, 'v1', 'v200']);
});
