import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Admin, NewTarget, RemoteTarget } from '../../../../components/minio/admin.ts';
import { copiedTo, copyTo, type Copying } from '../../../../components/minio/replication.ts';

const never = (): never => {
  throw new Error('nobody asked for this');
};

/** MinIO in memory, as far as copying goes. */
function minio(targets: RemoteTarget[] = [], xml = '') {
  const changes: string[] = [];
  const held = { targets: [...targets], xml };
  const admin: Admin = {
    targets: () => Promise.resolve(held.targets),
    setTarget: (bucket, { endpoint, bucket: targetbucket, secure, accessKey }, known) => {
      const arn = known ?? `arn:minio:replication::${held.targets.length + 1}:${targetbucket}`;
      held.targets = [
        ...held.targets.filter((target) => target.arn !== arn),
        { arn, endpoint, targetbucket, secure, type: 'replication', credentials: { accessKey } },
      ];
      changes.push(`${known === undefined ? 'add' : 'set'} ${bucket} ${endpoint}`);
      return Promise.resolve(arn);
    },
    removeTarget: (_bucket, arn) => {
      // The server refuses to forget a target that a rule still names.
      assert.ok(!held.xml.includes(arn), 'the rule goes first');
      held.targets = held.targets.filter((target) => target.arn !== arn);
      changes.push(`remove ${arn}`);
      return Promise.resolve();
    },
    ...{ setUser: never, user: never, setPolicy: never, policy: never, attach: never },
  };
  const copying: Copying = {
    replication: () => Promise.resolve(held.xml),
    setReplication: (_bucket, text) => {
      held.xml = text;
      changes.push(text === '' ? 'end' : 'copy');
      return Promise.resolve();
    },
  };
  return { admin, copying, changes };
}

const TARGET: NewTarget = {
  endpoint: 'minio.eu-west-1.example.com:9000',
  bucket: 'copies',
  secure: true,
  region: 'eu-west-1',
  accessKey: 'replicator',
  secretKey: 'hunter2',
};
const SEEN = { endpoint: 'https://minio.eu-west-1.example.com:9000', bucket: 'copies' };

test('a bucket is copied there; the second time only the credentials are set', async () => {
  const { admin, copying, changes } = minio();
  await copyTo(copying, admin, 'reports', TARGET);
  assert.deepEqual(await copiedTo(copying, admin, 'reports'), SEEN);
  assert.deepEqual(changes.splice(0), [`add reports ${TARGET.endpoint}`, 'copy']);
  await copyTo(copying, admin, 'reports', TARGET);
  assert.deepEqual(changes, [`set reports ${TARGET.endpoint}`]);
});

test('another target takes the place of the one before, and none ends it, rule before target', async () => {
  const { admin, copying, changes } = minio();
  await copyTo(copying, admin, 'reports', TARGET);
  await copyTo(copying, admin, 'reports', { ...TARGET, endpoint: 'minio.eu-west-2.example.com:9000' });
  assert.deepEqual(await copiedTo(copying, admin, 'reports'), {
    ...SEEN,
    endpoint: 'https://minio.eu-west-2.example.com:9000',
  });
  changes.splice(0);
  await copyTo(copying, admin, 'reports', undefined);
  assert.deepEqual(
    changes.map((change) => change.split(' ')[0]),
    ['end', 'remove'],
  );
  assert.equal(await copiedTo(copying, admin, 'reports'), 'none');
});

test('where nothing is copied and nothing stated, nothing is asked of the server', async () => {
  const { admin, copying, changes } = minio();
  await copyTo(copying, admin, 'reports', undefined);
  assert.deepEqual(changes, []);
});

test('a rule of somebody else’s, one that was turned off, and a target without a rule are told', async () => {
  const { admin, copying } = minio();
  await copyTo(copying, admin, 'reports', TARGET);
  const ours = await copying.replication('reports');
  for (const xml of [ours.replace('<ID>copy<', '<ID>mine<'), ours.replace('Enabled', 'Disabled'), '']) {
    await copying.setReplication('reports', xml);
    assert.equal(await copiedTo(copying, admin, 'reports'), 'other');
    await copyTo(copying, admin, 'reports', TARGET);
    assert.deepEqual(await copiedTo(copying, admin, 'reports'), SEEN);
  }
});
