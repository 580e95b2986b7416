/** Bringing one bucket to what is stated, and saying what is really there. Knows S3, not how to reach it. */
import type { Client } from 'minio';
import { accessOf, downloadPolicy } from './policy.ts';
import { expiryOf, lifecycleOf, type Expiry, type Settings } from './wanted.ts';

/** The part of an S3 client that is needed here. */
export type Store = Pick<
  Client,
  | 'bucketExists'
  | 'makeBucket'
  | 'getBucketPolicy'
  | 'setBucketPolicy'
  | 'getBucketVersioning'
  | 'setBucketVersioning'
  | 'getBucketLifecycle'
  | 'setBucketLifecycle'
  | 'removeBucketLifecycle'
  | 'getBucketEncryption'
  | 'setBucketEncryption'
  | 'removeBucketEncryption'
>;

/** What is there. `other` is what somebody else made and no setting states. */
export type Seen = { readonly exists: boolean } & {
  readonly [Setting in keyof Omit<Settings, 'bucket'>]: Settings[Setting] | 'other';
};

const NOTHING: Seen = { exists: false, anonymousDownload: false, versioning: false, encrypted: false, expiry: {} };

/** The error code of S3, whatever class of error the client wraps it in. */
const codeOf = (thrown: unknown): string | undefined => (thrown as { code?: string }).code;

/** An answer, or nothing where S3 says by this code that there is none. */
async function unless<T>(code: string, asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (thrown) {
    if (codeOf(thrown) === code) return undefined;
    throw thrown;
  }
}

/** Makes what is missing, and changes what differs; nothing otherwise. */
export async function converge(store: Store, wanted: Settings): Promise<void> {
  const { bucket } = wanted;
  const seen = await look(store, bucket);
  // Somebody was quicker: it is there, which is all that was wanted.
  if (!seen.exists) await unless('BucketAlreadyOwnedByYou', store.makeBucket(bucket));
  if (seen.versioning !== wanted.versioning) {
    await store.setBucketVersioning(bucket, { Status: wanted.versioning ? 'Enabled' : 'Suspended' });
  }
  if (seen.encrypted !== wanted.encrypted) await encrypt(store, wanted);
  if (!sameExpiry(seen.expiry, wanted.expiry)) await expire(store, wanted);
  if (seen.anonymousDownload !== wanted.anonymousDownload) {
    // An empty policy deletes the one that is there.
    await store.setBucketPolicy(bucket, wanted.anonymousDownload ? downloadPolicy(bucket) : '');
  }
}

const sameExpiry = (seen: Expiry | 'other', wanted: Expiry): boolean =>
  seen !== 'other' && seen.objects === wanted.objects && seen.oldVersions === wanted.oldVersions;

const encrypt = (store: Store, { bucket, encrypted }: Settings): Promise<void> =>
  encrypted
    ? store.setBucketEncryption(bucket, { Rule: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] })
    : store.removeBucketEncryption(bucket);

const expire = (store: Store, { bucket, expiry }: Settings): Promise<void> => {
  const lifecycle = lifecycleOf(expiry);
  // The client's type knows part of a rule; the XML is made of whatever stands in it.
  return lifecycle === undefined
    ? store.removeBucketLifecycle(bucket)
    : store.setBucketLifecycle(bucket, lifecycle as unknown as Parameters<Store['setBucketLifecycle']>[1]);
};

/** What is really there. */
export async function look(store: Store, bucket: string): Promise<Seen> {
  if (!(await store.bucketExists(bucket))) return NOTHING;
  const policy = (await unless('NoSuchBucketPolicy', store.getBucketPolicy(bucket))) ?? '';
  const access = accessOf(policy, bucket);
  // An empty answer comes as an empty text.
  const versioning = (await store.getBucketVersioning(bucket)) as { Status?: string } | '';
  const lifecycle = await unless('NoSuchLifecycleConfiguration', store.getBucketLifecycle(bucket));
  return {
    exists: true,
    anonymousDownload: access === 'other' ? 'other' : access === 'download',
    versioning: versioning !== '' && versioning.Status === 'Enabled',
    encrypted: await encryptionOf(store, bucket),
    expiry: expiryOf(lifecycle as unknown as Parameters<typeof expiryOf>[0]),
  };
}

/** Whether objects are encrypted with the server's key unless they say otherwise. */
async function encryptionOf(store: Store, bucket: string): Promise<boolean | 'other'> {
  const code = 'ServerSideEncryptionConfigurationNotFoundError';
  const found: unknown = await unless(code, store.getBucketEncryption(bucket));
  if (found === undefined) return false;
  return JSON.stringify(found).includes('"SSEAlgorithm":"AES256"') ? true : 'other';
}
