import assert from 'node:assert/strict';
import { test } from 'node:test';
import { document, readSecrets } from '../../../../infra/identity/index.ts';
import { decide, matches } from './evaluate.ts';
import { PLACE, TABLE } from './table.ts';

for (const { role, policy, may, mayNot } of TABLE) {
  test(`${role} may do its work and nothing else`, () => {
    for (const request of may) assert.equal(decide(policy, request), 'allowed', JSON.stringify(request));
    for (const request of mayNot) assert.notEqual(decide(policy, request), 'allowed', JSON.stringify(request));
  });

  test(`every sentence of the policy of ${role} is asked for by a row, and none is of AWS's whole`, () => {
    const { Statement, Version } = document(policy);
    assert.equal(Version, '2012-10-17');
    for (const statement of Statement) {
      const alone = { Version, Statement: [statement] } as const;
      assert.ok(
        may.some((request) => decide(alone, request) === 'allowed'),
        `no row needs ${statement.Sid}`,
      );
      for (const action of statement.Action) assert.doesNotMatch(action, /[*?]/, statement.Sid);
    }
  });
}

test('the evaluator decides as IAM does', () => {
  const policy = {
    Version: '2012-10-17',
    Statement: [
      { Sid: 'A', Effect: 'Allow', Action: ['s3:Get*'], Resource: ['arn:aws:s3:::b/?'] },
      {
        Sid: 'B',
        Effect: 'Deny',
        Action: ['s3:*'],
        Resource: ['*'],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      {
        Sid: 'C',
        Effect: 'Deny',
        Action: ['s3:GetObjectAcl'],
        Resource: ['*'],
        Condition: { StringNotEquals: { who: ['me', 'you'] } },
      },
    ],
  } as const;
  const ask = (action: string, resource: string, context = {}) => decide(policy, { action, resource, context });
  assert.equal(ask('s3:GetObject', 'arn:aws:s3:::b/x'), 'allowed');
  assert.equal(ask('S3:getobject', 'arn:aws:s3:::b/x'), 'allowed', 'actions know no case');
  assert.equal(ask('s3:GetObject', 'arn:aws:s3:::B/x'), 'not allowed', 'resources do');
  assert.equal(ask('s3:GetObject', 'arn:aws:s3:::b/xy'), 'not allowed');
  assert.equal(ask('s3:PutObject', 'arn:aws:s3:::b/x'), 'not allowed');
  assert.equal(ask('s3:GetObject', 'arn:aws:s3:::b/x', { 'aws:SecureTransport': 'false' }), 'denied');
  assert.equal(ask('s3:GetObjectAcl', 'arn:aws:s3:::b/x'), 'denied', 'an absent key differs from any value');
  assert.equal(ask('s3:GetObjectAcl', 'arn:aws:s3:::b/x', { who: 'you' }), 'allowed');
  const by = { Principal: { Service: 'a.amazonaws.com', AWS: 'arn:aws:iam::111122223333:root' } };
  const trust = { Version: '2012-10-17', Statement: [{ ...policy.Statement[0], Resource: undefined, ...by }] } as never;
  const from = (kind: 'Service' | 'AWS', id: string) =>
    decide(trust, { action: 's3:GetObject', principal: { kind, id } });
  assert.equal(from('Service', 'a.amazonaws.com'), 'allowed');
  assert.equal(from('Service', 'b.amazonaws.com'), 'not allowed');
  assert.equal(from('AWS', 'arn:aws:iam::111122223333:role/any'), 'allowed', 'an account stands for its roles');
  assert.equal(from('AWS', 'arn:aws:iam::444455556666:role/any'), 'not allowed');
  assert.ok(matches('a.b', 'a.b') && !matches('a.b', 'axb'), 'a dot is a dot');
  assert.throws(
    () =>
      decide(
        { Version: '2012-10-17', Statement: [{ ...policy.Statement[0], Condition: { IpAddress: { a: 'b' } } }] },
        { action: 's3:GetObject', resource: 'arn:aws:s3:::b/x' },
      ),
    /does not know the operator IpAddress/,
  );
});

test('rights to secrets want names, and no patterns', () => {
  assert.throws(() => readSecrets(PLACE, { secrets: [] }), /secrets: found \[\]; wanted at least one name/);
  assert.throws(() => readSecrets(PLACE, { secrets: ['a/b', 'a/*'] }), /secrets: found \["a\/\*"\]/);
});

test('the order in which secrets are named changes nothing', () => {
  const [one, other] = [
    ['a', 'b'],
    ['b', 'a'],
  ].map((secrets) => document(readSecrets(PLACE, { secrets })));
  assert.deepEqual(one, other);
});
