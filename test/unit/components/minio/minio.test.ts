import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { Bucket, Minio, type MinioArgs } from '../../../../components/minio/index.ts';
import { metricsToken } from '../../../../components/minio/metrics.ts';
import { named, passwordOf, planned, podOf, secretsIn } from '../../support/mocks.ts';

const ARGS: MinioArgs = {
  namespace: 'shop',
  partOf: 'shop',
  image: { reference: 'quay.io/minio/minio:1', uid: 1000 },
  accessKey: 'shop_admin',
  cpu: { request: '25m', limit: '1' },
  memory: '384Mi',
  storage: '1Gi',
  startDeadline: '5m',
  fingerprintKey: pulumi.secret('the key'),
};
const made = await planned(() => {
  const minio = new Minio('minio', ARGS, {});
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
  assert.deepEqual(secretsIn(named(made, 'minio-auth')), {
    'access-key': 'shop_admin',
    'secret-key': password,
    'metrics-token': metricsToken('shop_admin', password),
  });
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

const four = (change: Partial<MinioArgs> = {}) =>
  planned(() => new Minio('minio', { ...ARGS, nodes: 4, ...change }, {}));

test('four nodes start at once, are told each other’s names, and keep it that way', async () => {
  const plan = await four();
  const set = named(plan, 'minio-set').inputs['spec'] as { replicas: number; podManagementPolicy: string };
  assert.deepEqual([set.replicas, set.podManagementPolicy], [4, 'Parallel']);
  assert.equal(
    podOf(named(plan, 'minio-set')).spec.containers[0].args[1],
    'http://minio-{0...3}.minio-members.shop.svc:9000/data',
  );
  assert.equal((named(plan, 'minio-anchor').inputs['fixed'] as { nodes: number }).nodes, 4);
  assert.equal(plan.filter(({ name }) => /^minio-data-/.test(name)).length, 4);
});

test('of four, those that are left give up on one that is lost within half a minute, and find it again within seconds', async () => {
  const settings = (plan: typeof made) =>
    podOf(named(plan, 'minio-set'))
      .spec.containers[0].env.filter(({ name }) => /TIMEOUT|TTL/.test(name))
      .map(({ name, value }) => [name, value]);
  assert.deepEqual(settings(await four()), [
    ['MINIO_CONN_USER_TIMEOUT', '30s'],
    ['MINIO_DNS_CACHE_TTL', '5s'],
  ]);
  assert.deepEqual(settings(made), []);
});

test('with encryption the key stands in the Secret and comes as a file; its loss is refused, it cannot be turned off', async () => {
  const plan = await four({ encryption: true, protect: true });
  const auth = secretsIn(named(plan, 'minio-auth'));
  assert.match(auth['encryption-key']!, /^minio:/);
  const pod = podOf(named(plan, 'minio-set'));
  const [{ env }] = pod.spec.containers;
  assert.ok(
    env.some(
      ({ name, value }) => name === 'MINIO_KMS_SECRET_KEY_FILE' && value === '/run/secrets/minio/encryption-key',
    ),
  );
  assert.match(JSON.stringify(pod.spec.volumes), /"key":"encryption-key"/);
  assert.deepEqual(named(plan, 'minio-anchor').inputs['fixed'], {
    ...{ nodes: 4, encryption: true, namespace: 'shop', name: 'minio' },
    ...{ podManagementPolicy: 'Parallel', storageClass: '' },
  });
});

test('with a certificate everything is asked over TLS: clients, nodes and probes', async () => {
  const pod = podOf(named(await four({ tls: { secretName: 'minio-tls' } }), 'minio-set')).spec;
  const [{ args, readinessProbe }] = pod.containers;
  assert.match(args.join(' '), /https:\/\/minio-\{0\.\.\.3\}.*--certs-dir \/run\/secrets\/minio-certs/);
  assert.equal((readinessProbe.httpGet as { scheme?: string }).scheme, 'HTTPS');
  const items = pod.volumes.find(({ name }) => name === 'certs')?.secret?.items as { path: string }[];
  assert.deepEqual(
    items.map(({ path }) => path),
    ['public.crt', 'private.key', 'CAs/ca.crt'],
  );
});

test('metrics are for who has the token: signed with the root password, the same each time', () => {
  const token = metricsToken('shop_admin', 'hunter2');
  const [head, claims, signature] = token.split('.');
  const read = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
  assert.deepEqual(read(head!), { alg: 'HS512', typ: 'JWT' });
  assert.deepEqual(read(claims!), { exp: Date.UTC(2100, 0) / 1000, iss: 'prometheus', sub: 'shop_admin' });
  assert.equal(Buffer.from(signature!, 'base64url').length, 64);
  assert.equal(metricsToken('shop_admin', 'hunter2'), token);
  assert.notEqual(metricsToken('shop_admin', 'hunter3'), token);
});

test('an application signs in as root, or as a user of its own whose key stands in a Secret of its own', async () => {
  let [root, own]: (Minio | undefined)[] = [];
  const user = { accessKey: 'shop_api', buckets: ['reports'], cluster: {} };
  const plan = await planned(() => {
    root = new Minio('minio', ARGS, {});
    own = new Minio('other', { ...ARGS, user }, {});
  });
  assert.equal(root!.login.accessKey, 'shop_admin');
  assert.equal(own!.login.accessKey, 'shop_api');
  const key = passwordOf('other-user-password');
  assert.deepEqual(secretsIn(named(plan, 'other-user-auth')), { 'secret-key': key });
  const { inputs } = named(plan, 'other-user');
  assert.deepEqual(inputs['userKey'], { namespace: 'shop', name: 'other-user-auth', key: 'secret-key' });
  assert.deepEqual(inputs['buckets'], ['reports']);
  assert.doesNotMatch(JSON.stringify(inputs), new RegExp(key));
});
