import assert from 'node:assert/strict';
import { test } from 'node:test';
import { document, faults, rendered, type Policy, type Statement } from '../../../../infra/identity/index.ts';
import { TABLE } from './table.ts';

const GOOD: Statement = { sid: 'Read', actions: ['s3:GetObject'], resources: ['arn:aws:s3:::b/a'] };
const BECAUSE = 'a reason that is long enough to say something';

test('every policy of a role stands: names, actions, resources, and a reason for whatever is wide', () => {
  for (const { role, policy } of TABLE) assert.deepEqual(faults(policy).found, [], role);
});

for (const [what, policy, told] of [
  ['a wildcard resource without a reason', [{ ...GOOD, resources: ['*'] }], /Read: found \*; wanted a reason/],
  ['a wildcard below a bucket', [{ ...GOOD, resources: ['arn:aws:s3:::b/*'] }], /Read: found arn:aws:s3:::b\/\*/],
  ['a wildcard action without a reason', [{ ...GOOD, actions: ['s3:*'] }], /Read: found s3:\*; wanted a reason/],
  ['a question mark', [{ ...GOOD, resources: ['arn:aws:s3:::?'] }], /Read: found arn:aws:s3:::\?/],
  ['a reason that says nothing', [{ ...GOOD, resources: ['*'], because: 'needed' }], /of 20 characters at least/],
  [
    'everybody without a condition',
    [{ ...GOOD, principals: '*', because: BECAUSE }],
    /everybody is allowed .*wanted conditions/,
  ],
  [
    'everybody in other words',
    [{ ...GOOD, principals: { AWS: '*' }, because: BECAUSE }],
    /everybody is allowed .*wanted conditions/,
  ],
  ['every action of every service', [{ ...GOOD, actions: ['*:*'], because: BECAUSE }], /found the action "\*:\*"/],
  ['no name', [{ ...GOOD, sid: '' }], /statement 0: found the name ""/],
  ['a name twice', [GOOD, GOOD], /Read: found a second statement of that name/],
  ['no action', [{ ...GOOD, actions: [] }], /Read: found no action/],
  ['no resource', [{ ...GOOD, resources: [] }], /Read: found no resource/],
  ['a resource that is none', [{ ...GOOD, resources: ['bucket'] }], /found the resource "bucket"/],
  ['nothing at all', [], /found no statement/],
] as [string, Policy, RegExp][]) {
  test(`a planted policy with ${what} is found, and never reaches AWS`, () => {
    assert.ok(faults(policy).found.length > 0);
    assert.throws(() => document(policy), told);
  });
}

test('the reason stays here, and AWS gets the version and the rest', () => {
  const policy: Policy = [{ ...GOOD, effect: 'Deny', resources: ['*'], because: BECAUSE }];
  assert.deepEqual(faults(policy).found, []);
  assert.deepEqual(JSON.parse(rendered(policy)), {
    Version: '2012-10-17',
    Statement: [{ Sid: 'Read', Effect: 'Deny', Action: ['s3:GetObject'], Resource: ['*'] }],
  });
});
