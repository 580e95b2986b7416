/** What a bucket refuses, whoever asks: its owner's roles included. */
import { bucketArn, type Place } from '../account/index.ts';
import type { Policy, Statement } from '../identity/index.ts';

const both = (place: Place, bucket: string): string[] => [bucketArn(place, bucket), `${bucketArn(place, bucket)}/*`];

const EVERYBODY = 'a denial is for everybody and for all of the bucket: whoever were left out could do it';

const overTls = (place: Place, bucket: string): Statement[] => [
  {
    sid: 'OverTlsOnly',
    effect: 'Deny',
    principals: '*',
    actions: ['s3:*'],
    resources: both(place, bucket),
    conditions: { Bool: { 'aws:SecureTransport': 'false' } },
    because: EVERYBODY,
  },
  {
    sid: 'NoOldTls',
    effect: 'Deny',
    principals: '*',
    actions: ['s3:*'],
    resources: both(place, bucket),
    conditions: { NumericLessThan: { 's3:TlsVersion': '1.2' } },
    because: EVERYBODY,
  },
];

/**
 * Over TLS only, and with no other key: an upload that names another encryption is refused. One that names none is encrypted
 * by the bucket itself, so the sentences hold only where the header is there at all (`Null: false`).
 */
export const bucketPolicy = (place: Place, bucket: string, keyArn: string): Policy => [
  ...overTls(place, bucket),
  ...(
    [
      ['NoOtherEncryption', 's3:x-amz-server-side-encryption', 'aws:kms'],
      ['NoOtherKey', 's3:x-amz-server-side-encryption-aws-kms-key-id', keyArn],
    ] as const
  ).map(([sid, header, wanted]): Statement => ({
    sid,
    effect: 'Deny',
    principals: '*',
    actions: ['s3:PutObject'],
    resources: [`${bucketArn(place, bucket)}/*`],
    conditions: { Null: { [header]: 'false' }, StringNotEquals: { [header]: wanted } },
    because: EVERYBODY,
  })),
];

/** The bucket that the others' access logs go to: S3 itself writes there, for buckets of this account. */
export const accessLogPolicy = (place: Place, bucket: string, of: readonly string[]): Policy => [
  ...overTls(place, bucket),
  {
    sid: 'S3WritesAccessLogs',
    principals: { Service: 'logging.s3.amazonaws.com' },
    actions: ['s3:PutObject'],
    resources: of.toSorted().map((source) => `${bucketArn(place, bucket)}/${source}/*`),
    conditions: {
      StringEquals: { 'aws:SourceAccount': place.accountId },
      ArnLike: { 'aws:SourceArn': of.toSorted().map((source) => bucketArn(place, source)) },
    },
    because: 'S3 calls each log by its moment, below the prefix of its bucket',
  },
];
