/** The AWS Load Balancer Controller: load balancers of AWS for the Services of a cluster. Knows nothing of whose they are. */
import * as pulumi from '@pulumi/pulumi';
import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js';
import { Secret } from '@pulumi/kubernetes/core/v1/secret.js';
import { RandomBytes } from '@pulumi/random/randomBytes.js';
import {
  dnsLabel,
  labels,
  PlatformComponent,
  selector,
  type Duration,
  type Image,
  type Workload,
} from '../../../components/core/index.ts';
import type { Connections, Surroundings } from '../connections.ts';
import { installCrds } from '../crds.ts';
import { program, type Program, type ProgramSize } from '../program.ts';
import type { Rights } from '../rights.ts';
import { selfSigned } from './certificate.ts';

const ADDON = 'aws-load-balancer-controller';
const PORTS = { metrics: 8080, health: 61_779 } as const;
const CERTIFICATE = '/certificate';
/** Fixed by the controller. */
const LEASE = 'aws-load-balancer-controller-leader';

/** The program, its account and its objects. */
const controllerOf = (name: string): string => dnsLabel(name, 'controller');

/** The account that the role at AWS is for, known before anything of it is there. */
export const loadBalancerAccount = controllerOf;

export interface LoadBalancerControllerArgs {
  /** Its own namespace, already there and fenced by {@link loadBalancerConnections}. */
  readonly namespace: string;
  readonly partOf: string;
  /** The only namespace whose Services it serves. Already there. */
  readonly serves: string;
  /** The cluster's name at EKS: it stands as a tag on everything that is made, and the role goes by that. */
  readonly cluster: string;
  readonly region: string;
  /** The network of the cluster. Stated, so that nothing has to ask the node it is on, whose answers are not for pods. */
  readonly vpcId: pulumi.Input<string>;
  readonly image: Image;
  readonly size: ProgramSize;
  readonly startDeadline: Duration;
}

/**
 * The controller with the kinds (A-TOPO-7, B-TOPO-1, GAP-17), for Services alone. Its role has to be there before its pods,
 * which get their credentials as they start (EKS Pod Identity): let this component depend on it.
 *
 * Its webhooks stay out. They check kinds that only the controller writes here, and name a class on Services that name none:
 * ours say by an annotation whose they are. While it was away, they would refuse every Service of the cluster.
 *
 * *Cost*: one pod for each replica, and what AWS asks for the load balancers. *Failure*: those that are there go on; pods
 * that come and go are not told to them, so that a rollout meanwhile ends in addresses that nobody answers on. Its
 * destruction leaves the kinds; the Services have to go before it, because it ends them itself.
 */
export class LoadBalancerController extends PlatformComponent {
  readonly controller: Program;
  readonly workloads: readonly Workload[];

  constructor(name: string, args: LoadBalancerControllerArgs, options: pulumi.ComponentResourceOptions) {
    const { namespace, partOf, serves, cluster, image, startDeadline } = args;
    super('platform:host:LoadBalancerController', name, { namespace, serves, cluster }, options);
    const controller = controllerOf(name);
    const around = this.#around(name, args);
    this.controller = program(this, controller, {
      ...{ ...args.size, namespace, partOf, addon: ADDON, image, startDeadline },
      args: told(args),
      // Expanded by Kubernetes: the pods stay as they are while the network has no number yet.
      env: [{ name: 'VPC_ID', valueFrom: { configMapKeyRef: { name: around.network, key: 'vpcId' } } }],
      ports: { ...PORTS },
      secrets: { [CERTIFICATE]: { name: around.certificate, optional: false } },
      rights: rights(namespace, serves),
      probes: PROBES,
      after: [...around.resources, ...installCrds(this, name, ADDON, partOf)],
    });
    this.workloads = [this.controller.workload];
    this.registerOutputs({});
  }

  /** What its pods read: the number of the network, and a certificate. */
  #around(name: string, { namespace, partOf, vpcId }: LoadBalancerControllerArgs) {
    const common = labels({ component: ADDON, instance: controllerOf(name), partOf });
    const metadata = (object: string) => ({ name: object, namespace, labels: common });
    const [network, certificate] = [dnsLabel(name, 'network'), dnsLabel(name, 'certificate')];
    const child = { parent: this };
    const seed = new RandomBytes(`${name}-key`, { length: 32 }, child);
    // The server of the webhooks wants a certificate to start with, though nobody asks it and the fence lets nobody in.
    const pair = pulumi
      .secret(seed.base64)
      .apply((text) => selfSigned(Buffer.from(text, 'base64'), controllerOf(name)));
    return {
      ...{ network, certificate },
      resources: [
        new ConfigMap(network, { metadata: metadata(network), data: { vpcId } }, child),
        new Secret(
          certificate,
          {
            metadata: metadata(certificate),
            stringData: {
              'tls.crt': pair.apply(({ certificate: text }) => text),
              'tls.key': pair.apply(({ key }) => key),
            },
          },
          child,
        ),
      ],
    };
  }
}

const told = ({ namespace, serves, cluster, region }: LoadBalancerControllerArgs): string[] => [
  `--cluster-name=${cluster}`,
  `--aws-region=${region}`,
  '--aws-vpc-id=$(VPC_ID)',
  `--watch-namespace=${serves}`,
  `--leader-election-namespace=${namespace}`,
  '--default-target-type=ip',
  // What its role has no rights for, since nothing here asks for it.
  ...['shield', 'waf', 'wafv2', 'pod-readiness-gate-inject'].map((what) => `--enable-${what}=false`),
  '--feature-gates=LBCapacityReservation=false',
  `--webhook-cert-dir=${CERTIFICATE}`,
  `--metrics-bind-addr=:${PORTS.metrics}`,
  `--health-probe-bind-addr=:${PORTS.health}`,
];

/** When it counts as ready and alive (GAP-2: our defaults). */
const PROBES = {
  startupProbe: { httpGet: { path: '/readyz', port: 'health' }, periodSeconds: 2, failureThreshold: 90 },
  readinessProbe: { httpGet: { path: '/readyz', port: 'health' }, periodSeconds: 10, timeoutSeconds: 5 },
  livenessProbe: {
    httpGet: { path: '/healthz', port: 'health' },
    periodSeconds: 10,
    timeoutSeconds: 10,
    failureThreshold: 6,
  },
};

const READ = ['get', 'list', 'watch'];

/**
 * In its own namespace who leads; in the one it serves, its objects. What belongs to no namespace it only reads; the classes of
 * Ingresses are among it because its caches are filled at the start, whether there is any or not.
 */
function rights(namespace: string, serves: string): Rights[] {
  const group = 'elbv2.k8s.aws';
  const events = { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] };
  return [
    {
      in: 'cluster',
      rules: [
        { apiGroups: [''], resources: ['nodes'], verbs: READ },
        { apiGroups: ['networking.k8s.io'], resources: ['ingressclasses'], verbs: READ },
        { apiGroups: [group], resources: ['ingressclassparams'], verbs: READ },
      ],
    },
    {
      in: { namespace },
      rules: [
        { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
        {
          apiGroups: ['coordination.k8s.io'],
          resources: ['leases'],
          resourceNames: [LEASE],
          verbs: ['get', 'update', 'patch'],
        },
        events,
      ],
    },
    {
      in: { namespace: serves },
      rules: [
        // It puts a finalizer on each Service that it serves, and the load balancer's name into its status.
        { apiGroups: [''], resources: ['services'], verbs: [...READ, 'patch'] },
        { apiGroups: [''], resources: ['services/status'], verbs: ['patch'] },
        { apiGroups: [''], resources: ['pods'], verbs: READ },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: READ },
        { apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs: READ },
        { apiGroups: [group], resources: ['targetgroupbindings'], verbs: [...READ, 'create', 'patch', 'delete'] },
        { apiGroups: [group], resources: ['targetgroupbindings/status'], verbs: ['patch'] },
        events,
      ],
    },
  ];
}

export interface LoadBalancerSurroundings extends Surroundings {
  /** Where AWS answers: the network itself, where it has endpoints of EC2 and of Elastic Load Balancing. */
  readonly aws: readonly string[];
}

/** The agent on each node that hands out credentials (EKS Pod Identity). */
const IDENTITY = { cidrs: ['169.254.170.23/32'], port: 80 } as const;

/** Whom it talks to. Nobody calls it. */
export function loadBalancerConnections(name: string, { apiServer, dns, aws }: LoadBalancerSurroundings): Connections {
  const from = controllerOf(name);
  return {
    places: {
      [from]: { pods: selector({ component: ADDON, instance: from }) },
      'api-server': { cidrs: apiServer.cidrs },
      dns,
      aws: { cidrs: aws },
      identity: { cidrs: IDENTITY.cidrs },
    },
    edges: [
      { from, to: 'api-server', port: apiServer.port },
      { from, to: 'dns', port: 53, protocols: ['TCP', 'UDP'] },
      { from, to: 'aws', port: 443 },
      { from, to: 'identity', port: IDENTITY.port },
    ],
  };
}
