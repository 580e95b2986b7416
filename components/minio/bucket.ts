/** A bucket as a resource that converges: made when it is not there, opened or closed to the public as stated. */
import type * as pulumi from '@pulumi/pulumi';
import { ShelledResource, type ClusterRef, type SecretKeyRef, type WorkloadTarget } from '../gates/index.ts';

/** What stands in the state; no credential, only where they are. */
export interface BucketInputs {
  readonly cluster: ClusterRef;
  /** The store's S3 port; reached by a port-forward. */
  readonly target: WorkloadTarget;
  readonly accessKey: SecretKeyRef;
  readonly secretKey: SecretKeyRef;
  /** A new name is a new, empty bucket; the old one stays with its data. */
  readonly bucket: string;
  /**
   * Whether anybody may download its objects (A-STOR-2). `false` takes back what anybody else has opened. Any other
   * policy on the bucket is replaced.
   */
  readonly anonymousDownload: boolean;
}

export interface BucketArgs extends BucketInputs {
  /** The digest of the store behind it. When it changes, the bucket is looked after again. */
  readonly subject: pulumi.Input<string>;
}

/**
 * One bucket. Making one that is there changes nothing (A-STOR-1). A bucket that somebody deleted or opened by hand is
 * found by `pulumi refresh` and put right by the next `up`.
 *
 * Destroying the resource leaves the bucket and its data, and asks nobody: data goes with its volume, never by accident.
 */
export class Bucket extends ShelledResource {
  constructor(name: string, args: BucketArgs, options: pulumi.CustomResourceOptions) {
    const runner = 'components/minio/run.ts';
    super({ folder: 'minio', type: 'Bucket', runner, outputs: ['exists'], reads: true }, name, { ...args }, options);
  }
}
