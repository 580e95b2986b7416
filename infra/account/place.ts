/** Where in AWS something is. Stated and never looked up: a plan then needs no credentials, and a policy is known before it. */

/** The worlds of AWS that share no accounts. The one in China is missing: its services have other names. */
export type Partition = 'aws' | 'aws-us-gov';

/** One region of one account. */
export interface Place {
  /** `us-east-1` (C-HOST-2; GAP-7 for the others). */
  readonly region: string;
  /** The twelve digits. A string: it may begin with 0. */
  readonly accountId: string;
  /** @default 'aws' */
  readonly partition?: Partition;
}

/** The name that AWS will give to something of a region, known before it exists. */
export const arn = ({ partition = 'aws', region, accountId }: Place, service: string, resource: string): string =>
  `arn:${partition}:${service}:${region}:${accountId}:${resource}`;

/** The same for IAM, which knows no regions. */
export const iamArn = ({ partition = 'aws', accountId }: Omit<Place, 'region'>, resource: string): string =>
  `arn:${partition}:iam::${accountId}:${resource}`;

/** A bucket's, which names neither region nor account: bucket names are one list for everybody. */
export const bucketArn = ({ partition = 'aws' }: Pick<Place, 'partition'>, bucket: string): string =>
  `arn:${partition}:s3:::${bucket}`;
