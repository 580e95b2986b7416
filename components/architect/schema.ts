/**
 * What comes between two versions: a copy of the database, then its schema, then the proof of it (B-MIG-1..4, CONF-20), all of it
 * by the image's own commands.
 */
import * as pulumi from '@pulumi/pulumi';
import { CronJob } from '@pulumi/kubernetes/batch/v1/cronJob.js';
import { Job } from '@pulumi/kubernetes/batch/v1/job.js';
import { PersistentVolumeClaim } from '@pulumi/kubernetes/core/v1/persistentVolumeClaim.js';
import { Secret } from '@pulumi/kubernetes/core/v1/secret.js';
import {
  CONTAINER_SECURITY,
  labels,
  PlatformComponent,
  podSecurity,
  resources,
  seconds,
  type Bytes,
  type CpuRange,
  type Duration,
  type Image,
  type MemoryRange,
} from '../core/index.ts';
import { databaseUrl, type ArchitectSettings } from './environment.ts';

/** Where the image keeps its backups. No document says where; this is ours, and the volume's place. */
export const BACKUPS = '/var/lib/architect/backups';
/** The volume with them. */
export const BACKUPS_CLAIM = 'architect-backups';

const PROGRAM = './architect-api';

export interface SchemaArgs {
  readonly namespace: string;
  readonly partOf: string;
  readonly version: string;
  readonly image: Image;
  /** A stock image with a shell, for taking old backups away. */
  readonly shell: Image;
  /** Which attempt at a release it is, as `<epoch>-<time in base 36>`: another one is another copy and another run. */
  readonly attempt: pulumi.Input<string>;
  readonly environment: string;
  readonly postgres: ArchitectSettings['postgres'];
  readonly password: pulumi.Input<string>;
  readonly cpu: CpuRange;
  readonly memory: MemoryRange;
  readonly backups: {
    readonly storage: Bytes;
    readonly storageClass?: string | undefined;
    /** How long a backup is kept; a whole number of minutes. B-BKP-1: 24 h. */
    readonly keep: Duration;
  };
  /** How long the copy, the migration and its proof may take together. */
  readonly deadline: Duration;
  /** Whether the backups refuse to be deleted. */
  readonly protect: boolean;
}

/**
 * A Job of three steps, each waiting for the success of the one before it: `backup create --name pre-deployment-<unix time>`,
 * `migrate --direction up`, `migrate status`. One for each attempt at a release, and none where no release is pending. Beside
 * it a volume with the copies, and a Job each hour that takes those away that are older than `keep`.
 *
 * Cost: reads the whole database once a release, and as much space. Failure: the update fails, and the release does not begin:
 * the version before goes on. There is no second try within: it would copy what the first one has left. Bringing a copy back
 * (B-BKP-2, B-RB-2): docs/runbooks/roll-back.md.
 */
export class Schema extends PlatformComponent {
  /** How the copy of this attempt is called. */
  readonly backup: pulumi.Output<string>;

  constructor(name: string, args: SchemaArgs, options: pulumi.ComponentResourceOptions) {
    super('platform:app:ArchitectSchema', name, { version: args.version }, options);
    const { namespace, partOf, backups, protect } = args;
    const meta = (component: string) => ({ namespace, labels: labels({ component, instance: name, partOf }) });
    const child = { parent: this };
    this.backup = pulumi.output(args.attempt).apply(backupName);

    const secret = `${name}-database`;
    const address = new Secret(
      secret,
      {
        metadata: { ...meta('migrate'), name: secret },
        stringData: { DATABASE_URL: databaseUrl(args.postgres, args.password) },
      },
      child,
    );
    const claim = new PersistentVolumeClaim(
      `${name}-backups`,
      {
        // A class that waits for the first pod would hold up whoever waits for the volume.
        metadata: { ...meta('backup'), name: BACKUPS_CLAIM, annotations: { 'pulumi.com/skipAwait': 'true' } },
        spec: {
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: backups.storage } },
          ...(backups.storageClass !== undefined && { storageClassName: backups.storageClass }),
        },
      },
      { ...child, protect },
    );
    new CronJob(
      `${name}-sweep`,
      {
        metadata: { ...meta('backup'), name: `${name}-sweep` },
        spec: {
          schedule: '17 * * * *',
          concurrencyPolicy: 'Forbid',
          successfulJobsHistoryLimit: 1,
          failedJobsHistoryLimit: 1,
          jobTemplate: { spec: { template: { metadata: meta('backup'), spec: sweeping(args) } } },
        },
      },
      { ...child, dependsOn: claim },
    );
    const deadline = seconds(args.deadline);
    new Job(
      `${name}-job`,
      {
        metadata: { ...meta('migrate'), name, annotations: { 'pulumi.com/replaceUnready': 'true' } },
        spec: {
          backoffLimit: 0,
          activeDeadlineSeconds: deadline,
          template: { metadata: meta('migrate'), spec: migrating(args, secret, this.backup) },
        },
      },
      {
        ...child,
        dependsOn: [address, claim],
        // A Job cannot be changed: another attempt is another Job, under the same name.
        deleteBeforeReplace: true,
        replaceOnChanges: ['spec'],
        customTimeouts: { create: `${deadline + 15}s` },
      },
    );
    this.registerOutputs({ backup: this.backup });
  }
}

/**
 * `pre-deployment-<unix time>` (B-MIG-4), of the moment at which the attempt began.
 *
 * @param attempt nothing where plugins that only repeat their inputs apply a plan
 */
export function backupName(attempt: string | undefined): string {
  const began = Number.parseInt(attempt?.split('-')[1] ?? '', 36);
  return `pre-deployment-${Number.isNaN(began) ? 'planned' : Math.floor(began / 1000)}`;
}

const pod = (image: Image) => ({
  restartPolicy: 'Never',
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  securityContext: podSecurity(image.uid),
});

const VOLUMES = [
  { name: 'backups', persistentVolumeClaim: { claimName: BACKUPS_CLAIM } },
  { name: 'tmp', emptyDir: {} },
];

const MOUNTS = [
  { name: 'backups', mountPath: BACKUPS },
  { name: 'tmp', mountPath: '/tmp' },
];

function migrating(args: SchemaArgs, secret: string, backup: pulumi.Input<string>) {
  const { image } = args;
  const step = (name: string, command: readonly pulumi.Input<string>[]) => ({
    name,
    image: image.reference,
    imagePullPolicy: 'IfNotPresent',
    command: [PROGRAM],
    args: [...command],
    env: [{ name: 'ENV', value: args.environment }],
    envFrom: [{ secretRef: { name: secret } }],
    resources: resources(args.cpu, args.memory),
    securityContext: CONTAINER_SECURITY,
    volumeMounts: MOUNTS,
  });
  return {
    ...pod(image),
    initContainers: [
      step('backup', ['backup', 'create', '--name', backup]),
      step('migrate', ['migrate', '--direction', 'up']),
    ],
    containers: [step('status', ['migrate', 'status'])],
    volumes: VOLUMES,
  };
}

/** As the user whose the files are. */
function sweeping({ shell, image, backups }: SchemaArgs) {
  const old = ['-mindepth', '1', '-maxdepth', '1', '-name', 'pre-deployment-*', '-mmin'];
  const minutes = `+${Math.floor(seconds(backups.keep) / 60)}`;
  return {
    ...pod(image),
    containers: [
      {
        name: 'sweep',
        image: shell.reference,
        imagePullPolicy: 'IfNotPresent',
        command: ['find', BACKUPS, ...old, minutes, '-exec', 'rm', '-r', '{}', '+'],
        resources: resources({ request: '5m', limit: '100m' }, '32Mi'),
        securityContext: CONTAINER_SECURITY,
        volumeMounts: MOUNTS,
      },
    ],
    volumes: VOLUMES,
  };
}
