/**
 * One Prometheus that asks pods of its own namespace and forgets within hours: what releases are judged by. It alerts nobody
 * and draws nothing; that is the monitoring's.
 */
import * as pulumi from '@pulumi/pulumi';
import { Deployment } from '@pulumi/kubernetes/apps/v1/deployment.js';
import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js';
import { Service } from '@pulumi/kubernetes/core/v1/service.js';
import { ServiceAccount } from '@pulumi/kubernetes/core/v1/serviceAccount.js';
import {
  CONTAINER_SECURITY,
  contentName,
  isBytes,
  isDuration,
  labels,
  PlatformComponent,
  podSecurity,
  probes,
  Problems,
  resources,
  seconds,
  selector,
  shown,
  stamped,
  WRITTEN,
  type Bytes,
  type CpuRange,
  type Duration,
  type Image,
  type MemoryRange,
  type Workload,
} from '../core/index.ts';
import { checkScraped, configuration, foundUnder, type Scraped } from './configuration.ts';
import { FOLDERS, HEALTH, PORT, serverArguments } from './facts.ts';

/** The address of one by its name, for pods that resolve names. */
export const prometheusUrl = (name: string, namespace: string): string => `http://${name}.${namespace}.svc:${PORT}`;

export interface PrometheusArgs {
  readonly namespace: string;
  readonly partOf: string;
  readonly image: Image;
  /** Pods that are asked. A change starts a new pod, which knows nothing yet. */
  readonly scraped: readonly Scraped[];
  /** From one question to the next; an answer may take as long. Queries want two answers within their range. */
  readonly every: Duration;
  /** How long it remembers. */
  readonly keepFor: Duration;
  /** What it may take on the node's disk. Four fifths of it are samples; what is older goes first. */
  readonly space: Bytes;
  readonly cpu: CpuRange;
  /** A thousand series take about 10Mi beside the server's own 60Mi. */
  readonly memory: MemoryRange;
  /** How long a rollout may go without progress before it, and the update, has failed. */
  readonly rolloutDeadline: Duration;
}

/**
 * A Prometheus (A-MON-2, A-DEP-1, D-DEP-3). It has no rights in the cluster: who is there, the cluster's DNS tells it, some
 * ten seconds after a pod has its address.
 *
 * Cost: one pod. Failure: nothing that serves users needs it; a release that is judged by its figures is not brought live
 * while it is away, and goes back. A pod that starts anew has forgotten: queries give no number until it has asked twice.
 */
export class Prometheus extends PlatformComponent {
  readonly workload: Workload;
  /** The digest of template and configuration, as it stands on the pods. */
  readonly subject: pulumi.Output<string>;
  /** Where queries are answered. */
  readonly url: string;

  constructor(name: string, args: PrometheusArgs, options: pulumi.ComponentResourceOptions) {
    check(name, args);
    super('platform:observability:Prometheus', name, { jobs: args.scraped.map((job) => job.name) }, options);
    const { namespace } = args;
    const identity = { component: 'prometheus', instance: name, partOf: args.partOf };
    const metadata = (object: string) => ({ name: object, namespace, labels: labels(identity) });
    const child = { parent: this };

    const data = { 'prometheus.yml': configuration(name, args) };
    const configName = contentName(`${name}-config`, data);
    const config = new ConfigMap(configName, { metadata: metadata(configName), immutable: true, data }, child);
    const account = new ServiceAccount(
      `${name}-account`,
      { metadata: metadata(name), automountServiceAccountToken: false },
      child,
    );
    const ports = [{ name: 'http', port: PORT, targetPort: 'http' }];
    const service = new Service(
      `${name}-service`,
      { metadata: unwaited(metadata(name)), spec: { selector: selector(identity), ports } },
      child,
    );
    // Those that are not ready too: what they did to their users counts.
    const found = args.scraped
      .flatMap((kind) => foundUnder(name, kind))
      .map(({ service: called, pods, port }) => {
        const headless = { clusterIP: 'None', publishNotReadyAddresses: true };
        const spec = { ...headless, selector: pods, ports: [{ name: 'metrics', port }] };
        return new Service(`${called}-service`, { metadata: unwaited(metadata(called)), spec }, child);
      });

    const { template, subject } = stamped({ labels: labels(identity), spec: podSpec(name, configName, args) });
    const deadline = seconds(args.rolloutDeadline);
    const deployment = new Deployment(
      `${name}-deployment`,
      {
        metadata: metadata(name),
        spec: {
          replicas: 1,
          selector: { matchLabels: selector(identity) },
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
          revisionHistoryLimit: 3,
          progressDeadlineSeconds: deadline,
          template,
        },
      },
      {
        ...child,
        dependsOn: [config, account, service, ...found],
        customTimeouts: { create: `${deadline + 15}s`, update: `${deadline + 15}s` },
      },
    );

    this.workload = { namespace, kind: 'Deployment', name };
    this.subject = pulumi.all([subject, deployment.id]).apply(([known]) => known);
    this.url = prometheusUrl(name, namespace);
    this.registerOutputs({ subject: this.subject });
  }
}

/** Whether a Service leads to anybody is no question of the update; the provider's wait would only add its pauses. */
const unwaited = <M extends object>(metadata: M) => ({
  ...metadata,
  annotations: { 'pulumi.com/skipAwait': 'true' },
});

const podSpec = (name: string, configName: string, { image, keepFor, space, cpu, memory }: PrometheusArgs) => ({
  serviceAccountName: name,
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  securityContext: podSecurity(image.uid),
  terminationGracePeriodSeconds: 30,
  containers: [
    {
      name: 'prometheus',
      image: image.reference,
      imagePullPolicy: 'IfNotPresent',
      args: serverArguments(keepFor, space),
      ports: [{ name: 'http', containerPort: PORT }],
      ...probes({ httpGet: { path: HEALTH.ready, port: 'http' } }, { httpGet: { path: HEALTH.alive, port: 'http' } }),
      resources: resources(cpu, memory),
      securityContext: CONTAINER_SECURITY,
      volumeMounts: [
        { name: 'configuration', mountPath: FOLDERS.configuration, readOnly: true },
        { name: 'data', mountPath: FOLDERS.data },
      ],
    },
  ],
  volumes: [
    { name: 'configuration', configMap: { name: configName } },
    // What it knows is of the last minutes' use: a new pod knows it again soon.
    { name: 'data', emptyDir: { sizeLimit: space } },
  ],
});

function check(name: string, args: PrometheusArgs): void {
  const problems = new Problems();
  checkScraped(args, problems);
  for (const [where, value] of Object.entries({ keepFor: args.keepFor, rolloutDeadline: args.rolloutDeadline })) {
    problems.require(isDuration(value), { where, found: shown(value), wanted: WRITTEN.duration });
  }
  problems.require(isBytes(args.space), { where: 'space', found: shown(args.space), wanted: WRITTEN.bytes });
  problems.throwIfAny(`Prometheus "${name}"`);
}
