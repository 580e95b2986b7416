/** Bringing the database's schema up to what an image wants, once per image (A-MIG-2). */
import * as pulumi from '@pulumi/pulumi';
import { Job } from '@pulumi/kubernetes/batch/v1/job.js';
import { Secret } from '@pulumi/kubernetes/core/v1/secret.js';
import {
  CONTAINER_SECURITY,
  digest,
  labels,
  PlatformComponent,
  podSecurity,
  resources,
  seconds,
  type Bytes,
  type CpuRange,
  type Duration,
  type Image,
} from '../core/index.ts';
import { databaseUrl, type ApiSettings } from './environment.ts';

export interface MigrationArgs {
  readonly namespace: string;
  readonly partOf: string;
  readonly version: string;
  /** The API's image; its command `migrate` is `alembic upgrade head`, and nothing to do is success. */
  readonly image: Image;
  readonly postgres: ApiSettings['postgres'];
  readonly password: pulumi.Input<string>;
  readonly cpu: CpuRange;
  readonly memory: Bytes;
  /** How long all attempts together may take. */
  readonly deadline: Duration;
  /** Added to the environment as it is; for faults that tests switch on. */
  readonly extraEnvironment: Readonly<Record<string, string>>;
}

/** Attempts after the first. A migration that fails for a reason fails again; one more covers a lost connection. */
const RETRIES = 1;

/**
 * A Job named after its content: another image is another Job, the same one is not run again. A failed one is replaced by
 * the next `up`.
 *
 * Failure: the API behind it is not touched. Migrations only widen the schema, so that the old version still runs on it.
 */
export class Migration extends PlatformComponent {
  /** What was run: the digest of image and environment. Whoever verifies its work asks again when it changes. */
  readonly content: string;
  /** The migrated database's marker: resolves when the Job has completed. */
  readonly done: pulumi.Output<string>;

  constructor(name: string, args: MigrationArgs, options: pulumi.ComponentResourceOptions) {
    super('platform:app:Migration', name, { version: args.version }, options);
    const { namespace } = args;
    const identity = { component: 'migrate', instance: name, partOf: args.partOf, version: args.version };
    const secretName = `${name}-database`;
    const url = databaseUrl(args.postgres, args.password);
    const secret = new Secret(
      secretName,
      {
        metadata: { name: secretName, namespace, labels: labels(identity) },
        stringData: { DATABASE_URL: url, POSTGRES_PASSWORD: args.password },
      },
      { parent: this },
    );
    const spec = podSpec(secretName, args);
    this.content = digest({ labels: labels(identity), spec });
    const jobName = `${name}-${this.content}`;
    const job = new Job(
      jobName,
      {
        metadata: {
          name: jobName,
          namespace,
          labels: labels(identity),
          // A failed Job stays failed under its name: the next `up` makes a new one instead of looking at it again.
          annotations: { 'pulumi.com/replaceUnready': 'true' },
        },
        spec: {
          backoffLimit: RETRIES,
          activeDeadlineSeconds: seconds(args.deadline),
          template: { metadata: { labels: labels(identity) }, spec },
        },
      },
      {
        parent: this,
        dependsOn: secret,
        // Going back to an earlier image finds its old Job's name free.
        deleteBeforeReplace: true,
        customTimeouts: { create: `${seconds(args.deadline) + 15}s`, update: `${seconds(args.deadline) + 15}s` },
      },
    );
    this.done = pulumi.output(job.id);
    this.registerOutputs({ content: this.content });
  }
}

const podSpec = (secretName: string, args: MigrationArgs) => {
  const { host, port, user, database } = args.postgres;
  const plain = {
    ...args.extraEnvironment,
    POSTGRES_DB: database,
    POSTGRES_HOST: host,
    POSTGRES_PORT: `${port}`,
    POSTGRES_USER: user,
  };
  return {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: podSecurity(args.image.uid),
    containers: [
      {
        name: 'migrate',
        image: args.image.reference,
        imagePullPolicy: 'IfNotPresent',
        args: ['migrate'],
        env: Object.entries(plain)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, value]) => ({ name, value })),
        envFrom: [{ secretRef: { name: secretName } }],
        resources: resources(args.cpu, args.memory),
        securityContext: CONTAINER_SECURITY,
        volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
      },
    ],
    volumes: [{ name: 'tmp', emptyDir: {} }],
  };
};
