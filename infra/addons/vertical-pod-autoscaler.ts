/** The VerticalPodAutoscaler's recommender: sizes for pods, suggested and never applied. */
import type * as pulumi from '@pulumi/pulumi';
import {
  dnsLabel,
  PlatformComponent,
  selector,
  type Duration,
  type Image,
  type Workload,
} from '../../components/core/index.ts';
import type { Connections, Surroundings } from './connections.ts';
import { installCrds } from './crds.ts';
import { program, type Program, type ProgramSize } from './program.ts';
import type { Rights } from './rights.ts';

const ADDON = 'vpa';
const PORT = 8942;

const recommenderOf = (name: string): string => dnsLabel(name, 'recommender');

export interface VerticalPodAutoscalerArgs {
  /** Its own namespace, already there and fenced by {@link verticalPodAutoscalerConnections}. */
  readonly namespace: string;
  readonly partOf: string;
  /** The namespace whose pods it looks at. Already there. */
  readonly serves: string;
  readonly image: Image;
  readonly size: ProgramSize;
  readonly startDeadline: Duration;
  /** How often it looks at what pods use. @default 1m, its own; what is suggested needs some of them */
  readonly every?: Duration | undefined;
}

/**
 * The recommender alone, with the kinds (D-HPA-5): updater and admission controller, which would restart and change pods,
 * stay out.
 *
 * *Cost*: one pod. *Failure*: recommendations grow old. Its destruction leaves the kinds and what was recommended.
 */
export class VerticalPodAutoscaler extends PlatformComponent {
  readonly recommender: Program;
  readonly workloads: readonly Workload[];

  constructor(name: string, args: VerticalPodAutoscalerArgs, options: pulumi.ComponentResourceOptions) {
    super('platform:host:VerticalPodAutoscaler', name, { namespace: args.namespace, serves: args.serves }, options);
    const { namespace, partOf, image, serves, every, startDeadline } = args;
    const crds = installCrds(this, name, ADDON, partOf);
    this.recommender = program(this, recommenderOf(name), {
      ...{ ...args.size, namespace, partOf, addon: ADDON, image, startDeadline, after: crds },
      args: [
        `--vpa-object-namespace=${serves}`,
        `--leader-elect=true`,
        `--leader-elect-resource-namespace=${namespace}`,
        ...(every === undefined ? [] : [`--recommender-interval=${every}`]),
      ],
      ports: { metrics: PORT },
      rights: rights(namespace, serves),
      probes: {
        readinessProbe: { httpGet: { path: '/health-check', port: 'metrics' }, periodSeconds: 5 },
        livenessProbe: {
          httpGet: { path: '/health-check', port: 'metrics' },
          initialDelaySeconds: 10,
          periodSeconds: 10,
          failureThreshold: 6,
        },
      },
    });
    this.workloads = [this.recommender.workload];
    this.registerOutputs({});
  }
}

const READ = ['get', 'list', 'watch'];

function rights(namespace: string, serves: string): Rights[] {
  return [
    {
      in: { namespace },
      rules: [
        { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update', 'patch'] },
      ],
    },
    {
      in: { namespace: serves },
      rules: [
        { apiGroups: ['autoscaling.k8s.io'], resources: ['verticalpodautoscalers'], verbs: READ },
        { apiGroups: ['autoscaling.k8s.io'], resources: ['verticalpodautoscalers/status'], verbs: ['get', 'patch'] },
        {
          apiGroups: ['autoscaling.k8s.io'],
          resources: ['verticalpodautoscalercheckpoints'],
          verbs: [...READ, 'create', 'patch', 'delete'],
        },
        {
          apiGroups: ['autoscaling.k8s.io'],
          resources: ['verticalpodautoscalercheckpoints/status'],
          verbs: ['get', 'patch'],
        },
        { apiGroups: [''], resources: ['pods', 'limitranges', 'replicationcontrollers'], verbs: READ },
        { apiGroups: ['metrics.k8s.io'], resources: ['pods'], verbs: ['get', 'list'] },
        { apiGroups: ['apps'], resources: ['deployments', 'replicasets', 'statefulsets', 'daemonsets'], verbs: READ },
        { apiGroups: ['apps'], resources: ['deployments/scale', 'statefulsets/scale'], verbs: ['get'] },
        { apiGroups: ['batch'], resources: ['jobs', 'cronjobs'], verbs: READ },
        { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: READ },
      ],
    },
  ];
}

/** Whom it talks to: the API server, which also hands it what metrics-server knows. */
export const verticalPodAutoscalerConnections = (name: string, { apiServer, dns }: Surroundings): Connections => {
  const recommender = recommenderOf(name);
  return {
    places: {
      [recommender]: { pods: selector({ component: ADDON, instance: recommender }) },
      'api-server': { cidrs: apiServer.cidrs },
      dns,
    },
    edges: [
      { from: recommender, to: 'api-server', port: apiServer.port },
      { from: recommender, to: 'dns', port: 53, protocols: ['TCP', 'UDP'] },
    ],
  };
};
