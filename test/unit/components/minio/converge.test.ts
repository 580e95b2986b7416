import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { converge, look, type Seen, type Store } from '../../../../components/minio/converge.ts';
import { downloadPolicy } from '../../../../components/minio/policy.ts';
import { lifecycleOf, type Settings } from '../../../../components/minio/wanted.ts';

const failure = (code: string): Error => Object.assign(new Error(code), { code });

/** A bucket as the store holds it. */
interface Held {
  policy?: string;
  versioning?: string;
  lifecycle?: unknown;
  encryption?: unknown;
}

/** A store in memory that answers as S3 does, and counts what changes it. */
function store(buckets: Record<string, Held> = {}) {
  const held = new Map(Object.entries(buckets).map(([name, one]) => [name, { ...one }]));
  const changes: string[] = [];
  const there = (name: string): Held => {
    const bucket = held.get(name);
    if (bucket === undefined) throw failure('NoSuchBucket');
    return bucket;
  };
  const answer = (value: unknown, otherwise: string) =>
    value === undefined ? Promise.reject(failure(otherwise)) : Promise.resolve(value as never);
  const change = async (what: string, name: string, made: Held): Promise<void> => {
    changes.push(`${what} ${name}`);
    Object.assign(there(name), made);
    return Promise.resolve();
  };
  const made: Store = {
    bucketExists: (name: string) => Promise.resolve(held.has(name)),
    makeBucket: (name: string) => {
      changes.push(`make ${name}`);
      if (held.has(name)) return Promise.reject(failure('BucketAlreadyOwnedByYou'));
      held.set(name, {});
      return Promise.resolve();
    },
    getBucketPolicy: async (name: string) => answer(there(name).policy || undefined, 'NoSuchBucketPolicy'),
    setBucketPolicy: (name: string, policy: string) => change(policy === '' ? 'close' : 'open', name, { policy }),
    getBucketVersioning: (name: string) => {
      const { versioning } = there(name);
      return Promise.resolve((versioning === undefined ? '' : { Status: versioning }) as never);
    },
    setBucketVersioning: (name, { Status }) => change('version', name, { versioning: Status }),
    getBucketLifecycle: async (name: string) => answer(there(name).lifecycle, 'NoSuchLifecycleConfiguration'),
    setBucketLifecycle: (name, lifecycle) => change('expire', name, { lifecycle }),
    removeBucketLifecycle: (name) => change('keep', name, { lifecycle: undefined }),
    getBucketEncryption: async (name: string) =>
      answer(there(name).encryption, 'ServerSideEncryptionConfigurationNotFoundError'),
    setBucketEncryption: (name: string, encryption: unknown) => change('encrypt', name, { encryption }),
    removeBucketEncryption: (name: string) => change('plain', name, { encryption: undefined }),
  };
  return { made, held, changes };
}

const OTHER = '{"Statement":[{"Effect":"Allow","Principal":{"AWS":["*"]},"Action":["s3:*"],"Resource":["*"]}]}';
const AES = { Rule: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] };
const days = fc.option(fc.integer({ min: 1, max: 3650 }), { nil: undefined });
const expiry = fc.record({ objects: days, oldVersions: days }).map(({ objects, oldVersions }) => ({
  ...(objects !== undefined && { objects }),
  ...(oldVersions !== undefined && { oldVersions }),
}));
const befores: fc.Arbitrary<Held | undefined> = fc.option(
  fc.record({
    policy: fc.constantFrom('', downloadPolicy('reports'), OTHER),
    versioning: fc.constantFrom(undefined, 'Enabled', 'Suspended'),
    encryption: fc.constantFrom(undefined, AES, { Rule: [{ SSEAlgorithm: 'aws:kms' }] }),
    lifecycle: fc.oneof(expiry.map(lifecycleOf), fc.constant({ Rule: [{ Status: 'Enabled' }, { Status: 'Enabled' }] })),
  }) as fc.Arbitrary<Held>,
  { nil: undefined },
);
const wanted: fc.Arbitrary<Settings> = fc.record({
  bucket: fc.constant('reports'),
  anonymousDownload: fc.boolean(),
  versioning: fc.boolean(),
  encrypted: fc.boolean(),
  expiry,
});

test('from whatever is there to what is stated, in one go; a second time changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(befores, wanted, async (before, settings) => {
      const { made, changes } = store(before === undefined ? {} : { reports: before });
      await converge(made, settings);
      const { bucket, ...stated } = settings;
      assert.deepEqual(await look(made, bucket), { exists: true, ...stated });
      const done = changes.length;
      await converge(made, settings);
      assert.equal(changes.length, done);
    }),
  );
});

const CLOSED: Settings = {
  bucket: 'reports',
  anonymousDownload: false,
  versioning: false,
  encrypted: false,
  expiry: {},
};

test('what is right already is not touched, and another bucket never', async () => {
  const right: Held = {
    policy: downloadPolicy('reports'),
    versioning: 'Enabled',
    encryption: AES,
    lifecycle: lifecycleOf({ oldVersions: 30 }),
  };
  const { made, held, changes } = store({ reports: right, others: { policy: OTHER } });
  await converge(made, {
    ...CLOSED,
    anonymousDownload: true,
    versioning: true,
    encrypted: true,
    expiry: { oldVersions: 30 },
  });
  assert.deepEqual(changes, []);
  assert.deepEqual(held.get('others'), { policy: OTHER });
});

test('a bucket that somebody else makes in the meantime is no error; any other refusal is', async () => {
  const { made } = store({ reports: {} });
  const late: Store = { ...made, bucketExists: () => Promise.resolve(false) };
  await converge(late, CLOSED);
  const full: Store = { ...late, makeBucket: () => Promise.reject(failure('TooManyBuckets')) };
  await assert.rejects(converge(full, CLOSED), /TooManyBuckets/);
});

test('looking tells a missing bucket, a plain one, one with all, and what somebody else made of one', async () => {
  const all: Held = { policy: OTHER, versioning: 'Enabled', encryption: AES, lifecycle: lifecycleOf({ objects: 7 }) };
  const foreign = { Rule: [{ Status: 'Enabled', Filter: { Prefix: 'logs/' }, Expiration: { Days: 1 } }] };
  const plain: Seen = { exists: true, anonymousDownload: false, versioning: false, encrypted: false, expiry: {} };
  const cases: readonly [Held | undefined, Seen][] = [
    [undefined, { ...plain, exists: false }],
    [{}, plain],
    [all, { exists: true, anonymousDownload: 'other', versioning: true, encrypted: true, expiry: { objects: 7 } }],
    [
      { versioning: 'Suspended', lifecycle: foreign },
      { ...plain, expiry: 'other' },
    ],
    [{ encryption: { Rule: [{ SSEAlgorithm: 'aws:kms' }] } }, { ...plain, encrypted: 'other' }],
  ];
  for (const [held, seen] of cases) {
    assert.deepEqual(await look(store(held === undefined ? {} : { reports: held }).made, 'reports'), seen);
  }
});
