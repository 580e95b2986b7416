/** Copies of new objects in another region. */
import * as pulumi from '@pulumi/pulumi';
import { BucketReplicationConfig } from '@pulumi/aws/s3/bucketReplicationConfig.js';
import type { PlatformComponent } from '../../components/core/index.ts';
import { bucketArn, type Place } from '../account/index.ts';
import { replicate, role, trustService } from '../identity/index.ts';
import type { Hardened } from './hardened.ts';

interface End extends Hardened {
  readonly bucketName: string;
  readonly keyArn: pulumi.Input<string>;
}

export interface ReplicationArgs {
  readonly place: Place;
  readonly from: End;
  readonly to: End & { readonly place: Place };
}

/** S3's own limit, above which it reports an object as late. There is no shorter one. */
const MINUTES = 15;

/** Makes rule and role as children of `owner`, after both buckets keep versions. */
export function replication(owner: PlatformComponent, name: string, { place, from, to }: ReplicationArgs): void {
  const copier = role(
    owner,
    `${name}-copier`,
    // S3 does not say on whose behalf it takes a role, so no condition can ask.
    trustService(place, 's3.amazonaws.com'),
    {
      roleName: `${from.bucketName}-copier`,
      description: `S3 copies ${from.bucketName} to ${to.place.region}`,
      policy: pulumi.all([from.keyArn, to.keyArn]).apply(([original, copy]) =>
        replicate(place, {
          from: { bucket: from.bucketName, keyArn: original },
          to: { bucket: to.bucketName, keyArn: copy, region: to.place.region },
        }),
      ),
    },
  );
  new BucketReplicationConfig(
    `${name}-replication`,
    {
      bucket: from.bucket.id,
      role: copier.arn,
      rules: [
        {
          id: 'everything',
          status: 'Enabled',
          priority: 0,
          filter: { prefix: '' },
          // What is deleted here stays there: a copy that follows every mistake protects from none.
          deleteMarkerReplication: { status: 'Disabled' },
          sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: 'Enabled' } },
          destination: {
            bucket: bucketArn(to.place, to.bucketName),
            storageClass: 'INTELLIGENT_TIERING',
            encryptionConfiguration: { replicaKmsKeyId: to.keyArn },
            replicationTime: { status: 'Enabled', time: { minutes: MINUTES } },
            metrics: { status: 'Enabled', eventThreshold: { minutes: MINUTES } },
          },
        },
      ],
    },
    { parent: owner, dependsOn: [from.versioning, to.versioning] },
  );
}
