/** A bucket as a resource that converges: made when it is not there, and brought to what is stated. */
import type * as pulumi from '@pulumi/pulumi';
import { ShelledResource, type SecretKeyRef } from '../gates/index.ts';
import type { StoreRef } from './connect.ts';
import type { Expiry } from './wanted.ts';

/** Another MinIO that a bucket is copied to (D-BKP-8): in another region, or at least on other volumes. */
export interface CopyTarget {
  /** Scheme, host and port, as the store itself reaches it: `https://minio.eu-west-1.example.com:9000`. */
  readonly endpoint: string;
  /** A bucket there, with versioning. It is not made from here. */
  readonly bucket: string;
  /** @default 'us-east-1' */
  readonly region?: string;
  /** Where the credentials for it stand. */
  readonly accessKey: SecretKeyRef;
  readonly secretKey: SecretKeyRef;
}

/** What stands in the state; no credential, only where they are. */
export interface BucketInputs extends StoreRef {
  /** A new name is a new, empty bucket; the old one stays with its data. */
  readonly bucket: string;
  /**
   * Whether anybody may download its objects (A-STOR-2). `false` takes back what anybody else has opened. Any other
   * policy on the bucket is replaced.
   */
  readonly anonymousDownload: boolean;
  /**
   * Whether a replaced or deleted object is kept as an old version (D-BKP-8). Turned off, what there is stays.
   * @default false
   */
  readonly versioning?: boolean;
  /**
   * Whether objects are encrypted with the store's key unless they say otherwise (D-SEC-1). The store needs a key. Objects
   * written before stay as they are.
   * @default false
   */
  readonly encrypted?: boolean;
  /**
   * When objects go by themselves. Any other lifecycle on the bucket is replaced.
   * @default nothing goes
   */
  readonly expiry?: Expiry;
  /**
   * Where its objects are copied to, those that are there already too. Needs versioning. Any other replication of the
   * bucket is ended.
   * @default nowhere
   */
  readonly copyTo?: CopyTarget;
}

export interface BucketArgs extends BucketInputs {
  /** The digest of the store behind it. When it changes, the bucket is looked after again. */
  readonly subject: pulumi.Input<string>;
}

/**
 * One bucket. Making one that is there changes nothing (A-STOR-1). What somebody changed by hand, or deleted, is found by
 * `pulumi refresh` and put right by the next `up`.
 *
 * Destroying the resource leaves the bucket and its data, and asks nobody: data goes with its volume, never by accident.
 * Changed credentials of a target take effect when the bucket is looked after the next time.
 */
export class Bucket extends ShelledResource {
  constructor(name: string, args: BucketArgs, options: pulumi.CustomResourceOptions) {
    const runner = 'components/minio/run.ts';
    super({ folder: 'minio', type: 'Bucket', runner, outputs: ['exists'], reads: true }, name, { ...args }, options);
  }
}
