/** A copy of the database before a release changes anything (D-DEP-5, D-DEP-6, B-RB-2, E-DEP-3). */
import * as pulumi from '@pulumi/pulumi';
import { Job } from '@pulumi/kubernetes/batch/v1/job.js';
import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js';
import { Secret } from '@pulumi/kubernetes/core/v1/secret.js';
import { RandomPassword } from '@pulumi/random/randomPassword.js';
import {
  contentName,
  keyedDigest,
  labels,
  PlatformComponent,
  seconds,
  type Bytes,
  type Duration,
  type Image,
  type SecretRef,
} from '../core/index.ts';
import type { ClusterRef } from '../gates/index.ts';
import { Bucket, User, type Minio } from '../minio/index.ts';
import { jobFiles, podSpec, SECRET_KEY } from './pod.ts';

export interface PreReleaseBackupArgs {
  readonly cluster: ClusterRef;
  readonly namespace: string;
  readonly partOf: string;
  /** The key of the hash by which a changed secret key is seen. */
  readonly fingerprintKey: pulumi.Input<string>;
  /** Which release is about to begin: another number is another backup. */
  readonly attempt: pulumi.Input<string>;
  readonly database: {
    /** The server's own image: its `pg_dump` is of the server's version. */
    readonly image: Image;
    readonly host: string;
    readonly port: number;
    readonly name: string;
    readonly user: string;
    readonly password: SecretRef;
    /** The Secret whose `ca.crt` signed the server's certificate. Left out: plain. */
    readonly tls?: { readonly secretName: string } | undefined;
  };
  /** A stock Node from 22.18 on, which puts the dump where it is kept. */
  readonly image: Image;
  readonly store: Minio;
  /** How the store is reached inside, and who signed its certificate. */
  readonly endpoint: { readonly url: string; readonly tls?: { readonly secretName: string } | undefined };
  /** A bucket of its own, in which nothing else is. */
  readonly bucket: string;
  /** Days after which a backup goes by itself. */
  readonly keep: number;
  /** What a dump may take on the node while it is made. */
  readonly space: Bytes;
  /** How long dump and storing may take together. */
  readonly deadline: Duration;
}

/** Attempts after the first: a lost connection is no reason to give a release up. */
const RETRIES = 1;

/**
 * `pg_dump`, its table of contents read, stored in parts each with its check sum, read back and compared; beside it a file
 * for `sha256sum --check`. Fresh for each attempt of a release, and none where no release is pending. Who stores may use
 * the objects of this bucket and do nothing else.
 *
 * Cost: reads the whole database once, and as much space as its dump on the node and in the store. Failure: the update
 * fails, and the release does not begin: schema and pods are as they were. Bringing one back: docs/runbooks/restore-backup.md.
 */
export class PreReleaseBackup extends PlatformComponent {
  constructor(name: string, args: PreReleaseBackupArgs, options: pulumi.ComponentResourceOptions) {
    super('platform:data:PreReleaseBackup', name, { bucket: args.bucket }, options);
    const { namespace, cluster, store, bucket, attempt } = args;
    const meta = { labels: labels({ component: 'backup', instance: 'backup', partOf: args.partOf }) };
    const child = { parent: this };
    const kept = new Bucket(
      `${name}-bucket`,
      {
        ...{ ...reached(cluster, store), subject: store.subject },
        ...{ bucket, anonymousDownload: false, expiry: { objects: args.keep } },
      },
      child,
    );
    const password = new RandomPassword(`${name}-key`, { length: 40, special: false }, child).result;
    const login = `${name}-login`;
    const secret = new Secret(
      login,
      { metadata: { name: login, namespace, ...meta }, stringData: { [SECRET_KEY]: password } },
      child,
    );
    // The hash is public on purpose: with another secret key the user is looked after again.
    const hash = pulumi.unsecret(
      pulumi.all([args.fingerprintKey, password]).apply(([key, word]) => keyedDigest(key, word)),
    );
    const user = new User(
      `${name}-user`,
      {
        ...{ ...reached(cluster, store), subject: pulumi.interpolate`${store.subject} ${hash}` },
        ...{ user: name, userKey: { namespace, name: login, key: SECRET_KEY }, buckets: [bucket] },
      },
      { ...child, dependsOn: [secret, kept] },
    );
    const data = jobFiles();
    const code = contentName(`${name}-code`, data);
    const script = new ConfigMap(code, { metadata: { name: code, namespace, ...meta }, immutable: true, data }, child);
    const deadline = seconds(args.deadline);
    new Job(
      `${name}-job`,
      {
        metadata: { name, namespace, ...meta, annotations: { 'pulumi.com/replaceUnready': 'true' } },
        spec: {
          backoffLimit: RETRIES,
          activeDeadlineSeconds: deadline,
          // A Job cannot be changed: another attempt is another Job, under the same name.
          template: { metadata: meta, spec: podSpec({ ...args, name, login, code, attempt }) },
        },
      },
      {
        ...child,
        dependsOn: [user, script],
        deleteBeforeReplace: true,
        replaceOnChanges: ['spec'],
        customTimeouts: { create: `${deadline + 15}s` },
      },
    );
    this.registerOutputs();
  }
}

/** As root of the store, through the cluster's API: only for making the bucket and its user. */
const reached = (cluster: ClusterRef, { workload, port, accessKeyRef, secretKeyRef, trust }: Minio) => ({
  ...{ cluster, target: { workload, port }, accessKey: accessKeyRef, secretKey: secretKeyRef },
  ...(trust && { tls: trust }),
});
