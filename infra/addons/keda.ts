/** KEDA: numbers of pods by the length of a queue. Knows nothing of whose pods and queues they are. */
import { APIService } from '@pulumi/kubernetes/apiregistration/v1/apiservice.js';
import { ClusterRole } from '@pulumi/kubernetes/rbac/v1/clusterRole.js';
import { ClusterRoleBinding } from '@pulumi/kubernetes/rbac/v1/clusterRoleBinding.js';
import type * as pulumi from '@pulumi/pulumi';
import {
  dnsLabel,
  labels,
  PlatformComponent,
  selector,
  type Duration,
  type Image,
  type Workload,
} from '../../components/core/index.ts';
import type { Connections, Place, Surroundings } from './connections.ts';
import { installCrds } from './crds.ts';
import { program, type Program, type ProgramSize } from './program.ts';
import type { Rights } from './rights.ts';

const ADDON = 'keda';
const PORTS = { metrics: 8080, health: 8081, questions: 9666, https: 6443 } as const;
const CERTIFICATES = '/certs';
/** The group that autoscalers ask for whatever is outside Kubernetes. Only one add-on of a cluster can serve it. */
const METRICS_GROUP = 'external.metrics.k8s.io';
const METRICS_VERSION = 'v1beta1';

/** Names of programs and objects, from the name of the add-on. */
const namesOf = (name: string) => ({
  operator: dnsLabel(name, 'operator'),
  metrics: dnsLabel(name, 'metrics-apiserver'),
  /** The Secret with the certificates that the operator makes for both. */
  certificates: dnsLabel(name, 'certificates'),
});

export interface KedaArgs {
  /** Its own namespace, already there and fenced by {@link kedaConnections}. */
  readonly namespace: string;
  readonly partOf: string;
  /**
   * The namespace whose ScaledObjects it serves. It reads the Secrets there, which hold the addresses of queues, and
   * nowhere else. Already there.
   */
  readonly serves: string;
  /** The two images of one release. */
  readonly images: { readonly operator: Image; readonly metrics: Image };
  readonly size: ProgramSize;
  /** How long a program may take to become ready. The first time, certificates are made and mounted: a minute or two. */
  readonly startDeadline: Duration;
}

/**
 * Operator and metrics server, with the kinds (D-HPA-5). The admission webhooks stay out: they only check what the program
 * and the API server's own schema check as well.
 *
 * *Cost*: two pods for each replica. *Failure*: every workload it scales stays at the size it has. Its destruction leaves
 * the kinds; ScaledObjects have to go before it, because it ends them itself.
 */
export class Keda extends PlatformComponent {
  readonly programs: { readonly operator: Program; readonly metrics: Program };
  readonly workloads: readonly Workload[];

  constructor(name: string, args: KedaArgs, options: pulumi.ComponentResourceOptions) {
    super('platform:host:Keda', name, { namespace: args.namespace, serves: args.serves }, options);
    const { namespace, partOf, images, serves, startDeadline } = args;
    const names = namesOf(name);
    const common = {
      ...args.size,
      namespace,
      partOf,
      addon: ADDON,
      startDeadline,
      after: installCrds(this, name, ADDON, partOf),
    };
    const env = [
      { name: 'WATCH_NAMESPACE', value: serves },
      { name: 'POD_NAMESPACE', value: namespace },
    ];

    const operator = program(this, names.operator, {
      ...{ ...common, env, image: images.operator },
      args: [
        ...['--leader-elect', '--zap-log-level=info', '--zap-encoder=json'],
        ...['--enable-cert-rotation=true', '--enable-webhook-patching=false', `--cert-dir=${CERTIFICATES}`],
        `--cert-secret-name=${names.certificates}`,
        `--operator-service-name=${names.operator}`,
        `--metrics-server-service-name=${names.metrics}`,
      ],
      ports: { metrics: PORTS.metrics, health: PORTS.health, questions: PORTS.questions },
      service: { questions: { port: PORTS.questions, to: 'questions' } },
      // Made by itself, after its start.
      secrets: { [CERTIFICATES]: { name: names.certificates, optional: true } },
      rights: operatorRights(namespace, serves),
      probes: asked('health', 'HTTP'),
    });
    const metrics = program(this, names.metrics, {
      ...{ ...common, env, image: images.metrics },
      args: [
        `--secure-port=${PORTS.https}`,
        `--cert-dir=${CERTIFICATES}`,
        `--client-ca-file=${CERTIFICATES}/ca.crt`,
        `--tls-cert-file=${CERTIFICATES}/tls.crt`,
        `--tls-private-key-file=${CERTIFICATES}/tls.key`,
        `--metrics-service-address=${names.operator}.${namespace}.svc.cluster.local:${PORTS.questions}`,
        '--zap-log-level=error',
      ],
      ports: { https: PORTS.https, metrics: PORTS.metrics },
      service: { https: { port: 443, to: 'https' } },
      secrets: { [CERTIFICATES]: { name: names.certificates, optional: false } },
      writes: ['/tmp'],
      rights: metricsRights(serves),
      probes: asked('https', 'HTTPS'),
      after: [...common.after, operator.deployment],
    });
    this.programs = { operator, metrics };
    this.workloads = [operator.workload, metrics.workload];
    this.#serve(name, args, metrics);
    this.registerOutputs({});
  }

  /** Says where the group is served, and lets autoscalers ask. */
  #serve(name: string, { namespace, partOf }: KedaArgs, { deployment }: Program): void {
    const { metrics } = namesOf(name);
    const common = labels({ component: ADDON, instance: metrics, partOf });
    new APIService(
      `${name}-external-metrics`,
      {
        metadata: { name: `${METRICS_VERSION}.${METRICS_GROUP}`, labels: common },
        spec: {
          group: METRICS_GROUP,
          version: METRICS_VERSION,
          groupPriorityMinimum: 100,
          versionPriority: 100,
          // Its authority is not stated: the operator, which makes it, writes it.
          service: { name: metrics, namespace, port: 443 },
        },
      },
      { parent: this, dependsOn: deployment },
    );
    const metadata = { name: dnsLabel(name, 'external-metrics-reader'), labels: common };
    const role = new ClusterRole(
      `${name}-external-metrics-reader`,
      { metadata, rules: [{ apiGroups: [METRICS_GROUP], resources: ['*'], verbs: ['get', 'list'] }] },
      { parent: this },
    );
    new ClusterRoleBinding(
      `${name}-external-metrics-reader-binding`,
      {
        metadata,
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name },
        subjects: [{ kind: 'ServiceAccount', name: 'horizontal-pod-autoscaler', namespace: 'kube-system' }],
      },
      { parent: this, dependsOn: role },
    );
  }
}

const READ = ['get', 'list', 'watch'];
const CHANGE = [...READ, 'update', 'patch'];
const OWN = [...CHANGE, 'create', 'delete'];

/** What the operator does: in its own namespace, in the one it serves, and as little as its flags allow elsewhere. */
function operatorRights(namespace: string, serves: string): Rights[] {
  const kinds = ['scaledobjects', 'scaledjobs', 'triggerauthentications'];
  return [
    {
      in: 'cluster',
      rules: [
        // Its caches are filled at the start, whether any such object is wanted or not.
        { apiGroups: ['keda.sh'], resources: ['clustertriggerauthentications'], verbs: READ },
        { apiGroups: ['eventing.keda.sh'], resources: ['clustercloudeventsources'], verbs: READ },
        { apiGroups: ['apiregistration.k8s.io'], resources: ['apiservices'], verbs: READ },
        {
          apiGroups: ['apiregistration.k8s.io'],
          resources: ['apiservices'],
          resourceNames: [`${METRICS_VERSION}.${METRICS_GROUP}`],
          verbs: ['update', 'patch'],
        },
      ],
    },
    {
      in: { namespace },
      rules: [
        { apiGroups: [''], resources: ['secrets'], verbs: OWN },
        { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: OWN },
        { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
      ],
    },
    {
      in: { namespace: serves },
      rules: [
        { apiGroups: ['keda.sh'], resources: kinds.flatMap((kind) => [kind, `${kind}/status`]), verbs: CHANGE },
        { apiGroups: ['keda.sh'], resources: kinds.map((kind) => `${kind}/finalizers`), verbs: ['update'] },
        { apiGroups: ['eventing.keda.sh'], resources: ['cloudeventsources'], verbs: READ },
        { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: OWN },
        { apiGroups: ['apps'], resources: ['deployments', 'statefulsets', 'replicasets'], verbs: READ },
        { apiGroups: ['apps'], resources: ['deployments/scale', 'statefulsets/scale'], verbs: CHANGE },
        { apiGroups: ['batch'], resources: ['jobs'], verbs: READ },
        {
          apiGroups: [''],
          resources: ['secrets', 'configmaps', 'pods', 'limitranges', 'serviceaccounts'],
          verbs: READ,
        },
        { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
      ],
    },
  ];
}

/** What the metrics server does: it lets the API server say who asks, and asks the operator. */
const metricsRights = (serves: string): Rights[] => [
  { in: 'cluster', clusterRole: 'system:auth-delegator' },
  { in: { namespace: 'kube-system' }, role: 'extension-apiserver-authentication-reader' },
  {
    in: { namespace: serves },
    rules: [{ apiGroups: ['keda.sh'], resources: ['scaledobjects', 'scaledjobs'], verbs: READ }],
  },
];

/** When a program counts as ready and alive (GAP-2: our defaults). */
const asked = (port: string, scheme: string) => ({
  startupProbe: { httpGet: { path: '/healthz', port, scheme }, periodSeconds: 2, failureThreshold: 90 },
  readinessProbe: { httpGet: { path: '/readyz', port, scheme }, periodSeconds: 5, timeoutSeconds: 5 },
  livenessProbe: {
    httpGet: { path: '/healthz', port, scheme },
    periodSeconds: 10,
    timeoutSeconds: 10,
    failureThreshold: 6,
  },
});

export interface KedaSurroundings extends Surroundings {
  /** The queues it looks at: their pods, and the port of the pods. */
  readonly queues: readonly { readonly name: string; readonly place: Place; readonly port: number }[];
}

/** Whom its programs talk to. */
export function kedaConnections(name: string, { apiServer, dns, queues }: KedaSurroundings): Connections {
  const pods = (instance: string): Place => ({ pods: selector({ component: ADDON, instance }) });
  const { operator, metrics } = namesOf(name);
  const both = [operator, metrics];
  return {
    places: {
      [operator]: pods(operator),
      [metrics]: pods(metrics),
      'api-server': { cidrs: apiServer.cidrs },
      dns,
      ...Object.fromEntries(queues.map((queue) => [queue.name, queue.place])),
    },
    edges: [
      ...both.map((from) => ({ from, to: 'api-server', port: apiServer.port })),
      ...both.map((from) => ({ from, to: 'dns', port: 53, protocols: ['TCP', 'UDP'] as const })),
      { from: 'api-server', to: metrics, port: PORTS.https },
      { from: metrics, to: operator, port: PORTS.questions },
      ...queues.map((queue) => ({ from: operator, to: queue.name, port: queue.port })),
    ],
  };
}

/** Its pods that look at queues, as a place for the fence around those. */
export const kedaOperator = (name: string, namespace: string): Place => ({
  namespace,
  pods: selector({ component: ADDON, instance: namesOf(name).operator }),
});
