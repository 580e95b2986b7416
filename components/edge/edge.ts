/** NGINX of our own before everything that clients reach. Knows hosts and Services, not what answers behind them. */
import * as pulumi from '@pulumi/pulumi';
import { Deployment } from '@pulumi/kubernetes/apps/v1/deployment.js';
import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js';
import { Service } from '@pulumi/kubernetes/core/v1/service.js';
import { ServiceAccount } from '@pulumi/kubernetes/core/v1/serviceAccount.js';
import { PodDisruptionBudget } from '@pulumi/kubernetes/policy/v1/podDisruptionBudget.js';
import {
  balancerName,
  bytes,
  contentName,
  labels,
  PlatformComponent,
  seconds,
  selector,
  stamped,
  unlessAwaited,
  type Bytes,
  type CpuRange,
  type Duration,
  type Image,
  type Workload,
} from '../core/index.ts';
import { exposed, publicHttps, type EdgeExposure } from './exposure.ts';
import { modsecurityConf } from './firewall.ts';
import { isSecure, nginxConf } from './nginx.ts';
import { PORTS, SOLVER } from './place.ts';
import { podSpec } from './pod.ts';
import { splitsOf } from './split.ts';
import {
  checkSites,
  type Certificate,
  type ClientAddress,
  type Firewall,
  type RateLimit,
  type Site,
} from './settings.ts';

export interface EdgeArgs {
  readonly namespace: string;
  readonly partOf: string;
  /** nginx-unprivileged, or with a firewall modsecurity-crs: the configuration is the same. */
  readonly image: Image;
  /** Above 1, a drain of a node takes them one at a time. */
  readonly replicas: number;
  /** One worker runs for each whole core of the limit. */
  readonly cpu: CpuRange;
  /** The firewall's rules take about 50Mi a worker. */
  readonly memory: Bytes;
  /** What is served. Changing it rolls the pods without a gap. */
  readonly sites: readonly Site[];
  readonly exposure: EdgeExposure;
  readonly clientAddress: ClientAddress;
  readonly rateLimit: RateLimit;
  /** @default requests are not inspected (CONF-46) */
  readonly firewall?: Firewall | undefined;
  /** The cluster's DNS, by a name or an address. */
  readonly resolver: string;
  /** How long a leaving pod goes on serving, while load balancers notice. */
  readonly drain: Duration;
  /** How long a rollout may go without progress before it, and the update, has failed. */
  readonly rolloutDeadline: Duration;
}

/**
 * The platform's edge (D-ING-1, A-TOPO-7, CONF-34): host names, TLS, limits, CORS, E's headers and the firewall.
 *
 * It starts without its certificates, so that an issuer can ask it for the proof of a host (ACME's HTTP-01, through the
 * Service `acme-solver`); until they are there, plain HTTP leads to TLS, and TLS refuses. A certificate that changes later
 * counts from the next handshake on, without a reload.
 *
 * Cost: `replicas` pods, one more during a rollout, and what the cloud asks for a load balancer. Failure: while no pod is
 * ready, nothing is reachable from outside. One upstream that is down is 502 for its host alone.
 */
export class Edge extends PlatformComponent {
  readonly workload: Workload;
  /** The digest of template and configuration, as it stands on the pods. */
  readonly subject: pulumi.Output<string>;
  /** The Service that clients reach, also from inside: ports 80 and 443. */
  readonly service: string;
  /** Where the pods answer in the clear, as gates ask them: with a host's name, or `/healthz` without one. */
  readonly port = PORTS.http;
  readonly #outside: Service;

  constructor(name: string, args: EdgeArgs, options: pulumi.ComponentResourceOptions) {
    const hosts = args.sites.map(({ host }) => host).toSorted();
    super(
      'platform:host:Edge',
      name,
      { hosts, exposure: args.exposure.kind, firewall: args.firewall?.mode ?? 'off' },
      options,
    );
    checkSites(args.sites, args.clientAddress);
    const { namespace } = args;
    const identity = { component: 'edge', instance: name, partOf: args.partOf };
    const metadata = (object: string) => ({ name: object, namespace, labels: labels(identity) });
    const child = { parent: this };
    const secure = isSecure(args.sites);

    const data = files(args);
    const configuration = contentName(`${name}-config`, data);
    const config = new ConfigMap(configuration, { metadata: metadata(configuration), immutable: true, data }, child);
    const account = new ServiceAccount(
      `${name}-account`,
      { metadata: metadata(name), automountServiceAccountToken: false },
      child,
    );
    const outside = exposed(args.exposure, secure, args.clientAddress.from === 'proxyProtocol');
    const service = new Service(
      `${name}-service`,
      {
        metadata: unwaited(metadata(name), outside.annotations),
        spec: { ...outside.spec, selector: selector(identity) },
      },
      child,
    );
    // Headless, so that each pod that solves a challenge can be asked; unready, because it is needed only for seconds.
    const solver = new Service(
      `${name}-${SOLVER.service}`,
      {
        metadata: unwaited(metadata(SOLVER.service)),
        spec: {
          clusterIP: 'None',
          publishNotReadyAddresses: true,
          selector: SOLVER.pods,
          ports: [{ name: 'http', port: SOLVER.port, targetPort: SOLVER.port }],
        },
      },
      child,
    );
    if (args.replicas > 1) {
      new PodDisruptionBudget(
        `${name}-disruptions`,
        { metadata: metadata(name), spec: { maxUnavailable: 1, selector: { matchLabels: selector(identity) } } },
        child,
      );
    }

    const spec = podSpec(name, {
      ...{ ...args, configuration, selector: selector(identity) },
      certificates: secretsOf(args.sites.map(({ tls }) => tls)),
      authorities: secretsOf(args.sites.map(({ upstream }) => upstream.tls)),
      splits: splitsOf(args.sites),
    });
    const { template, subject } = stamped({ labels: labels(identity), spec });
    const deadline = seconds(args.rolloutDeadline);
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
          progressDeadlineSeconds: deadline,
          template,
        },
      },
      {
        ...child,
        dependsOn: [config, account, service, solver],
        // A little more than Kubernetes' own deadline, so that the message names its reason.
        customTimeouts: { create: `${deadline + 15}s`, update: `${deadline + 15}s` },
      },
    );

    this.workload = { namespace, kind: 'Deployment', name };
    this.subject = pulumi.all([subject, deployment.id]).apply(([known]) => known);
    this.service = name;
    this.#outside = service;
    this.registerOutputs({ subject: this.subject });
  }

  /** The name that its load balancer has in the cloud, for records to lead to. Only where `exposure.nlb.awaited`. */
  get hostname(): pulumi.Output<string> {
    return balancerName(this.#outside);
  }
}

/** The Secrets that are named, each once, in one order. */
const secretsOf = (named: readonly (Certificate | undefined)[]): string[] =>
  [...new Set(named.flatMap((tls) => tls?.secretName ?? []))].toSorted();

/** What the pods read. */
function files(args: EdgeArgs): Record<string, string> {
  const { firewall } = args;
  const conf = nginxConf({ ...args, cores: args.cpu.limit, publicHttps: publicHttps(args.exposure) });
  const largest = Math.max(...args.sites.filter(({ inspected }) => inspected).map(({ maxBody }) => bytes(maxBody)), 1);
  return { 'nginx.conf': conf, ...(firewall && { 'modsecurity.conf': modsecurityConf(firewall, largest) }) };
}

/** Whether a Service answers is the gates' question; a load balancer is waited for only where somebody asked for that. */
const unwaited = <M extends object>(metadata: M, annotations: Record<string, string> = {}) => ({
  ...metadata,
  annotations: unlessAwaited(annotations),
});
