/** Bringing the database's schema up to what an image wants, once per image (A-MIG-2, E-MIG-1). */
import * as pulumi from '@pulumi/pulumi';
import { Job } from '@pulumi/kubernetes/batch/v1/job.js';
import { Secret } from '@pulumi/kubernetes/core/v1/secret.js';
import { CA_FOLDER, databaseUrl, type ApiSettings } from '../api/index.ts';
import {
  CONTAINER_SECURITY,
  digest,
  labels,
  PlatformComponent,
  podSecurity,
  Problems,
  resources,
  seconds,
  shown,
  type Bytes,
  type CpuRange,
  type Duration,
  type Image,
  type MemoryRange,
  type SecretRef,
} from '../core/index.ts';

export interface MigrationArgs {
  readonly namespace: string;
  readonly partOf: string;
  readonly version: string;
  /** The API's image; its command `migrate` is `alembic upgrade head`, and nothing to do is success. */
  readonly image: Image;
  /** The server itself: a pooler in between cannot hold the lock that lets only one migration run. */
  readonly postgres: ApiSettings['postgres'];
  readonly password: pulumi.Input<string>;
  /** The Secret whose `ca.crt` signed the server's certificate, where `postgres.tls` is on. */
  readonly tls?: { readonly secretName: string } | undefined;
  /**
   * Passwords of users that the schema brings (E-DATA-1), by user name; at least 12 characters. Whoever is not named
   * cannot sign in. They are set behind the migration, and so only when it runs: a changed one alone makes no new Job.
   * @default none
   */
  readonly users?: Readonly<Record<string, pulumi.Input<string>>> | undefined;
  readonly cpu: CpuRange;
  readonly memory: Bytes | MemoryRange;
  /** How long all attempts together may take. */
  readonly deadline: Duration;
  /** Added to the environment as it is; for faults that tests switch on. */
  readonly extraEnvironment: Readonly<Record<string, string>>;
}

/** Attempts after the first. A migration that fails for a reason fails again; one more covers a lost connection. */
const RETRIES = 1;

/**
 * A Job named after its content: another image is another Job, the same one is not run again. A failed one is replaced by
 * the next `up`. First it does everything in a transaction that it rolls back (D-DEP-5): what fails there has changed
 * nothing, and nothing comes after it. Then it migrates, in one transaction; then users get their passwords.
 *
 * Cost: the schema is changed twice, and what the changes lock is locked twice, each time for as long as they take.
 * Failure: the schema is as it was, and the API behind it is not touched. Migrations only widen the schema, so that the
 * old version still runs on it.
 */
export class Migration extends PlatformComponent {
  /** What was run: the digest of image and environment. Whoever verifies its work asks again when it changes. */
  readonly content: string;
  /** The migrated database's marker: resolves when the Job has completed. */
  readonly done: pulumi.Output<string>;
  readonly #users: { readonly namespace: string; readonly secret: string; readonly names: readonly string[] };

  constructor(name: string, args: MigrationArgs, options: pulumi.ComponentResourceOptions) {
    super('platform:app:Migration', name, { version: args.version }, options);
    check(name, args);
    const { namespace } = args;
    const identity = { component: 'migrate', instance: name, partOf: args.partOf, version: args.version };
    const child = { parent: this };
    const made = (object: string, stringData: Record<string, pulumi.Input<string>>): Secret =>
      new Secret(object, { metadata: { name: object, namespace, labels: labels(identity) }, stringData }, child);
    const secrets = { database: `${name}-database`, users: args.users && `${name}-users` };
    const written = [
      made(secrets.database, {
        DATABASE_URL: databaseUrl(args.postgres, args.password),
        POSTGRES_PASSWORD: args.password,
      }),
      ...(secrets.users === undefined ? [] : [made(secrets.users, passwords(args.users ?? {}))]),
    ];
    const spec = podSpec(secrets, args);
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
        ...child,
        dependsOn: written,
        // Going back to an earlier image finds its old Job's name free.
        deleteBeforeReplace: true,
        customTimeouts: { create: `${seconds(args.deadline) + 15}s`, update: `${seconds(args.deadline) + 15}s` },
      },
    );
    this.done = pulumi.output(job.id);
    this.#users = { namespace, secret: `${name}-users`, names: Object.keys(args.users ?? {}) };
    this.registerOutputs({ content: this.content });
  }

  /** Where the password of one of `users` stands, for those who sign in as that user. */
  passwordOf(user: string): SecretRef {
    const { namespace, secret, names } = this.#users;
    if (!names.includes(user)) throw new Error(`this migration sets no password of ${user}; name it in users`);
    return { namespace, name: secret, key: variable(user) };
  }
}

function check(name: string, { postgres, tls, users }: MigrationArgs): void {
  const problems = new Problems();
  problems.require((postgres.tls ?? false) === (tls !== undefined), {
    where: 'tls',
    found: tls === undefined ? 'nothing' : 'a Secret',
    wanted: 'the Secret of the authority exactly where postgres.tls is on',
  });
  for (const user of Object.keys(users ?? {})) {
    problems.require(/^[a-z][a-z0-9]*$/.test(user), {
      where: 'users',
      found: shown(user),
      wanted: 'names of lower-case letters and digits, which a variable can carry',
    });
  }
  problems.throwIfAny(`Migration "${name}"`);
}

/** The variable that the image's command `seed` reads a user's password from. */
const variable = (user: string): string => `USER_PASSWORD_${user.toUpperCase()}`;

const passwords = (users: Readonly<Record<string, pulumi.Input<string>>>) =>
  Object.fromEntries(Object.entries(users).map(([user, word]) => [variable(user), word]));

const podSpec = (secrets: { readonly database: string; readonly users: string | undefined }, args: MigrationArgs) => {
  const { host, port, user, database } = args.postgres;
  const plain = {
    ...args.extraEnvironment,
    POSTGRES_DB: database,
    POSTGRES_HOST: host,
    POSTGRES_PORT: `${port}`,
    POSTGRES_USER: user,
  };
  const step = (name: string, command: readonly string[], ...more: readonly string[]) => ({
    name,
    image: args.image.reference,
    imagePullPolicy: 'IfNotPresent',
    args: [...command],
    env: Object.entries(plain)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => ({ name: key, value })),
    envFrom: [secrets.database, ...more].map((secret) => ({ secretRef: { name: secret } })),
    // One after the other: the pod reserves what one of them needs.
    resources: resources(args.cpu, args.memory),
    securityContext: CONTAINER_SECURITY,
    volumeMounts: [
      { name: 'tmp', mountPath: '/tmp' },
      ...(args.tls ? [{ name: 'ca', mountPath: CA_FOLDER, readOnly: true }] : []),
    ],
  });
  const steps = [
    step('dry-run', ['migrate', '--dry-run']),
    step('migrate', ['migrate']),
    ...(secrets.users === undefined ? [] : [step('seed', ['seed'], secrets.users)]),
  ];
  return {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: podSecurity(args.image.uid),
    // Each waits for the success of the one before it.
    initContainers: steps.slice(0, -1),
    containers: steps.slice(-1),
    volumes: [
      { name: 'tmp', emptyDir: {} },
      ...(args.tls
        ? [
            {
              name: 'ca',
              // The key beside it is the server's own, and stays out.
              secret: {
                ...{ secretName: args.tls.secretName, defaultMode: 0o444 },
                items: [{ key: 'ca.crt', path: 'ca.crt' }],
              },
            },
          ]
        : []),
    ],
  };
};
