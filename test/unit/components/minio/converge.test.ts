import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { converge, look, type Store } from '../../../../components/minio/converge.ts';
import { downloadPolicy } from '../../../../components/minio/policy.ts';

const failure = (code: string): Error => Object.assign(new Error(code), { code });

/** A store in memory that answers as S3 does, and counts what changes it. */
function store(buckets: Record<string, string> = {}) {
  const held = new Map(Object.entries(buckets));
  const changes: string[] = [];
  const there = (name: string): string => {
    const policy = held.get(name);
    if (policy === undefined) throw failure('NoSuchBucket');
    return policy;
  };
  const made: Store = {
    bucketExists: (name: string) => Promise.resolve(held.has(name)),
    makeBucket: (name: string) => {
      changes.push(`make ${name}`);
      if (held.has(name)) return Promise.reject(failure('BucketAlreadyOwnedByYou'));
      held.set(name, '');
      return Promise.resolve();
    },
    getBucketPolicy: async (name: string) => {
      const policy = there(name);
      return policy === '' ? Promise.reject(failure('NoSuchBucketPolicy')) : Promise.resolve(policy);
    },
    setBucketPolicy: (name: string, policy: string) => {
      changes.push(`${policy === '' ? 'close' : 'open'} ${name}`);
      there(name);
      held.set(name, policy);
      return Promise.resolve();
    },
  };
  return { made, held, changes };
}

const OTHER = '{"Statement":[{"Effect":"Allow","Principal":{"AWS":["*"]},"Action":["s3:*"],"Resource":["*"]}]}';
const states = [undefined, '', downloadPolicy('reports'), OTHER] as const;

test('from whatever is there to what is stated, in one go; a second time changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...states), fc.boolean(), async (before, anonymousDownload) => {
      const { made, changes } = store(before === undefined ? {} : { reports: before });
      await converge(made, { bucket: 'reports', anonymousDownload });
      assert.deepEqual(await look(made, 'reports'), { exists: true, anonymousDownload });
      const done = changes.length;
      await converge(made, { bucket: 'reports', anonymousDownload });
      assert.equal(changes.length, done);
    }),
  );
});

test('what is right already is not touched, and another bucket never', async () => {
  const { made, held, changes } = store({ reports: downloadPolicy('reports'), others: OTHER });
  await converge(made, { bucket: 'reports', anonymousDownload: true });
  assert.deepEqual(changes, []);
  assert.equal(held.get('others'), OTHER);
});

test('a bucket that somebody else makes in the meantime is no error; any other refusal is', async () => {
  const { made } = store({ reports: '' });
  const late: Store = { ...made, bucketExists: () => Promise.resolve(false) };
  await converge(late, { bucket: 'reports', anonymousDownload: false });
  const full: Store = { ...late, makeBucket: () => Promise.reject(failure('TooManyBuckets')) };
  await assert.rejects(converge(full, { bucket: 'reports', anonymousDownload: false }), /TooManyBuckets/);
});

test('looking tells a missing bucket, a closed one, an open one, and one that somebody else opened', async () => {
  const seen = await Promise.all(
    states.map((state) => look(store(state === undefined ? {} : { reports: state }).made, 'reports')),
  );
  assert.deepEqual(seen, [
    { exists: false, anonymousDownload: false },
    { exists: true, anonymousDownload: false },
    { exists: true, anonymousDownload: true },
    { exists: true, anonymousDownload: 'other' },
  ]);
});
