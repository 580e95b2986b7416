/** The API: stateless pods behind a Service. Knows its own settings; not where a database runs, nor which stack it is in. */
import * as pulumi from '@pulumi/pulumi';
import { Deployment } from '@pulumi/kubernetes/apps/v1/deployment.js';
import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js';
import { Secret } from '@pulumi/kubernetes/core/v1/secret.js';
import { Service } from '@pulumi/kubernetes/core/v1/service.js';
import { ServiceAccount } from '@pulumi/kubernetes/core/v1/serviceAccount.js';
import {
  CONTAINER_SECURITY,
  contentName,
  labels,
  PlatformComponent,
  podSecurity,
  probes,
  resources,
  seconds,
  selector,
  stamped,
  unreachable,
  type Bytes,
  type CpuRange,
  type Duration,
  type Image,
  type Workload,
} from '../core/index.ts';
import { environment, type ApiSecrets, type ApiSettings } from './environment.ts';

/** How clients outside the cluster reach the API, beside the Service `api` that everyone inside uses. */
export type Exposure =
  | { readonly kind: 'none' }
  /** The same port on each node that runs a pod of the API. */
  | { readonly kind: 'nodePort'; readonly port: number }
  /** A load balancer of the cluster's cloud, which lets in these addresses only. */
  | { readonly kind: 'loadBalancer'; readonly port: number; readonly clients: readonly string[] };

export interface ApiArgs {
  readonly namespace: string;
  readonly partOf: string;
  /** What runs, for labels. */
  readonly version: string;
  readonly image: Image;
  readonly replicas: number;
  readonly cpu: CpuRange;
  readonly memory: Bytes;
  readonly exposure: Exposure;
  /** Changing any of them rolls the pods, one at a time and without a gap. */
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

/**
 * The API, rolled without a gap (A-DEP-1): a new pod is ready before an old one leaves.
 *
 * Cost: `replicas` pods, one more during a rollout. Failure: a release that does not become ready stops after its first
 * pod; the old ones go on serving, and the update fails within `rolloutDeadline`.
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
      { metadata: metadata(name), automountServiceAccountToken: false },
      child,
    );
    const port = { name: 'http', port: args.settings.port, targetPort: 'http' };
    const services = [
      new Service(
        `${name}-service`,
        { metadata: unwaited(metadata(name)), spec: { selector: selector(identity), ports: [port] } },
        child,
      ),
      ...outside(args.exposure, port).map(
        (spec) =>
          new Service(
            `${name}-outside`,
            { metadata: unwaited(metadata(`${name}-outside`)), spec: { selector: selector(identity), ...spec } },
            child,
          ),
      ),
    ];

    // Labels of the pods leave the version out of the selector, and the template's spec names its ConfigMap by content.
    const { template, subject } = stamped(
      { labels: labels(identity), spec: podSpec(name, configuration, args) },
      { key: args.fingerprintKey, values },
    );
    const deployment = new Deployment(
      `${name}-deployment`,
      {
        metadata: metadata(name),
        spec: {
          replicas: args.replicas,
          selector: { matchLabels: selector(identity) },
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
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

function outside(exposure: Exposure, port: { name: string; port: number; targetPort: string }) {
  // `Local` keeps the client's own address, which is what the edge from `clients` judges.
  const externalTrafficPolicy = 'Local';
  switch (exposure.kind) {
    case 'none':
      return [];
    case 'nodePort':
      return [{ type: 'NodePort', externalTrafficPolicy, ports: [{ ...port, nodePort: exposure.port }] }];
    case 'loadBalancer':
      return [
        {
          type: 'LoadBalancer',
          externalTrafficPolicy,
          loadBalancerSourceRanges: exposure.clients.toSorted(),
          ports: [{ ...port, port: exposure.port }],
        },
      ];
    default:
      return unreachable(exposure);
  }
}

const podSpec = (name: string, configuration: string, args: ApiArgs) => ({
  serviceAccountName: name,
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  securityContext: podSecurity(args.image.uid),
  terminationGracePeriodSeconds: 30,
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: selector({ component: 'api', instance: name }) },
    },
  ],
  containers: [
    {
      name: 'api',
      image: args.image.reference,
      imagePullPolicy: 'IfNotPresent',
      args: ['serve'],
      envFrom: [{ configMapRef: { name: configuration } }, { secretRef: { name: `${name}-secrets` } }],
      ports: [{ name: 'http', containerPort: args.settings.port }],
      resources: resources(args.cpu, args.memory),
      securityContext: CONTAINER_SECURITY,
      ...probes({ httpGet: { path: '/ready', port: 'http' } }, { httpGet: { path: '/live', port: 'http' } }),
      lifecycle: { preStop: { sleep: { seconds: FAREWELL } } },
      volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
    },
  ],
  volumes: [{ name: 'tmp', emptyDir: {} }],
});
