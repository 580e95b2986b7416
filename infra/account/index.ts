/** The account and the regions that a stack lives in. The only door of this folder. */
export { Account, type AccountArgs } from './account.ts';
export { arn, bucketArn, iamArn, type Partition, type Place } from './place.ts';
export { named, platformTags, type Belonging } from './tags.ts';
