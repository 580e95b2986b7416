/** A bucket that data survive in: versions, a copy in another region, and a record of who read what. */
import * as pulumi from '@pulumi/pulumi';
import type { Provider } from '@pulumi/aws/provider.js';
import { BucketLifecycleConfiguration } from '@pulumi/aws/s3/bucketLifecycleConfiguration.js';
import { BucketLogging } from '@pulumi/aws/s3/bucketLogging.js';
import { PlatformComponent, Problems, type Duration } from '../../components/core/index.ts';
import { bucketArn, type Place } from '../account/index.ts';
import { rendered } from '../identity/index.ts';
import { hardened, type Hardened } from './hardened.ts';
import { days, lifecycle } from './lifecycle.ts';
import { accessLogPolicy, bucketPolicy } from './policy.ts';
import { replication } from './replication.ts';

/** Names, key and region of the buckets are ours (GAP-11). */
export interface StorageArgs {
  readonly place: Place;
  /** The name at AWS, one list for everybody in the world; `<name>-access` and `<name>-copy` are taken as well. */
  readonly bucketName: string;
  readonly keyArn: pulumi.Input<string>;
  /** After how long an object is deleted, whole days. @default never */
  readonly expireAfter?: Duration | undefined;
  /**
   * How long what was overwritten or deleted can be brought back, whole days. Doubles what is stored, at the worst.
   * @default '30d' (ours: as long as backups are kept)
   */
  readonly recoverable?: Duration;
  /** Where a copy of each object goes as it is made (D-BKP-8). @default nowhere */
  readonly copy?: Copy | undefined;
  /**
   * The engine refuses to delete or replace the buckets that hold data, or to end their versioning.
   * @default true
   */
  readonly protect?: boolean;
}

/** The other region. */
export interface Copy {
  readonly place: Place;
  readonly provider: Provider;
  /** A key of that region: a key does not leave its own. */
  readonly keyArn: pulumi.Input<string>;
}

/** Access logs are looked at after something has happened, which may be noticed late (ours). */
const LOGS_KEPT: Duration = '90d';

/**
 * Object storage (D-BKP-4, D-BKP-5, D-BKP-8, D-SEC-1): closed to the public, over TLS only, encrypted with keys of one's own,
 * tiered, with every version kept for a while. New objects are copied to the other region, most within seconds; AWS promises
 * 99.9 % within 15 minutes and reports what takes longer, which is less than D-DR-5's minute. Deletions are not copied.
 *
 * Cost: what lies there, twice with a copy, and transfer between the regions.
 */
export class Storage extends PlatformComponent {
  readonly bucketName: string;
  readonly bucketArn: string;
  /** What may follow the bucket once it is ready to keep versions. */
  readonly ready: pulumi.Output<string>;
  readonly copyName: string | undefined;

  constructor(name: string, args: StorageArgs, options: pulumi.ComponentResourceOptions) {
    check(name, args);
    const { bucketName, place, copy } = args;
    super('platform:host:Storage', name, { bucketName, copied: copy !== undefined }, options);
    const copyName = `${bucketName}-copy`;
    const original = this.#kept(name, args, { place, bucketName, keyArn: args.keyArn }, {});
    if (copy) {
      const to = { ...copy, bucketName: copyName };
      const second = this.#kept(`${name}-copy`, args, to, { provider: copy.provider });
      replication(this, name, {
        place,
        from: { bucketName, keyArn: args.keyArn, ...original },
        to: { ...to, ...second },
      });
    }
    this.bucketName = bucketName;
    this.bucketArn = bucketArn(place, bucketName);
    this.ready = original.versioning.bucket;
    this.copyName = copy && copyName;
    this.registerOutputs({ bucketName, bucketArn: this.bucketArn });
  }

  /** A bucket for data, and beside it the one for its access logs, which has to be in the same region. */
  #kept(
    name: string,
    args: StorageArgs,
    { place, bucketName, keyArn }: { place: Place; bucketName: string; keyArn: pulumi.Input<string> },
    at: pulumi.CustomResourceOptions,
  ): Hardened {
    const { recoverable = '30d', protect = true } = args;
    const child = { parent: this, ...at };
    const policy = pulumi.output(keyArn).apply((arn) => rendered(bucketPolicy(place, bucketName, arn)));
    const made = hardened(this, name, { bucketName, keyArn, policy, protect }, at);
    const rules = (keeping: Parameters<typeof lifecycle>[0], of: Hardened, what: string) =>
      new BucketLifecycleConfiguration(
        `${what}-lifecycle`,
        { bucket: of.bucket.id, rules: lifecycle(keeping) },
        { ...child, dependsOn: of.versioning },
      );
    rules({ expireAfter: args.expireAfter, recoverable, tiered: true }, made, name);

    // S3 delivers access logs only to buckets that it encrypts itself.
    const access = `${bucketName}-access`;
    const logs = hardened(
      this,
      `${name}-access`,
      { bucketName: access, policy: rendered(accessLogPolicy(place, access, [bucketName])), protect },
      at,
    );
    rules({ expireAfter: LOGS_KEPT, recoverable: '7d', tiered: false }, logs, `${name}-access`);
    // S3 refuses a target whose policy does not let it write yet: InvalidTargetBucketForLogging.
    new BucketLogging(
      `${name}-logging`,
      { bucket: made.bucket.id, targetBucket: logs.bucket.id, targetPrefix: `${bucketName}/` },
      { ...child, dependsOn: logs.policy },
    );
    return made;
  }
}

/** The longest name: two others are made of it. */
const NAME = /^[a-z0-9][a-z0-9-]{1,43}[a-z0-9]$/;

function check(name: string, { place, bucketName, expireAfter, recoverable, copy }: StorageArgs): void {
  const problems = new Problems();
  problems.require(NAME.test(bucketName), {
    where: 'StorageArgs.bucketName',
    found: JSON.stringify(bucketName),
    wanted: 'three to 45 of a-z, 0-9 and inner hyphens',
    remedy: 'dots break TLS',
  });
  for (const [where, span] of Object.entries({ expireAfter, recoverable })) {
    problems.require(span === undefined || (Number.isInteger(days(span)) && days(span) > 0), {
      where: `StorageArgs.${where}`,
      found: JSON.stringify(span),
      wanted: 'whole days, like "30d"',
    });
  }
  problems.require(copy?.place.region !== place.region, {
    where: 'StorageArgs.copy',
    found: JSON.stringify(copy?.place.region),
    wanted: 'another region than the bucket’s',
  });
  problems.throwIfAny(`Storage "${name}"`);
}
