/** prometheus-adapter: what Prometheus counts, as a metric that autoscalers can ask for. */
import { APIService } from '@pulumi/kubernetes/apiregistration/v1/apiservice.js';
import { ClusterRole } from '@pulumi/kubernetes/rbac/v1/clusterRole.js';
import { ClusterRoleBinding } from '@pulumi/kubernetes/rbac/v1/clusterRoleBinding.js';
import type * as pulumi from '@pulumi/pulumi';
import {
  labels,
  PlatformComponent,
  selector,
  type Duration,
  type Image,
  type Workload,
} from '../../components/core/index.ts';
import type { Connections, Place, Surroundings } from './connections.ts';
import { program, type Program, type ProgramSize } from './program.ts';
import type { Rights } from './rights.ts';

const ADDON = 'prometheus-adapter';
const PORT = 6443;
/** The group that autoscalers ask for what belongs to an object of Kubernetes. */
const GROUP = 'custom.metrics.k8s.io';
const VERSION = 'v1beta1';

/** A metric of pods, made of a counter of theirs. */
export interface PodMetric {
  /** Its name for autoscalers. */
  readonly name: string;
  /** The counter's name, as it stands in Prometheus with labels `namespace` and `pod`. */
  readonly counter: string;
  /** Over how long a rate is taken. */
  readonly window: Duration;
}

export interface PrometheusAdapterArgs {
  /** Its own namespace, already there and fenced by {@link prometheusAdapterConnections}. */
  readonly namespace: string;
  readonly partOf: string;
  readonly image: Image;
  /** Prometheus, as an address. */
  readonly prometheus: string;
  readonly metrics: readonly PodMetric[];
  readonly size: ProgramSize;
  readonly startDeadline: Duration;
}

/**
 * The adapter and the group it serves (D-HPA-3). Only the metrics that are asked for: everything else that Prometheus
 * knows stays out of the API server's discovery.
 *
 * *Cost*: one pod for each replica, and a query for each autoscaler and metric every 15 s. *Failure*: an autoscaler that
 * asks for its metric adds pods by the others and takes none away.
 */
export class PrometheusAdapter extends PlatformComponent {
  readonly adapter: Program;
  readonly workloads: readonly Workload[];

  constructor(name: string, args: PrometheusAdapterArgs, options: pulumi.ComponentResourceOptions) {
    super('platform:host:PrometheusAdapter', name, { namespace: args.namespace }, options);
    const { namespace, partOf, image, startDeadline } = args;
    const question = (path: string) => ({ httpGet: { path, port: 'https', scheme: 'HTTPS' }, periodSeconds: 10 });
    this.adapter = program(this, name, {
      ...{ ...args.size, namespace, partOf, addon: ADDON, image, startDeadline, after: [] },
      args: [
        `--secure-port=${PORT}`,
        // Signed by itself, and kept in memory of the node: the API server is told to take any, as with metrics-server.
        '--cert-dir=/tmp/certificates',
        `--prometheus-url=${args.prometheus}`,
        '--metrics-relist-interval=1m',
        '--config=/config/config.yaml',
      ],
      config: rules(args.metrics),
      ports: { https: PORT },
      service: { https: { port: 443, to: 'https' } },
      writes: ['/tmp'],
      rights: RIGHTS,
      probes: {
        startupProbe: { ...question('/livez'), periodSeconds: 2, failureThreshold: 90 },
        readinessProbe: question('/readyz'),
        livenessProbe: { ...question('/livez'), failureThreshold: 6 },
      },
    });
    this.workloads = [this.adapter.workload];
    this.#serve(name, args);
    this.registerOutputs({});
  }

  /** Says where the group is served, and lets autoscalers ask. */
  #serve(name: string, { namespace, partOf }: PrometheusAdapterArgs): void {
    const common = labels({ component: ADDON, instance: name, partOf });
    new APIService(
      `${name}-custom-metrics`,
      {
        metadata: { name: `${VERSION}.${GROUP}`, labels: common },
        spec: {
          ...{ group: GROUP, version: VERSION, groupPriorityMinimum: 100, versionPriority: 100 },
          service: { name, namespace, port: 443 },
          insecureSkipTLSVerify: true,
        },
      },
      { parent: this, dependsOn: this.adapter.deployment },
    );
    const metadata = { name: `${name}-reader`, labels: common };
    const role = new ClusterRole(
      `${name}-reader`,
      { metadata, rules: [{ apiGroups: [GROUP], resources: ['*'], verbs: ['get', 'list'] }] },
      { parent: this },
    );
    new ClusterRoleBinding(
      `${name}-reader-binding`,
      {
        metadata,
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name },
        subjects: [{ kind: 'ServiceAccount', name: 'horizontal-pod-autoscaler', namespace: 'kube-system' }],
      },
      { parent: this, dependsOn: role },
    );
  }
}

/** It finds the pods that a metric is asked for, and lets the API server say who asks. */
const RIGHTS: Rights[] = [
  { in: 'cluster', clusterRole: 'system:auth-delegator' },
  { in: { namespace: 'kube-system' }, role: 'extension-apiserver-authentication-reader' },
  { in: 'cluster', rules: [{ apiGroups: [''], resources: ['namespaces', 'pods'], verbs: ['get', 'list', 'watch'] }] },
];

/** The file that `--config` names. JSON is YAML, and its text does not depend on a printer's version. */
export const rules = (metrics: readonly PodMetric[]): Record<string, string> => ({
  'config.yaml': `${JSON.stringify(
    {
      rules: metrics.map(({ name, counter, window }) => ({
        seriesQuery: `${counter}{namespace!="",pod!=""}`,
        resources: { overrides: { namespace: { resource: 'namespace' }, pod: { resource: 'pod' } } },
        name: { matches: `^${counter}$`, as: name },
        metricsQuery: `sum(rate(<<.Series>>{<<.LabelMatchers>>}[${window}])) by (<<.GroupBy>>)`,
      })),
    },
    null,
    2,
  )}\n`,
});

export interface PrometheusAdapterSurroundings extends Surroundings {
  readonly prometheus: { readonly place: Place; readonly port: number };
}

/** Whom it talks to. */
export const prometheusAdapterConnections = (
  name: string,
  { apiServer, dns, prometheus }: PrometheusAdapterSurroundings,
): Connections => ({
  places: {
    [name]: { pods: selector({ component: ADDON, instance: name }) },
    'api-server': { cidrs: apiServer.cidrs },
    dns,
    prometheus: prometheus.place,
  },
  edges: [
    { from: name, to: 'api-server', port: apiServer.port },
    { from: name, to: 'dns', port: 53, protocols: ['TCP', 'UDP'] },
    { from: name, to: 'prometheus', port: prometheus.port },
    { from: 'api-server', to: name, port: PORT },
  ],
});
