import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Account, arn, bucketArn, iamArn, type AccountArgs } from '../../../../infra/account/index.ts';
import { named, planned } from '../../support/mocks.ts';

const ARGS: AccountArgs = {
  region: 'us-east-1',
  accountId: '011122223333',
  partOf: 'shop',
  environment: 'staging',
  replicaRegion: 'us-west-2',
};
const plan = (change: Partial<AccountArgs> = {}) => planned(() => new Account('account', { ...ARGS, ...change }, {}));
const parsed = (value: unknown): unknown => JSON.parse(value as string);

test('a provider works in one region of one account, whatever the shell says, and tags everything', async () => {
  const { inputs } = named(await plan(), 'account-provider');
  assert.equal(inputs['region'], 'us-east-1');
  assert.deepEqual(parsed(inputs['allowedAccountIds']), ['011122223333']);
  assert.deepEqual(parsed(inputs['defaultTags']), {
    tags: { Project: 'shop', Environment: 'staging', ManagedBy: 'pulumi' },
  });
});

test('the replica’s region has a provider of its own, in the same account; without one there is none', async () => {
  const { inputs } = named(await plan(), 'account-replica');
  assert.equal(inputs['region'], 'us-west-2');
  assert.deepEqual(parsed(inputs['allowedAccountIds']), ['011122223333']);
  assert.deepEqual(
    (await plan({ replicaRegion: undefined })).map(({ name }) => name),
    ['account', 'account-provider'],
  );
});

test('what is no account or no region, or copies beside the original, is refused, all at once', async () => {
  await assert.rejects(plan({ accountId: '1234', region: 'Ohio', replicaRegion: 'Ohio' }), (error: Error) => {
    assert.match(error.message, /Account "account" has 4 problems/);
    assert.match(error.message, /AccountArgs\.accountId: found "1234"; wanted the twelve digits .*leading zeros/);
    assert.match(error.message, /AccountArgs\.region: found "Ohio"; wanted a region like "us-east-1"/);
    assert.match(error.message, /AccountArgs\.replicaRegion: found "Ohio"; wanted another region/);
    return true;
  });
});

test('names of AWS are known before the things are', () => {
  assert.equal(arn(ARGS, 'logs', 'log-group:/a'), 'arn:aws:logs:us-east-1:011122223333:log-group:/a');
  assert.equal(iamArn({ ...ARGS, partition: 'aws-us-gov' }, 'root'), 'arn:aws-us-gov:iam::011122223333:root');
  assert.equal(bucketArn({}, 'b'), 'arn:aws:s3:::b');
});
