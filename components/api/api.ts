/** The API: stateless pods behind a Service. Knows its own settings; not where a database runs, nor which stack it is in. */
import * as pulumi from '@pulumi/pulumi';
import { Deployment } from '@pulumi/kubernetes/apps/v1/deployment.js';
import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js';
import { Secret } from '@pulumi/kubernetes/core/v1/secret.js';
import { Service } from '@pulumi/kubernetes/core/v1/service.js';
import { ServiceAccount } from '@pulumi/kubernetes/core/v1/serviceAccount.js';
import {
  contentName,
  labels,
  PlatformComponent,
  probes,
  seconds,
  selector,
  stamped,
  unreachable,
  type CpuRange,
  type Duration,
  type Identity,
  type Image,
  type MemoryRange,
  type Workload,
} from '../core/index.ts';
import { accountMetadata, budget, recommendation, type Share } from './elastic.ts';
import { environment, type ApiSecrets, type ApiSettings } from './environment.ts';
import { imagePods } from './pods.ts';
import { autoscaler, type Scaling } from './scaling.ts';

/** How clients outside the cluster reach the API, beside the Service `api` that everyone inside uses. */
export type Exposure =
  | { readonly kind: 'none' }
  /** The same port on each node that runs a pod of the API. */
  | { readonly kind: 'nodePort'; readonly port: number }
  /** A load balancer of the cluster's cloud, which lets in these addresses only. */
  | { readonly kind: 'loadBalancer'; readonly port: number; readonly clients: readonly string[] };

/** How many pods there are: a number, or what the cluster decides within limits. */
export type Replicas = number | Scaling;

export interface ApiArgs {
  readonly namespace: string;
  readonly partOf: string;
  /** What runs, for labels. */
  readonly version: string;
  readonly image: Image;
  /**
   * Going from a number to {@link Scaling} gives the Deployment's own number up: it is 1 until the autoscaler looks, 15 s
   * at the most. Do it when little is going on.
   */
  readonly replicas: Replicas;
  /** Pods that may be missing while nodes are drained. Left out: no budget, and a drain takes what it wants. */
  readonly maxUnavailable?: Share | undefined;
  /** Whether the cluster is to recommend a size: needs the VerticalPodAutoscaler's kinds in it. */
  readonly recommendations: boolean;
  readonly cpu: CpuRange;
  readonly memory: MemoryRange;
  readonly exposure: Exposure;
  /** The role that pods have at AWS, by its ARN (D-K8S-6). Left out: none. */
  readonly awsRoleArn?: string | undefined;
  /** The Secret whose `ca.crt` signed the certificates of the servers that the settings name with TLS. */
  readonly tls?: { readonly secretName: string } | undefined;
  /** Changing any of them rolls the pods, without a gap. */
  readonly settings: ApiSettings;
  readonly secrets: ApiSecrets;
  /** Added to the environment as it is; for faults that tests switch on. */
  readonly extraEnvironment: Readonly<Record<string, string>>;
  /** How long a rollout may go without progress before it, and the update, has failed. */
  readonly rolloutDeadline: Duration;
  /** The key of the hash that rolls the pods with their secrets. */
  readonly fingerprintKey: pulumi.Input<string>;
}

/** Seconds that a leaving pod goes on serving, while the cluster takes it out of its Services. */
const FAREWELL = 3;

/** The share of scaled pods that a rollout puts on top: as many waves for fifty as for five. */
export const SURGE: Share = '25%';

/**
 * The API, rolled without a gap (A-DEP-1): a new pod is ready before an old one leaves.
 *
 * Cost: `replicas` pods; during a rollout one more, or a quarter more of those that are scaled. Failure: a release that
 * does not become ready stops after its first pods; the old ones go on serving, and the update fails within
 * `rolloutDeadline`.
 */
export class Api extends PlatformComponent {
  readonly workload: Workload;
  readonly port: number;
  /** The digest of template and configuration, as it stands on the pods. */
  readonly subject: pulumi.Output<string>;
  /** The Secret with all of the API's secrets. */
  readonly secretName: string;

  constructor(name: string, args: ApiArgs, options: pulumi.ComponentResourceOptions) {
    super('platform:app:Api', name, { version: args.version, exposure: args.exposure.kind }, options);
    const { namespace } = args;
    const identity = { component: 'api', instance: name, partOf: args.partOf, version: args.version };
    const metadata = (object: string) => ({ name: object, namespace, labels: labels(identity) });
    const child = { parent: this };
    const { plain, secret: values } = environment(args.settings, args.secrets);

    const data = { ...plain, ...args.extraEnvironment };
    const configuration = contentName(`${name}-config`, data);
    const config = new ConfigMap(configuration, { metadata: metadata(configuration), immutable: true, data }, child);
    const secretName = `${name}-secrets`;
    const secret = new Secret(secretName, { metadata: metadata(secretName), stringData: values }, child);
    const account = new ServiceAccount(
      `${name}-account`,
      { metadata: accountMetadata(metadata(name), args.awsRoleArn), automountServiceAccountToken: false },
      child,
    );
    const port = { name: 'http', port: args.settings.port, targetPort: 'http' };
    const services = served(args.exposure, port).map(
      ([object, spec]) =>
        new Service(
          `${name}-${object}`,
          {
            metadata: unwaited(metadata(object === 'service' ? name : `${name}-${object}`)),
            spec: { selector: selector(identity), ...spec },
          },
          child,
        ),
    );

    // Labels of the pods leave the version out of the selector, and the template's spec names its ConfigMap by content.
    const { template, subject } = stamped(
      { labels: labels(identity), spec: podSpec({ name, identity, config: configuration, secret: secretName }, args) },
      { key: args.fingerprintKey, values },
    );
    const { replicas } = args;
    const fixed = typeof replicas === 'number';
    const deployment = new Deployment(
      `${name}-deployment`,
      {
        metadata: metadata(name),
        spec: {
          // Scaled, the number is the autoscaler's: not stated here, it is not put back by an update either.
          ...(fixed && { replicas }),
          selector: { matchLabels: selector(identity) },
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: fixed ? 1 : SURGE, maxUnavailable: 0 } },
          minReadySeconds: 2,
          revisionHistoryLimit: 3,
          progressDeadlineSeconds: seconds(args.rolloutDeadline),
          template,
        },
      },
      {
        ...child,
        dependsOn: [config, secret, account, ...services],
        // A little more than Kubernetes' own deadline, so that the message names its reason.
        customTimeouts: {
          create: `${seconds(args.rolloutDeadline) + 15}s`,
          update: `${seconds(args.rolloutDeadline) + 15}s`,
        },
      },
    );

    const target = { owner: this, name, namespace, identity };
    if (!fixed) autoscaler(target, replicas, deployment);
    if (args.maxUnavailable !== undefined) budget(target, args.maxUnavailable);
    if (args.recommendations) recommendation(target, deployment);

    this.workload = { namespace, kind: 'Deployment', name };
    this.port = args.settings.port;
    this.subject = pulumi.all([subject, deployment.id]).apply(([known]) => known);
    this.secretName = secretName;
    this.registerOutputs({ subject: this.subject });
  }
}

/** Whether a Service answers is the gates' question; the provider's own wait would only add its pauses. */
const unwaited = <M extends object>(metadata: M) => ({
  ...metadata,
  annotations: { 'pulumi.com/skipAwait': 'true' },
});

/**
 * The Services, by what their names end in: the one that everybody inside uses, the pods one by one for who balances by
 * himself (an edge, a scraper), and what outside clients use (D-K8S-3).
 */
function served(exposure: Exposure, port: { name: string; port: number; targetPort: string }): [string, object][] {
  // `Local` keeps the client's own address, which is what the edge from `clients` judges.
  const externalTrafficPolicy = 'Local';
  const inside: [string, object][] = [
    ['service', { ports: [port] }],
    ['members', { clusterIP: 'None', ports: [port] }],
  ];
  switch (exposure.kind) {
    case 'none':
      return inside;
    case 'nodePort':
      return [
        ...inside,
        ['outside', { type: 'NodePort', externalTrafficPolicy, ports: [{ ...port, nodePort: exposure.port }] }],
      ];
    case 'loadBalancer':
      return [
        ...inside,
        [
          'outside',
          {
            type: 'LoadBalancer',
            externalTrafficPolicy,
            loadBalancerSourceRanges: exposure.clients.toSorted(),
            ports: [{ ...port, port: exposure.port }],
          },
        ],
      ];
    default:
      return unreachable(exposure);
  }
}

const podSpec = (
  { name, identity, ...environment }: { name: string; identity: Identity; config: string; secret: string },
  { image, cpu, memory, tls, settings, secrets }: ApiArgs,
) =>
  imagePods({
    ...{ name, identity, image, cpu, memory, tls },
    environment: { ...environment, kept: secrets.kept?.secretName },
    needs: ['database', 'redis'],
    grace: 30,
    container: {
      name: 'api',
      args: ['serve'],
      ports: [{ name: 'http', containerPort: settings.port }],
      ...probes({ httpGet: { path: '/ready', port: 'http' } }, { httpGet: { path: '/live', port: 'http' } }),
      lifecycle: { preStop: { sleep: { seconds: FAREWELL } } },
    },
  });
