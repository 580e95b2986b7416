/**
 * The Architect Dashboard API by B's manifest (B-K8S-1..8, B-RES-1): a Deployment, a Service and a Secret whose names B has
 * fixed. Every change of it is a release.
 */
import type * as pulumi from '@pulumi/pulumi';
import { Secret } from '@pulumi/kubernetes/core/v1/secret.js';
import { ServiceAccount } from '@pulumi/kubernetes/core/v1/serviceAccount.js';
import {
  apart,
  CONTAINER_SECURITY,
  labels,
  PlatformComponent,
  podSecurity,
  resources,
  selector,
  type CpuRange,
  type Identity,
  type Image,
  type MemoryRange,
  type Workload,
} from '../core/index.ts';
import { ReleasedWorkload, type ReleasedArgs } from '../release/index.ts';
import { environment, type ArchitectSettings, type KeptSecrets, type OwnSecrets } from './environment.ts';
import { exposed, HTTPS, type Exposure } from './exposure.ts';

/** The Secret that B names (B-SEC-3). */
export const SECRETS = 'architect-secrets';

export type ArchitectReleases = Pick<
  ReleasedArgs,
  'cluster' | 'way' | 'timing' | 'analysis' | 'attempt' | 'approvals' | 'reports' | 'runner' | 'between'
>;

export interface ArchitectArgs {
  readonly namespace: string;
  readonly partOf: string;
  /** What runs, for labels. */
  readonly version: string;
  readonly image: Image;
  /** B-K8S-3: 3. Each holds up to `settings.connections.max` connections to the database. */
  readonly replicas: number;
  /** B-RES-1: 250m, up to 500m. */
  readonly cpu: CpuRange;
  /** B-RES-1: 256Mi, up to 512Mi. */
  readonly memory: MemoryRange;
  readonly exposure: Exposure;
  readonly settings: ArchitectSettings;
  readonly secrets: OwnSecrets;
  readonly kept: KeptSecrets;
  readonly releases: ArchitectReleases;
  /** The key of the hash that rolls the pods with their secrets. */
  readonly fingerprintKey: pulumi.Input<string>;
  /** The role that pods have at AWS, by its ARN. @default none */
  readonly awsRoleArn?: string | undefined;
}

/** Seconds that a leaving pod goes on serving, while the cluster takes it out of its Service (ours). */
const FAREWELL = 3;

/**
 * One Deployment under the workload's own name, rolled in place (B-K8S-3: one on top, none missing), a Service that is a load
 * balancer on 443, and the Secret with the environment.
 *
 * Cost: `replicas` pods and the runner's; one more pod during a release. Failure: the update fails and names what was read and
 * its limit; the version before is rolled back in. While database or cache are away, B's liveness probe restarts the pods,
 * since it asks `/health` as the readiness probe does (B-K8S-5, B-K8S-6).
 */
export class Architect extends PlatformComponent {
  /** Its pods, by the Deployment that B names (B-GATE-1). */
  readonly workload: Workload;
  readonly port: number;
  /** The digest of template and environment, as it stands on the pods. */
  readonly subject: pulumi.Output<string>;
  readonly secretName = SECRETS;
  readonly released: ReleasedWorkload;

  constructor(name: string, args: ArchitectArgs, options: pulumi.ComponentResourceOptions) {
    super('platform:app:Architect', name, { version: args.version }, options);
    const { namespace, settings, kept, releases } = args;
    // One side keeps the name that B has given it; who wants two gives that up.
    const alone = (releases.way?.strategy ?? 'rolling') === 'rolling';
    const identity = identityOf(name, args);
    const metadata = (object: string) => ({ name: object, namespace, labels: labels(identity) });
    const child = { parent: this };

    const values = environment(settings, args.secrets, kept);
    const secret = new Secret(`${name}-secrets`, { metadata: metadata(SECRETS), stringData: values }, child);
    const role = args.awsRoleArn;
    const annotations = role === undefined ? {} : { annotations: { 'eks.amazonaws.com/role-arn': role } };
    const account = new ServiceAccount(
      `${name}-account`,
      { metadata: { ...metadata(name), ...annotations }, automountServiceAccountToken: false },
      child,
    );
    const released = new ReleasedWorkload(
      name,
      {
        ...{ ...releases, namespace, identity, replicas: args.replicas, port: HTTPS, surge: 1 },
        ...{ picked: { app: name }, marks: marks(name, settings), exposed: exposed(args.exposure) },
        alone,
        pods: {
          labels: { ...labels(identity), ...marks(name, settings) },
          spec: podSpec(name, identity, args),
        },
        secrets: { key: args.fingerprintKey, values },
        asked: { port: settings.port, paths: ['/health'] },
      },
      { ...child, dependsOn: [secret, account] },
    );

    this.workload = { namespace, kind: alone ? 'Deployment' : 'Service', name };
    this.port = settings.port;
    this.subject = released.subject;
    this.released = released;
    this.registerOutputs({ subject: this.subject });
  }
}

const identityOf = (name: string, { partOf, version }: ArchitectArgs): Identity => ({
  ...{ component: 'api', instance: name, partOf, version },
});

/** B's own labels (B-K8S-2), beside the platform's. B's selectors hold the first one alone. */
const marks = (name: string, { environment: of }: ArchitectSettings) => ({ app: name, environment: of });

const podSpec = (name: string, identity: Identity, { image, settings, kept, ...args }: ArchitectArgs) => ({
  serviceAccountName: name,
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  securityContext: podSecurity(image.uid),
  terminationGracePeriodSeconds: 30,
  ...apart(selector(identity), true),
  containers: [
    {
      name,
      image: image.reference,
      imagePullPolicy: 'IfNotPresent',
      ports: [{ name: HTTPS.targetPort, containerPort: settings.port }],
      env: [{ name: 'ENV', value: settings.environment }],
      envFrom: [SECRETS, ...('secretName' in kept ? [kept.secretName] : [])].map((secret) => ({
        secretRef: { name: secret },
      })),
      livenessProbe: { ...HEALTH, initialDelaySeconds: 30, periodSeconds: 10, failureThreshold: 3 },
      readinessProbe: { ...HEALTH, initialDelaySeconds: 10, periodSeconds: 5, failureThreshold: 2 },
      lifecycle: { preStop: { sleep: { seconds: FAREWELL } } },
      resources: resources(args.cpu, args.memory),
      securityContext: { ...CONTAINER_SECURITY, runAsNonRoot: true },
      volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
    },
  ],
  volumes: [{ name: 'tmp', emptyDir: {} }],
});

/** B's probes ask the same (B-K8S-5, B-K8S-6). */
const HEALTH = { httpGet: { path: '/health', port: HTTPS.targetPort } };
