/** MinIO, its buckets and its users. The only door of this folder. */
export { Bucket, type BucketArgs, type BucketInputs, type CopyTarget } from './bucket.ts';
export type { StoreRef } from './connect.ts';
export { Minio, type MinioArgs } from './minio.ts';
export { User, type UserArgs, type UserInputs } from './user.ts';
export type { Expiry } from './wanted.ts';
