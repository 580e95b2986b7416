import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Admin } from '../../../../components/minio/admin.ts';
import { bucketsOf, userPolicy } from '../../../../components/minio/policy.ts';
import { seen, settle } from '../../../../components/minio/user-run.ts';

const never = (): never => {
  throw new Error('nobody asked for this');
};

function minio() {
  const users = new Map<string, { policies: string[]; enabled: boolean }>();
  const policies = new Map<string, string>();
  const changes: string[] = [];
  const admin: Admin = {
    ...{ targets: never, setTarget: never, removeTarget: never },
    setUser: (user) => {
      users.set(user, { policies: users.get(user)?.policies ?? [], enabled: true });
      return Promise.resolve();
    },
    user: (user) => Promise.resolve(users.get(user)),
    policy: (name) => Promise.resolve(policies.get(name)),
    setPolicy: (name, policy) => {
      changes.push(`policy ${name}`);
      policies.set(name, policy);
      return Promise.resolve();
    },
    attach: (policy, user) => {
      changes.push(`attach ${policy} to ${user}`);
      users.get(user)!.policies = [policy];
      return Promise.resolve();
    },
  };
  return { admin, users, policies, changes };
}

const BUCKETS = ['reports', 'documents'];

test('a user is made with exactly the stated rights, once', async () => {
  const { admin, changes } = minio();
  await settle(admin, 'api', BUCKETS, 'hunter2');
  assert.deepEqual(await seen(admin, 'api'), { exists: true, buckets: BUCKETS.toSorted() });
  assert.deepEqual(changes.splice(0), ['policy api', 'attach api to api']);
  await settle(admin, 'api', BUCKETS.toReversed(), 'hunter2');
  assert.deepEqual(changes, []);
});

test('rights that somebody gave or took are seen, and put right', async () => {
  const { admin, users, policies } = minio();
  const spoil: (() => void)[] = [
    () => users.set('api', { policies: ['consoleAdmin'], enabled: true }),
    () => users.set('api', { policies: ['api', 'consoleAdmin'], enabled: true }),
    () => users.set('api', { policies: ['api'], enabled: false }),
    () => policies.set('api', userPolicy(BUCKETS).replace('s3:DeleteObject', 's3:*')),
    () => policies.delete('api'),
  ];
  for (const act of spoil) {
    await settle(admin, 'api', BUCKETS, 'hunter2');
    act();
    assert.equal((await seen(admin, 'api')).buckets, 'other', String(act));
  }
  users.delete('api');
  assert.deepEqual(await seen(admin, 'api'), { exists: false, buckets: 'other' });
});

test('the policy allows objects of these buckets, and no settings, policies or other buckets', () => {
  const policy = userPolicy(['reports']);
  assert.deepEqual(bucketsOf(policy), ['reports']);
  assert.doesNotMatch(
    policy,
    /s3:\*|Put(Bucket|Lifecycle|Encryption|Replication)|DeleteBucket|DeleteObjectVersion|admin:/,
  );
  assert.equal(bucketsOf(policy.replace('arn:aws:s3:::reports/*', 'arn:aws:s3:::*')), 'other');
});
