/** Bringing one bucket to what is stated, and saying what is really there. Knows S3, not how to reach it. */
import type { Client } from 'minio';
import { accessOf, downloadPolicy } from './policy.ts';

/** The part of an S3 client that is needed here. */
export type Store = Pick<Client, 'bucketExists' | 'makeBucket' | 'getBucketPolicy' | 'setBucketPolicy'>;

/** What is stated of a bucket. */
export interface Wanted {
  readonly bucket: string;
  readonly anonymousDownload: boolean;
}

/** What is there. `other` is a policy that somebody else made: neither closed nor just open for downloads. */
export interface Seen {
  readonly exists: boolean;
  readonly anonymousDownload: boolean | 'other';
}

/** The error code of S3, whatever class of error the client wraps it in. */
const codeOf = (thrown: unknown): string | undefined => (thrown as { code?: string }).code;

/** Makes what is missing, and changes what differs; nothing otherwise. */
export async function converge(store: Store, { bucket, anonymousDownload }: Wanted): Promise<void> {
  const seen = await look(store, bucket);
  if (!seen.exists) await make(store, bucket);
  if (seen.anonymousDownload === anonymousDownload) return;
  // An empty policy deletes the one that is there.
  await store.setBucketPolicy(bucket, anonymousDownload ? downloadPolicy(bucket) : '');
}

/** What is really there. */
export async function look(store: Store, bucket: string): Promise<Seen> {
  if (!(await store.bucketExists(bucket))) return { exists: false, anonymousDownload: false };
  const access = accessOf(await policyOf(store, bucket), bucket);
  return { exists: true, anonymousDownload: access === 'other' ? 'other' : access === 'download' };
}

async function make(store: Store, bucket: string): Promise<void> {
  try {
    await store.makeBucket(bucket);
  } catch (thrown) {
    // Somebody was quicker: it is there, which is all that was wanted.
    if (codeOf(thrown) !== 'BucketAlreadyOwnedByYou') throw thrown;
  }
}

async function policyOf(store: Store, bucket: string): Promise<string> {
  try {
    return await store.getBucketPolicy(bucket);
  } catch (thrown) {
    if (codeOf(thrown) === 'NoSuchBucketPolicy') return '';
    throw thrown;
  }
}
