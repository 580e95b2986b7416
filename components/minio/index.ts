/** MinIO and its buckets. The only door of this folder. */
export { Bucket, type BucketArgs, type BucketInputs } from './bucket.ts';
export { Minio, type MinioArgs } from './minio.ts';
