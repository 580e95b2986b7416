import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessOf, downloadPolicy } from '../../../../components/minio/policy.ts';

const edited = (change: (statements: Record<string, unknown>[]) => unknown): string => {
  const policy = JSON.parse(downloadPolicy('reports')) as { Statement: Record<string, unknown>[] };
  change(policy.Statement);
  return JSON.stringify(policy);
};

test('the policy that is set is recognised as download, and no policy as private', () => {
  assert.equal(accessOf(downloadPolicy('reports'), 'reports'), 'download');
  assert.equal(accessOf('', 'reports'), 'private');
  assert.equal(accessOf('{"Version":"2012-10-17","Statement":[]}', 'reports'), 'private');
});

test('the same policy in another spelling is recognised: lists or single values, statements split or turned', () => {
  const split = edited((statements) => {
    const [bucket, objects] = statements.splice(0);
    statements.push(
      { ...objects, Action: 's3:GetObject', Resource: 'arn:aws:s3:::reports/*' },
      { ...bucket, Action: 's3:ListBucket' },
      { ...bucket, Action: 's3:GetBucketLocation' },
    );
  });
  assert.equal(accessOf(split, 'reports'), 'download');
});

test('a policy that allows more, less, another bucket, or under a condition is neither private nor download', () => {
  const others = {
    'more actions': edited(([, objects]) => (objects!['Action'] = ['s3:GetObject', 's3:PutObject'])),
    'less actions': edited((statements) => statements.pop()),
    'another bucket': downloadPolicy('documents'),
    'a condition': edited(([, objects]) => (objects!['Condition'] = { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } })),
    'a denial': edited(([bucket]) => (bucket!['Effect'] = 'Deny')),
    'one user only': edited(([, objects]) => (objects!['Principal'] = { AWS: ['arn:aws:iam:::user/one'] })),
  };
  for (const [name, policy] of Object.entries(others)) assert.equal(accessOf(policy, 'reports'), 'other', name);
});

test('nobody may write, delete or set policies through it', () => {
  assert.doesNotMatch(downloadPolicy('reports'), /Put|Delete|s3:\*/);
});
