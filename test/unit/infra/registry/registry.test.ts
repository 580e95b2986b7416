import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faults } from '../../../../infra/identity/index.ts';
import { Registry, repositoryPolicy, type RegistryArgs } from '../../../../infra/registry/index.ts';
import { named, planned, type Made } from '../../support/mocks.ts';
import { decide } from '../identity/evaluate.ts';
import { PLACE } from '../identity/table.ts';
import { protectedIn } from '../support/protection.ts';

const ARGS: RegistryArgs = {
  place: PLACE,
  repository: 'corporate-intel-api',
  keyArn: 'arn:k',
  keep: [{ tags: 'staging-*', newest: 20 }],
  moving: ['staging-latest'],
};
const build = (change: Partial<RegistryArgs> = {}, options = {}) =>
  new Registry('images', { ...ARGS, ...change }, options);
const plan = (change: Partial<RegistryArgs> = {}) => planned(() => build(change));
const rules = (made: readonly Made[]) => JSON.parse(named(made, 'images-lifecycle').inputs['policy'] as string).rules;

test('an image is looked through as it is pushed, encrypted with the stated key, and never deleted with the rest', async () => {
  const { inputs } = named(await plan(), 'images-repository');
  assert.equal(inputs['name'], 'corporate-intel-api');
  assert.deepEqual(inputs['imageScanningConfiguration'], { scanOnPush: true });
  assert.deepEqual(inputs['encryptionConfigurations'], [{ encryptionType: 'KMS', kmsKey: 'arn:k' }]);
  assert.equal(inputs['forceDelete'], false);
});

test('no tag can be moved but those that are stated', async () => {
  const { inputs } = named(await plan(), 'images-repository');
  assert.equal(inputs['imageTagMutability'], 'IMMUTABLE_WITH_EXCLUSION');
  assert.deepEqual(inputs['imageTagMutabilityExclusionFilters'], [
    { filter: 'staging-latest', filterType: 'WILDCARD' },
  ]);
  const none = named(await plan({ moving: [] }), 'images-repository').inputs;
  assert.equal(none['imageTagMutability'], 'IMMUTABLE');
  assert.equal(none['imageTagMutabilityExclusionFilters'], undefined);
});

test('of each kind of tags the stated number stays; releases and what is not named stay for ever', async () => {
  const made = await plan({
    keep: [
      { tags: 'staging-*', newest: 20 },
      { tags: 'pr-*', newest: 2 },
    ],
  });
  assert.deepEqual(
    rules(made).map((rule: any) => [rule.rulePriority, rule.selection]),
    [
      [1, { tagStatus: 'tagged', tagPatternList: ['pr-*'], countType: 'imageCountMoreThan', countNumber: 2 }],
      [2, { tagStatus: 'tagged', tagPatternList: ['staging-*'], countType: 'imageCountMoreThan', countNumber: 20 }],
      [3, { tagStatus: 'untagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber: 14 }],
    ],
  );
  assert.ok(rules(made).every((rule: any) => rule.selection.tagStatus !== 'any'));
});

test('the order in which kinds of tags are stated changes nothing', async () => {
  const keep = [
    { tags: 'staging-*', newest: 20 },
    { tags: 'pr-*', newest: 2 },
  ];
  assert.deepEqual(rules(await plan({ keep })), rules(await plan({ keep: keep.toReversed() })));
});

test('nobody deletes an image by hand, and only stated roles of other accounts pull', () => {
  const other = 'arn:aws:iam::444455556666:role/pull';
  const policy = repositoryPolicy([other]);
  assert.deepEqual([...faults(policy).found, ...faults(repositoryPolicy([])).found], []);
  const as = (id: string, action: string) => decide(policy, { action, principal: { kind: 'AWS', id } });
  assert.equal(as('arn:aws:iam::111122223333:role/admin', 'ecr:BatchDeleteImage'), 'denied');
  assert.equal(as(other, 'ecr:BatchGetImage'), 'allowed');
  assert.equal(as(other, 'ecr:PutImage'), 'not allowed');
  assert.equal(as('arn:aws:iam::444455556666:role/else', 'ecr:BatchGetImage'), 'not allowed');
});

test('a repository is protected unless somebody says otherwise', async () => {
  assert.deepEqual(await protectedIn((options) => build({}, options)), ['images-repository']);
  assert.deepEqual(await protectedIn((options) => build({ protect: false }, options)), []);
});

test('too few to go back to, and tags that are none, are refused, all at once', async () => {
  const keep = [
    { tags: 'staging', newest: 1 },
    { tags: 'staging', newest: 3 },
  ];
  await assert.rejects(plan({ keep, moving: ['*'], repository: 'A_' }), (error: Error) => {
    assert.match(error.message, /Registry "images" has 6 problems/);
    assert.match(error.message, /RegistryArgs\.keep\.staging: found 1; wanted a whole number from 2 on; a rollback/);
    assert.match(error.message, /RegistryArgs\.keep: found "staging"; wanted what tags begin with/);
    assert.match(error.message, /RegistryArgs\.keep: found "staging" twice/);
    assert.match(error.message, /RegistryArgs\.moving: found \["\*"\]/);
    assert.match(error.message, /RegistryArgs\.repository: found "A_"/);
    return true;
  });
});
