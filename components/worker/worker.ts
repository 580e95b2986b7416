/** Celery workers: the API's image, working off a queue of RabbitMQ instead of serving requests. */
import * as pulumi from '@pulumi/pulumi';
import { Deployment } from '@pulumi/kubernetes/apps/v1/deployment.js';
import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js';
import { Secret } from '@pulumi/kubernetes/core/v1/secret.js';
import { ServiceAccount } from '@pulumi/kubernetes/core/v1/serviceAccount.js';
import {
  accountMetadata,
  brokerUrl,
  budget,
  environment,
  imagePods,
  recommendation,
  SURGE,
  type ApiSecrets,
  type ApiSettings,
  type Broker,
  type Share,
} from '../api/index.ts';
import {
  contentName,
  labels,
  PlatformComponent,
  probes,
  seconds,
  selector,
  stamped,
  type CpuRange,
  type Duration,
  type Image,
  type MemoryRange,
  type Workload,
} from '../core/index.ts';
import { scaledObject, type QueueScaling } from './scaled-object.ts';

/** Where a worker answers who scrapes it. */
export const PORT = 9808;

/**
 * Asked of the file that the worker's loop touches every five seconds, and of the one that is there while it takes
 * messages. To start a client of Celery's for each question would cost more than the work.
 */
const ALIVE = { exec: { command: ['sh', '-c', 'test -n "$(find /tmp/worker-alive -mmin -1)"'] } };
const READY = { exec: { command: ['test', '-e', '/tmp/worker-ready'] } };

export interface WorkerArgs {
  readonly namespace: string;
  readonly partOf: string;
  /** What runs, for labels. */
  readonly version: string;
  /** The API's image: its command `worker` consumes a queue. */
  readonly image: Image;
  /** Tasks at a time in each pod: its processes, each with a connection to the database. */
  readonly concurrency: number;
  /** Workers by a number, or by the length of the queue; that needs KEDA in the cluster. */
  readonly replicas: number | QueueScaling;
  /** Pods that may be missing while nodes are drained. Left out: no budget. */
  readonly maxUnavailable?: Share | undefined;
  /** Whether the cluster is to recommend a size: needs the VerticalPodAutoscaler's kinds in it. */
  readonly recommendations: boolean;
  readonly cpu: CpuRange;
  readonly memory: MemoryRange;
  /** The role that pods have at AWS, by its ARN (D-K8S-6). Left out: none. */
  readonly awsRoleArn?: string | undefined;
  /** The Secret whose `ca.crt` signed the certificates of the servers that the settings name with TLS. */
  readonly tls?: { readonly secretName: string } | undefined;
  /** What the API is told: a worker is the same program, and reads the same variables. */
  readonly settings: ApiSettings & { readonly broker: Broker };
  readonly secrets: ApiSecrets;
  /** Added to the environment as it is; for faults that tests switch on. */
  readonly extraEnvironment: Readonly<Record<string, string>>;
  /** How long a running task may take to end when its pod is to go. Longer ones are cut off and done again elsewhere. */
  readonly grace: Duration;
  /** How long a rollout may go without progress before it, and the update, has failed. */
  readonly rolloutDeadline: Duration;
  /** The key of the hash that rolls the pods with their secrets. */
  readonly fingerprintKey: pulumi.Input<string>;
}

/**
 * Workers (D-HELM-7, D-HPA-5, CONF-8). Told to stop, one takes no new message and ends what it is at; a message is
 * acknowledged once its task is done, so that a lost worker loses none, and its task may run twice.
 *
 * Cost: between `min` and `max` pods, one more during a rollout. Failure: without workers the queue grows and the API
 * goes on serving; without the broker they wait.
 */
export class Worker extends PlatformComponent {
  readonly workload: Workload;
  /** For metrics. */
  readonly port = PORT;
  /** The digest of template and configuration, as it stands on the pods. */
  readonly subject: pulumi.Output<string>;

  constructor(name: string, args: WorkerArgs, options: pulumi.ComponentResourceOptions) {
    super('platform:app:Worker', name, { version: args.version, queue: args.settings.broker.queue }, options);
    const { namespace, replicas, tls } = args;
    const { broker } = args.settings;
    const identity = { component: 'worker', instance: name, partOf: args.partOf, version: args.version };
    const metadata = (object: string) => ({ name: object, namespace, labels: labels(identity) });
    const child = { parent: this };

    const { plain, secret: values } = environment(args.settings, args.secrets);
    const data = {
      ...plain,
      WORKER_CONCURRENCY: `${args.concurrency}`,
      WORKER_METRICS_PORT: `${PORT}`,
      ...args.extraEnvironment,
    };
    const configuration = contentName(`${name}-config`, data);
    const config = new ConfigMap(configuration, { metadata: metadata(configuration), immutable: true, data }, child);
    const secretName = `${name}-secrets`;
    const secrets = new Secret(secretName, { metadata: metadata(secretName), stringData: values }, child);
    const account = new ServiceAccount(
      `${name}-account`,
      { metadata: accountMetadata(metadata(name), args.awsRoleArn), automountServiceAccountToken: false },
      child,
    );

    const spec = imagePods({
      ...{ name, identity, image: args.image, cpu: args.cpu, memory: args.memory, tls },
      environment: { config: configuration, secret: secretName, kept: args.secrets.kept?.secretName },
      needs: ['database', 'redis', 'broker'],
      grace: seconds(args.grace),
      container: {
        name: 'worker',
        args: ['worker'],
        ports: [{ name: 'metrics', containerPort: PORT }],
        ...probes(READY, ALIVE),
      },
    });
    const { template, subject } = stamped({ labels: labels(identity), spec }, { key: args.fingerprintKey, values });
    const fixed = typeof replicas === 'number';
    const deadline = `${seconds(args.rolloutDeadline) + 15}s`;
    const deployment = new Deployment(
      `${name}-deployment`,
      {
        metadata: metadata(name),
        spec: {
          // Scaled, the number is KEDA's: not stated here, it is not put back by an update either.
          ...(fixed && { replicas }),
          selector: { matchLabels: selector(identity) },
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: fixed ? 1 : SURGE, maxUnavailable: 0 } },
          minReadySeconds: 2,
          revisionHistoryLimit: 3,
          progressDeadlineSeconds: seconds(args.rolloutDeadline),
          template,
        },
      },
      { ...child, dependsOn: [config, secrets, account], customTimeouts: { create: deadline, update: deadline } },
    );

    const target = { owner: this, name, namespace, identity };
    if (!fixed) {
      // Apart from the pods' Secret: KEDA is named this one, and nothing else of theirs.
      const address = brokerUrl(broker, args.secrets.brokerPassword);
      const seen = new Secret(
        `${name}-broker`,
        { metadata: metadata(`${name}-broker`), stringData: { host: address, ...(broker.tls && { tls: 'enable' }) } },
        child,
      );
      const authority = broker.tls ? tls : undefined;
      scaledObject({ ...target, queue: broker.queue, broker: `${name}-broker`, tls: authority }, replicas, [
        deployment,
        seen,
      ]);
    }
    if (args.maxUnavailable !== undefined) budget(target, args.maxUnavailable);
    if (args.recommendations) recommendation(target, deployment);

    this.workload = { namespace, kind: 'Deployment', name };
    this.subject = pulumi.all([subject, deployment.id]).apply(([known]) => known);
    this.registerOutputs({ subject: this.subject });
  }
}
