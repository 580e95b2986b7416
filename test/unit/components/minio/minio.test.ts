import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { Bucket, Minio } from '../../../../components/minio/index.ts';
import { named, passwordOf, planned, podOf, secretsIn } from '../../support/mocks.ts';

const made = await planned(() => {
  const minio = new Minio(
    'minio',
    {
      namespace: 'shop',
      partOf: 'shop',
      image: { reference: 'quay.io/minio/minio:1', uid: 1000 },
      accessKey: 'shop_admin',
      cpu: { request: '25m', limit: '1' },
      memory: '384Mi',
      storage: '1Gi',
      startDeadline: '5m',
      fingerprintKey: pulumi.secret('the key'),
    },
    {},
  );
  const { subject, workload, accessKeyRef: accessKey, secretKeyRef: secretKey, port } = minio;
  const target = { workload, port };
  new Bucket(
    'reports',
    { cluster: {}, subject, target, accessKey, secretKey, bucket: 'reports', anonymousDownload: true },
    {},
  );
});

test('MinIO reads its root credentials from files of a Secret, and nothing else holds the password', () => {
  const password = passwordOf('minio-password');
  assert.deepEqual(secretsIn(named(made, 'minio-auth')), { 'access-key': 'shop_admin', 'secret-key': password });
  for (const { name, inputs } of made.filter((one) => one.name !== 'minio-auth')) {
    assert.doesNotMatch(JSON.stringify(inputs), new RegExp(password), name);
  }
  const [{ env }] = podOf(named(made, 'minio-set')).spec.containers;
  const files = env.filter(({ name }) => name.endsWith('_FILE')).map(({ name, value }) => [name, value]);
  assert.deepEqual(files, [
    ['MINIO_ROOT_PASSWORD_FILE', '/run/secrets/minio/secret-key'],
    ['MINIO_ROOT_USER_FILE', '/run/secrets/minio/access-key'],
  ]);
});

test('both of A’s ports are served: the S3 API and the console', () => {
  const { ports } = named(made, 'minio-service').inputs['spec'] as { ports: unknown };
  assert.deepEqual(ports, [
    { name: 's3', port: 9000, targetPort: 's3' },
    { name: 'console', port: 9001, targetPort: 'console' },
  ]);
});

test('ready and alive are two questions', () => {
  const [{ readinessProbe, livenessProbe }] = podOf(named(made, 'minio-set')).spec.containers;
  assert.equal(readinessProbe.httpGet?.path, '/minio/health/ready');
  assert.equal(livenessProbe.httpGet?.path, '/minio/health/live');
});

test('a bucket’s state holds where its credentials are, and not what they are', () => {
  const { type, inputs } = named(made, 'reports');
  assert.equal(type, 'pulumi-nodejs:dynamic/minio:Bucket');
  assert.deepEqual(inputs['secretKey'], { namespace: 'shop', name: 'minio-auth', key: 'secret-key' });
  assert.equal(inputs['anonymousDownload'], true);
});

test('a bucket’s shell asks nobody when it is deleted, and can read', () => {
  const shell = String(named(made, 'reports').inputs['__provider']);
  assert.match(shell, /async delete\(\) \{\}/);
  assert.match(shell, /async read\(id, state\)/);
  assert.match(shell, /components\/minio\/run\.ts/);
});
