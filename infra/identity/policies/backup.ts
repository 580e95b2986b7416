/** Who writes backups, who reads them, and who copies them to another region. Three roles: none can do another's work. */
import { bucketArn, type Place } from '../../account/index.ts';
import type { Conditions, Policy } from '../policy.ts';

export interface BackupArgs {
  readonly bucket: string;
  /** Where the backups lie, with its slash at the end: `postgres/`. */
  readonly prefix: string;
  /** The bucket's key. */
  readonly keyArn: string;
}

/** Only through S3, and only for that bucket: with a bucket key its ARN is what S3 encrypts with. */
const through = (place: Place, bucket: string): Conditions => ({
  StringEquals: {
    'kms:ViaService': `s3.${place.region}.amazonaws.com`,
    'kms:EncryptionContext:aws:s3:arn': bucketArn(place, bucket),
  },
});

/**
 * Puts backups (D-BKP-4), and can neither read nor delete one: whoever gets hold of it gains no data and destroys none,
 * since what it overwrites stays as an older version. S3 itself compares the check sum that comes with the upload (D-BKP-3).
 */
export const writeBackups = (place: Place, { bucket, prefix, keyArn }: BackupArgs): Policy => [
  {
    sid: 'PutBackups',
    actions: ['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts', 's3:PutObject'],
    resources: [`${bucketArn(place, bucket)}/${prefix}*`],
    because: 'a backup is called by the moment it was made, below this prefix',
  },
  {
    // An upload in parts needs both; without `s3:GetObject` the second opens nothing.
    sid: 'EncryptBackups',
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    resources: [keyArn],
    conditions: through(place, bucket),
  },
];

/** Reads backups, also versions that were overwritten or deleted (D-BKP-7), and changes none. */
export const readBackups = (place: Place, { bucket, prefix, keyArn }: BackupArgs): Policy => [
  {
    sid: 'FindBackups',
    actions: ['s3:ListBucket', 's3:ListBucketVersions'],
    resources: [bucketArn(place, bucket)],
    conditions: { StringLike: { 's3:prefix': `${prefix}*` } },
  },
  {
    sid: 'ReadBackups',
    actions: ['s3:GetObject', 's3:GetObjectVersion'],
    resources: [`${bucketArn(place, bucket)}/${prefix}*`],
    because: 'a backup is called by the moment it was made, below this prefix',
  },
  { sid: 'DecryptBackups', actions: ['kms:Decrypt'], resources: [keyArn], conditions: through(place, bucket) },
];

export interface ReplicationArgs {
  readonly from: { readonly bucket: string; readonly keyArn: string };
  readonly to: { readonly bucket: string; readonly keyArn: string; readonly region: string };
}

/** S3 copies new objects to the other region (D-BKP-8). It cannot copy deletions: that right is not among these. */
export const replicate = (place: Place, { from, to }: ReplicationArgs): Policy => [
  {
    sid: 'ReadTheRule',
    actions: ['s3:GetReplicationConfiguration', 's3:ListBucket'],
    resources: [bucketArn(place, from.bucket)],
  },
  {
    sid: 'ReadOriginals',
    actions: ['s3:GetObjectVersionAcl', 's3:GetObjectVersionForReplication', 's3:GetObjectVersionTagging'],
    resources: [`${bucketArn(place, from.bucket)}/*`],
    because: 'all of the bucket is copied, whatever it is called',
  },
  {
    sid: 'WriteCopies',
    actions: ['s3:ReplicateObject', 's3:ReplicateTags'],
    resources: [`${bucketArn(place, to.bucket)}/*`],
    because: 'a copy is called like its original, whatever that is',
  },
  {
    sid: 'DecryptOriginals',
    actions: ['kms:Decrypt'],
    resources: [from.keyArn],
    conditions: through(place, from.bucket),
  },
  {
    sid: 'EncryptCopies',
    actions: ['kms:Encrypt', 'kms:GenerateDataKey'],
    resources: [to.keyArn],
    conditions: through({ ...place, region: to.region }, to.bucket),
  },
];
