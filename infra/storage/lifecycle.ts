/** How long a bucket keeps what it gets, as rules of S3. */
import type { input } from '@pulumi/aws/types/index.js';
import { seconds, type Duration } from '../../components/core/index.ts';

type Rule = input.s3.BucketLifecycleConfigurationRule;

export interface Keeping {
  /** After how long an object is deleted (D-BKP-5: 30 days). It becomes an older version of nothing. @default never */
  readonly expireAfter?: Duration | undefined;
  /**
   * How long an older version can still be brought back: of what was overwritten or deleted, by whomever, also by these
   * rules.
   */
  readonly recoverable: Duration;
  /** Whether S3 moves what is read seldom to cheaper tiers (D-BKP-4). */
  readonly tiered: boolean;
}

const DAY = 86_400;

/** Whole days: S3 counts nothing shorter. */
export const days = (span: Duration): number => seconds(span) / DAY;

const ALL = { prefix: '' };

/**
 * The rules, each about the whole bucket.
 *
 * With versioning, deleting only covers an object up: what frees space is the second rule. A mark that covers nothing any
 * more is taken away by the third, which S3 does not allow in a rule with days. Parts of an upload that broke off are seen
 * by nobody, and paid for.
 */
export function lifecycle({ expireAfter, recoverable, tiered }: Keeping): Rule[] {
  const rules: (Rule | false)[] = [
    tiered && {
      id: 'tier',
      filter: ALL,
      status: 'Enabled',
      // At once. The tiers below are left at their defaults: those that answer after hours would break D-DR-2.
      transitions: [{ days: 0, storageClass: 'INTELLIGENT_TIERING' }],
    },
    expireAfter !== undefined && {
      id: 'expire',
      filter: ALL,
      status: 'Enabled',
      expiration: { days: days(expireAfter) },
    },
    {
      id: 'forget-older-versions',
      filter: ALL,
      status: 'Enabled',
      noncurrentVersionExpiration: { noncurrentDays: days(recoverable) },
    },
    { id: 'forget-empty-marks', filter: ALL, status: 'Enabled', expiration: { expiredObjectDeleteMarker: true } },
    {
      id: 'forget-broken-uploads',
      filter: ALL,
      status: 'Enabled',
      abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
    },
  ];
  return rules.filter((rule) => rule !== false);
}
