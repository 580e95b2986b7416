/** Object storage at AWS. The only door of this folder. */
export { Storage, type Copy, type StorageArgs } from './storage.ts';
export { accessLogPolicy, bucketPolicy } from './policy.ts';
