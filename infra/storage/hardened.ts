/** What every bucket of ours has, whatever is in it. */
import type * as pulumi from '@pulumi/pulumi';
import { Bucket } from '@pulumi/aws/s3/bucket.js';
import { BucketOwnershipControls } from '@pulumi/aws/s3/bucketOwnershipControls.js';
import { BucketPolicy } from '@pulumi/aws/s3/bucketPolicy.js';
import { BucketPublicAccessBlock } from '@pulumi/aws/s3/bucketPublicAccessBlock.js';
import { BucketServerSideEncryptionConfiguration } from '@pulumi/aws/s3/bucketServerSideEncryptionConfiguration.js';
import { BucketVersioning } from '@pulumi/aws/s3/bucketVersioning.js';
import type { PlatformComponent } from '../../components/core/index.ts';

export interface HardenedArgs {
  readonly bucketName: string;
  /** The bucket's key; without one S3 encrypts with its own. */
  readonly keyArn?: pulumi.Input<string>;
  readonly policy: pulumi.Input<string>;
  readonly protect: boolean;
}

export interface Hardened {
  readonly bucket: Bucket;
  /** What replication and lifecycle rules have to come after. */
  readonly versioning: BucketVersioning;
  /** What has to be there before a service of AWS writes into it. */
  readonly policy: BucketPolicy;
}

/** Makes the bucket and its settings as children of `owner`. */
export function hardened(owner: PlatformComponent, name: string, args: HardenedArgs, at: pulumi.CustomResourceOptions) {
  const child = { parent: owner, ...at };
  const bucket = new Bucket(
    `${name}-bucket`,
    // Never emptied for the sake of being deleted.
    { bucket: args.bucketName, forceDestroy: false },
    { ...child, protect: args.protect },
  );
  const id = bucket.id;
  new BucketOwnershipControls(
    `${name}-ownership`,
    { bucket: id, rule: { objectOwnership: 'BucketOwnerEnforced' } },
    child,
  );
  const closed = new BucketPublicAccessBlock(
    `${name}-closed`,
    { bucket: id, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
    child,
  );
  new BucketServerSideEncryptionConfiguration(
    `${name}-encryption`,
    {
      bucket: id,
      rules: [
        args.keyArn === undefined
          ? { applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }
          : {
              applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: args.keyArn },
              // One data key for many objects: without it each object is a call to KMS, which is paid for and limited.
              bucketKeyEnabled: true,
            },
      ],
    },
    child,
  );
  // S3 answers 409 to two changes of who may enter at once.
  const policy = new BucketPolicy(
    `${name}-policy`,
    { bucket: id, policy: args.policy },
    { ...child, dependsOn: closed },
  );
  const versioning = new BucketVersioning(
    `${name}-versioning`,
    { bucket: id, versioningConfiguration: { status: 'Enabled' } },
    { ...child, protect: args.protect },
  );
  return { bucket, versioning, policy } satisfies Hardened;
}
