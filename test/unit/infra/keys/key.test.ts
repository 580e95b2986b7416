import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faults } from '../../../../infra/identity/index.ts';
import { Key, keyPolicy, type KeyArgs } from '../../../../infra/keys/index.ts';
import { named, planned } from '../../support/mocks.ts';
import { decide, type Request } from '../identity/evaluate.ts';
import { PLACE } from '../identity/table.ts';
import { protectedIn } from '../support/protection.ts';

const ARGS: KeyArgs = {
  place: PLACE,
  alias: 'shop-staging/data',
  description: 'everything of shop-staging',
  uses: [{ by: 'logs', groups: ['/shop/flow', '/aws/eks/shop/cluster'] }, { by: 'nodes' }],
};
const build = (change: Partial<KeyArgs> = {}, options = {}) => new Key('key', { ...ARGS, ...change }, options);
const POLICY = keyPolicy(PLACE, ARGS.uses);
const ask = (request: Omit<Request, 'resource'>) => decide(POLICY, { resource: 'arn:aws:kms:::key/self', ...request });

test('a key is renewed each year, waits thirty days before it is gone, and is called by its alias', async () => {
  const made = await planned(() => build());
  const { inputs } = named(made, 'key-key');
  assert.deepEqual(
    [inputs['enableKeyRotation'], inputs['rotationPeriodInDays'], inputs['deletionWindowInDays']],
    [true, 365, 30],
  );
  assert.equal(
    inputs['bypassPolicyLockoutSafetyCheck'],
    undefined,
    'AWS’s own check against locking oneself out is on',
  );
  assert.equal(named(made, 'key-alias').inputs['name'], 'alias/shop-staging/data');
});

test('a key is protected unless somebody says otherwise', async () => {
  assert.deepEqual(await protectedIn((options) => build({}, options)), ['key-key']);
  assert.deepEqual(await protectedIn((options) => build({ protect: false }, options)), []);
});

test('the policy of a key is whole, with a reason for what is wide', () => {
  assert.deepEqual(faults(POLICY).found, []);
});

test('nobody is locked out: the account’s own policies decide about all of a key, also without any other use', () => {
  const principal = { kind: 'AWS', id: 'arn:aws:iam::111122223333:role/admin' } as const;
  for (const policy of [POLICY, keyPolicy(PLACE, [])]) {
    for (const action of ['kms:PutKeyPolicy', 'kms:CancelKeyDeletion', 'kms:Decrypt']) {
      assert.equal(decide(policy, { action, resource: '*', principal }), 'allowed', action);
    }
  }
  const stranger = { kind: 'AWS', id: 'arn:aws:iam::444455556666:role/admin' } as const;
  assert.equal(ask({ action: 'kms:Decrypt', principal: stranger }), 'not allowed');
});

test('CloudWatch Logs uses a key for the named groups only, in its own region', () => {
  const at = (group: string, region = 'us-east-1'): Omit<Request, 'resource'> => ({
    action: 'kms:GenerateDataKey',
    principal: { kind: 'Service', id: `logs.${region}.amazonaws.com` },
    context: { 'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:us-east-1:111122223333:log-group:${group}` },
  });
  assert.equal(ask(at('/shop/flow')), 'allowed');
  assert.equal(ask(at('/aws/eks/shop/cluster')), 'allowed');
  assert.equal(ask(at('/shop/other')), 'not allowed');
  assert.equal(ask(at('/shop/flow', 'us-west-2')), 'not allowed');
  assert.equal(ask({ ...at('/shop/flow'), context: {} }), 'not allowed');
  assert.equal(ask({ ...at('/shop/flow'), action: 'kms:CreateGrant' }), 'not allowed');
});

test('Auto Scaling may use a key for disks of nodes and lend it to EC2; nobody else of everybody may', () => {
  const scaling =
    'arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling';
  const as = (arn: string, more: Record<string, string> = {}) => ({
    principal: { kind: 'AWS', id: arn } as const,
    context: { 'aws:PrincipalArn': arn, 'kms:CallerAccount': '111122223333', ...more },
  });
  const others = keyPolicy(PLACE, [{ by: 'nodes' }]).slice(1);
  const judge = (action: string, caller: ReturnType<typeof as>) => decide(others, { action, resource: '*', ...caller });
  assert.equal(judge('kms:Decrypt', as(scaling)), 'allowed');
  assert.equal(judge('kms:CreateGrant', as(scaling, { 'kms:GrantIsForAWSResource': 'true' })), 'allowed');
  assert.equal(judge('kms:CreateGrant', as(scaling)), 'not allowed');
  assert.equal(judge('kms:Decrypt', as('arn:aws:iam::111122223333:role/node')), 'not allowed');
  assert.equal(judge('kms:Decrypt', as(scaling, { 'kms:CallerAccount': '444455556666' })), 'not allowed');
});

test('an alias that AWS would refuse, and logs of no group, are refused before', async () => {
  await assert.rejects(
    planned(() => build({ alias: 'alias/x', uses: [{ by: 'logs', groups: [] }] })),
    (error: Error) => {
      assert.match(error.message, /KeyArgs\.alias: found "alias\/x"; wanted .* neither "aws\/" nor "alias\/" in front/);
      assert.match(error.message, /KeyArgs\.uses: found logs of no group/);
      return true;
    },
  );
});
