import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { Provider } from '@pulumi/aws/provider.js';
import { faults } from '../../../../infra/identity/index.ts';
import { accessLogPolicy, bucketPolicy, Storage, type StorageArgs } from '../../../../infra/storage/index.ts';
import { named, planned, type Made } from '../../support/mocks.ts';
import { decide } from '../identity/evaluate.ts';
import { PLACE } from '../identity/table.ts';
import { protectedIn } from '../support/protection.ts';

const KEY = 'arn:aws:kms:us-east-1:111122223333:key/here';
const COPY_KEY = 'arn:aws:kms:us-west-2:111122223333:key/there';
const WEST = { ...PLACE, region: 'us-west-2' };

const build = (change: Partial<StorageArgs> = {}, options: pulumi.ComponentResourceOptions = {}) =>
  new Storage(
    'backups',
    {
      place: PLACE,
      bucketName: 'shop-backups',
      keyArn: KEY,
      expireAfter: '30d',
      copy: { place: WEST, keyArn: COPY_KEY, provider: new Provider('west', { region: 'us-west-2' }) },
      ...change,
    },
    options,
  );
const plan = (change: Partial<StorageArgs> = {}) => planned(() => build(change));
const of = (made: readonly Made[], kind: string) => made.filter(({ type }) => type.endsWith(`:${kind}`));
const BUCKETS = ['backups', 'backups-access', 'backups-copy', 'backups-copy-access'];

test('no bucket is public, of four', async () => {
  const made = await plan();
  assert.deepEqual(
    of(made, 'Bucket').map(({ name }) => name),
    BUCKETS.map((name) => `${name}-bucket`).toSorted(),
  );
  for (const name of BUCKETS) {
    assert.deepEqual(named(made, `${name}-closed`).inputs, {
      bucket: `${name}-bucket-id`,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    const { rule } = named(made, `${name}-ownership`).inputs;
    assert.deepEqual(rule, { objectOwnership: 'BucketOwnerEnforced' }, 'access lists count for nothing');
  }
});

test('every bucket is encrypted: data with the key of its region and few calls to it, access logs by S3', async () => {
  const made = await plan();
  const rules = (name: string) => named(made, `${name}-encryption`).inputs['rules'];
  const by = (kmsMasterKeyId: string) => [
    { applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId }, bucketKeyEnabled: true },
  ];
  assert.deepEqual(rules('backups'), by(KEY));
  assert.deepEqual(rules('backups-copy'), by(COPY_KEY));
  for (const name of ['backups-access', 'backups-copy-access']) {
    assert.deepEqual(rules(name), [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }]);
  }
});

test('every bucket keeps versions, and none is emptied to be deleted', async () => {
  const made = await plan();
  for (const name of BUCKETS) {
    const { versioningConfiguration } = named(made, `${name}-versioning`).inputs;
    assert.deepEqual(versioningConfiguration, { status: 'Enabled' }, name);
    assert.equal(named(made, `${name}-bucket`).inputs['forceDestroy'], false, name);
  }
});

test('what holds data is protected, with its versions, unless somebody says otherwise', async () => {
  const expected = BUCKETS.flatMap((name) => [`${name}-bucket`, `${name}-versioning`]).toSorted();
  assert.deepEqual(await protectedIn((options) => build({}, options)), expected);
  assert.deepEqual(await protectedIn((options) => build({ protect: false }, options)), []);
});

test('a backup is tiered at once, deleted after thirty days, and can be brought back for thirty more', async () => {
  const made = await plan();
  for (const name of ['backups', 'backups-copy']) {
    const rules = named(made, `${name}-lifecycle`).inputs['rules'] as Record<string, unknown>[];
    assert.deepEqual(
      rules.map(({ id, status, filter, ...rest }) => {
        assert.deepEqual([status, filter], ['Enabled', { prefix: '' }], String(id));
        return [id, rest];
      }),
      [
        ['tier', { transitions: [{ days: 0, storageClass: 'INTELLIGENT_TIERING' }] }],
        ['expire', { expiration: { days: 30 } }],
        ['forget-older-versions', { noncurrentVersionExpiration: { noncurrentDays: 30 } }],
        ['forget-empty-marks', { expiration: { expiredObjectDeleteMarker: true } }],
        ['forget-broken-uploads', { abortIncompleteMultipartUpload: { daysAfterInitiation: 7 } }],
      ],
    );
  }
});

test('without an expiry nothing current is ever deleted', async () => {
  const { rules } = named(await plan({ expireAfter: undefined }), 'backups-lifecycle').inputs as {
    rules: { id: string }[];
  };
  assert.ok(!rules.some(({ id }) => id === 'expire'));
});

test('new objects are copied to the other region, under its key and with a limit of time; deletions are not', async () => {
  const made = await plan();
  const { bucket, role, rules } = named(made, 'backups-replication').inputs as {
    bucket: string;
    role: unknown;
    rules: Record<string, unknown>[];
  };
  assert.equal(bucket, 'backups-bucket-id');
  assert.notEqual(role, '');
  assert.deepEqual(rules, [
    {
      id: 'everything',
      status: 'Enabled',
      priority: 0,
      filter: { prefix: '' },
      deleteMarkerReplication: { status: 'Disabled' },
      sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: 'Enabled' } },
      destination: {
        bucket: 'arn:aws:s3:::shop-backups-copy',
        storageClass: 'INTELLIGENT_TIERING',
        encryptionConfiguration: { replicaKmsKeyId: COPY_KEY },
        replicationTime: { status: 'Enabled', time: { minutes: 15 } },
        metrics: { status: 'Enabled', eventThreshold: { minutes: 15 } },
      },
    },
  ]);
  const rule = named(made, 'backups-replication');
  for (const name of ['backups-versioning', 'backups-copy-versioning']) {
    assert.ok(named(made, name).nth < rule.nth, `${name} comes first: S3 copies between buckets with versions only`);
  }
  const trust = JSON.parse(named(made, 'backups-copier').inputs['assumeRolePolicy'] as string);
  assert.deepEqual(trust.Statement[0].Principal, { Service: 's3.amazonaws.com' });
});

test('the copy is made by the other region’s provider, and everything else is not', async () => {
  const seen = new Map<string, boolean>();
  await planned(() => {
    const west = new Provider('west', { region: 'us-west-2' });
    const note: pulumi.ResourceTransformation = ({ name, opts }) => {
      seen.set(name, (opts as pulumi.CustomResourceOptions).provider === west);
      return undefined;
    };
    class Stage extends pulumi.ComponentResource {
      constructor() {
        super('test:index:Stage', 'stage', {}, { transformations: [note] });
        build({ copy: { place: WEST, keyArn: COPY_KEY, provider: west } }, { parent: this });
      }
    }
    return new Stage();
  });
  for (const [name, west] of seen) assert.equal(west, name.startsWith('backups-copy-'), name);
  assert.ok(seen.size > 25);
});

test('without another region there is one copy, and no role', async () => {
  const made = await plan({ copy: undefined });
  assert.equal(of(made, 'Bucket').length, 2);
  assert.equal(of(made, 'Role').length, 0);
});

test('every access is written down, in a bucket of the same region', async () => {
  const made = await plan();
  for (const [name, prefix] of [
    ['backups', 'shop-backups/'],
    ['backups-copy', 'shop-backups-copy/'],
  ] as const) {
    const { bucket, targetBucket, targetPrefix } = named(made, `${name}-logging`).inputs;
    assert.deepEqual([bucket, targetBucket, targetPrefix], [`${name}-bucket-id`, `${name}-access-bucket-id`, prefix]);
  }
});

test('a bucket answers over TLS 1.2 and later only, and takes no other key and no other encryption', () => {
  const policy = bucketPolicy(PLACE, 'shop-backups', KEY);
  assert.deepEqual(faults(policy).found, []);
  const put = (context: Record<string, string>, action = 's3:PutObject') =>
    decide(policy, {
      action,
      resource: 'arn:aws:s3:::shop-backups/a',
      context: { 'aws:SecureTransport': 'true', 's3:TlsVersion': '1.3', ...context },
    });
  const [how, which] = ['s3:x-amz-server-side-encryption', 's3:x-amz-server-side-encryption-aws-kms-key-id'];
  assert.equal(put({}), 'not allowed', 'the policy allows nobody anything: roles do');
  assert.equal(put({ [how]: 'aws:kms', [which]: KEY }), 'not allowed');
  assert.equal(put({ 'aws:SecureTransport': 'false' }, 's3:GetObject'), 'denied');
  assert.equal(put({ 's3:TlsVersion': '1.1' }, 's3:GetObject'), 'denied');
  assert.equal(put({ [how]: 'AES256' }), 'denied');
  assert.equal(put({ [how]: 'aws:kms', [which]: COPY_KEY }), 'denied');
});

test('only S3 writes access logs, and only of the buckets they are for', () => {
  const policy = accessLogPolicy(PLACE, 'shop-access', ['shop-backups']);
  assert.deepEqual(faults(policy).found, []);
  const ask = (key: string, source: string, account: string = PLACE.accountId) =>
    decide(policy, {
      action: 's3:PutObject',
      resource: `arn:aws:s3:::shop-access/${key}`,
      principal: { kind: 'Service', id: 'logging.s3.amazonaws.com' },
      context: {
        'aws:SourceArn': source,
        'aws:SourceAccount': account,
        'aws:SecureTransport': 'true',
        's3:TlsVersion': '1.2',
      },
    });
  assert.equal(ask('shop-backups/2026', 'arn:aws:s3:::shop-backups'), 'allowed');
  assert.equal(ask('shop-backups/2026', 'arn:aws:s3:::other'), 'not allowed');
  assert.equal(ask('other/2026', 'arn:aws:s3:::shop-backups'), 'not allowed');
  assert.equal(ask('shop-backups/2026', 'arn:aws:s3:::shop-backups', '444455556666'), 'not allowed');
});

test('names that AWS would refuse, parts of days, and a copy beside the original are refused, all at once', async () => {
  const copy = { place: PLACE, keyArn: COPY_KEY, provider: undefined as never };
  await assert.rejects(plan({ bucketName: 'Shop.backups', expireAfter: '36h', copy }), (error: Error) => {
    assert.match(error.message, /Storage "backups" has 3 problems/);
    assert.match(error.message, /StorageArgs\.bucketName: found "Shop\.backups"/);
    assert.match(error.message, /StorageArgs\.expireAfter: found "36h"; wanted whole days/);
    assert.match(error.message, /StorageArgs\.copy: found "us-east-1"; wanted another region/);
    return true;
  });
});
