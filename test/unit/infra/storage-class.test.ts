import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StorageClass, type StorageClassArgs } from '../../../infra/storage-class.ts';
import { named, planned } from '../support/mocks.ts';

const plan = (change: Partial<StorageClassArgs> = {}) =>
  planned(() => new StorageClass('volumes', { className: 'gp3', partOf: 'shop', ...change }, {}));

test('volumes are gp3, encrypted, of 3000 operations a second, grow, and outlive their claims', async () => {
  const { metadata, ...spec } = named(await plan(), 'volumes-class').inputs;
  assert.equal((metadata as { name: string }).name, 'gp3');
  assert.deepEqual(spec, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    provisioner: 'ebs.csi.aws.com',
    parameters: { type: 'gp3', encrypted: 'true', iops: '3000', throughput: '125' },
    allowVolumeExpansion: true,
    volumeBindingMode: 'WaitForFirstConsumer',
    reclaimPolicy: 'Retain',
  });
});

test('a key of one’s own, and more of both, reach the class', async () => {
  const { parameters } = named(await plan({ iops: 8000, throughput: 500, kmsKeyArn: 'arn:k' }), 'volumes-class').inputs;
  assert.deepEqual(parameters, { type: 'gp3', encrypted: 'true', iops: '8000', throughput: '500', kmsKeyId: 'arn:k' });
});

test('what AWS would refuse is refused before, all of it at once', async () => {
  await assert.rejects(plan({ iops: 2000, throughput: 600 }), (error: Error) => {
    assert.match(error.message, /StorageClassArgs\.iops: found 2000; wanted a whole number from 3000 to 16000/);
    assert.match(error.message, /StorageClassArgs\.throughput: found 600; wanted .* at most a quarter of iops/);
    return true;
  });
});
