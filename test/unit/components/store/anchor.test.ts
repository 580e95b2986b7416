import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { Anchor, type AnchorInputs } from '../../../../components/store/index.ts';
import { check, refusals } from '../../../../components/store/run.ts';
import { CHECKOUT } from '../../../../infra/sandbox/host/paths.ts';
import { named, planned } from '../../support/mocks.ts';

const LAID: AnchorInputs = {
  component: 'postgres',
  fixed: { namespace: 'shop', name: 'postgres', storageClass: 'gp3', nodes: 4 },
  growing: { storage: '100Gi' },
};

test('for a new store everything may be stated', () => assert.deepEqual(check({}, LAID), []));

test('what is the same, larger or newly fixed is not refused', () => {
  const grown = { ...LAID, fixed: { ...LAID.fixed, shards: 3 }, growing: { storage: '1Ti' } };
  assert.deepEqual(check(LAID, LAID), []);
  assert.deepEqual(check(LAID, grown), []);
});

test('each fixed setting that changes is refused: where, found, wanted, and how to do it safely', () => {
  const [refused, ...others] = check(LAID, { ...LAID, fixed: { ...LAID.fixed, storageClass: '' } });
  assert.deepEqual(others, []);
  assert.equal(
    refused!.reason,
    'postgres.storageClass: found the default; wanted gp3, as when its data were laid down; ' +
      'nothing was changed: put it back, or move the data first (docs/runbooks/move-data.md)',
  );
  for (const setting of Object.keys(LAID.fixed)) {
    const found = refusals(LAID, { ...LAID, fixed: { ...LAID.fixed, [setting]: 'another' } });
    assert.deepEqual(
      found.map(({ where }) => where),
      [`postgres.${setting}`],
    );
  }
});

test('a volume may grow, in whatever unit, and not shrink', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4096 }), fc.integer({ min: 1, max: 4096 }), (before, after) => {
      const sized = (size: string) => ({ ...LAID, growing: { storage: size } });
      assert.equal(check(sized(`${before}Gi`), sized(`${after * 1024}Mi`)).length, after < before ? 1 : 0);
    }),
  );
});

test('all that is wrong is told at once', () => {
  const fixed = { ...LAID.fixed, namespace: 'other', nodes: 1 };
  const found = refusals(LAID, { ...LAID, fixed, growing: { storage: '10Gi' } });
  assert.deepEqual(
    found.map(({ where, found }) => [where, found]),
    [
      ['postgres.namespace', 'other'],
      ['postgres.nodes', '1'],
      ['postgres.storage', '10Gi'],
    ],
  );
});

type Check = (before: object, inputs: object) => Promise<{ inputs: object; failures: { reason: string }[] }>;

test('the stored text asks this module while a plan is made, and hands the inputs on as they are', async () => {
  const made = await planned(() => new Anchor('postgres-anchor', LAID, {}));
  const text = named(made, 'postgres-anchor').inputs['__provider'] as string;
  const sdk = createRequire(join(CHECKOUT, 'node_modules/@pulumi/pulumi/index.js'));
  const revive = sdk('require-from-string') as (text: string) => { handler: () => { check: Check } };
  const stored = revive(text).handler();
  const moved = { ...LAID, fixed: { ...LAID.fixed, namespace: 'mall' } };
  assert.deepEqual(await stored.check(LAID, LAID), { inputs: LAID, failures: [] });
  const { inputs, failures } = await stored.check(LAID, moved);
  assert.deepEqual(inputs, moved);
  assert.deepEqual(
    failures.map(({ reason }) => reason.split(':')[0]),
    ['postgres.namespace'],
  );
});
