/** Proxies that lead to whichever member is the master. They ask the members themselves, once a second. */
import * as pulumi from '@pulumi/pulumi';
import { Deployment } from '@pulumi/kubernetes/apps/v1/deployment.js';
import { ServiceAccount } from '@pulumi/kubernetes/core/v1/serviceAccount.js';
import { PodDisruptionBudget } from '@pulumi/kubernetes/policy/v1/podDisruptionBudget.js';
import {
  apart,
  CONTAINER_SECURITY,
  labels,
  podSecurity,
  probes,
  resources,
  seconds,
  selector,
  stamped,
  type Duration,
  type Identity,
  type PlatformComponent,
  type Workload,
} from '../core/index.ts';
import { configuration } from '../store/index.ts';
import { domainOf, hosts, secretVariable, type ProxySettings, type Whereabouts } from './topology.ts';

/** Metrics and the proxies' own health. */
export const STATUS_PORT = 8404;

export const proxyIdentity = (name: string, partOf: string): Identity => ({
  component: 'haproxy',
  instance: `${name}-proxy`,
  partOf,
});

export interface ProxyArgs extends ProxySettings, Whereabouts {
  readonly partOf: string;
  readonly members: number;
  readonly startDeadline: Duration;
  readonly fingerprintKey: pulumi.Input<string>;
  /** The password of the user `probe`. */
  readonly password: pulumi.Input<string>;
  readonly dependsOn: pulumi.Resource[];
}

/** `haproxy.cfg`. Pure. */
export function haproxyConf(
  name: string,
  { members, ...whereabouts }: Whereabouts & { readonly members: number },
  port: number,
): string {
  const servers = hosts(members, name, domainOf(whereabouts)).map((host, i) => `  server ${name}-${i} ${host}:${port}`);
  return `global
  log stdout format raw local0 notice
  maxconn 4096
  nbthread 1
  hard-stop-after 10s

defaults
  log global
  mode tcp
  timeout connect 2s
  timeout check 2s
  timeout client 1h
  timeout server 1h

# A pod's address changes with the pod. While nobody answers, the known one is kept.
resolvers cluster
  parse-resolv-conf
  accepted_payload_size 4096
  timeout resolve 1s
  timeout retry 1s
  hold valid 1s
  hold obsolete 1s
  hold nx 5s
  hold timeout 1h
  hold refused 1h
  hold other 1h

frontend redis
  bind :${port}
  default_backend master

# Whoever says that it is the master. Should two say so, the first is used, and the other's writes are refused for want
# of replicas. A member that no longer is the master loses its connections at once.
backend master
  balance first
  option tcp-check
  tcp-check connect
  tcp-check send "AUTH probe \${PROBE_PASSWORD}\\r\\n"
  tcp-check expect string +OK
  tcp-check send "INFO replication\\r\\n"
  tcp-check expect min-recv 40 string role:master
  default-server check inter 1s fall 2 rise 1 on-marked-down shutdown-sessions resolvers cluster resolve-prefer ipv4 init-addr none
${servers.join('\n')}

frontend status
  mode http
  bind :${STATUS_PORT}
  monitor-uri /healthz
  http-request use-service prometheus-exporter if { path /metrics }
`;
}

/** The Deployment of the proxies, with its account and budget, all under `<name>-proxy`. */
export function proxies(
  owner: PlatformComponent,
  name: string,
  args: ProxyArgs,
  port: number,
): { readonly workload: Workload; readonly subject: pulumi.Output<string> } {
  const { namespace, replicas } = args;
  const identity = proxyIdentity(name, args.partOf);
  const metadata = { name: `${name}-proxy`, namespace, labels: labels(identity) };
  const child = { parent: owner };
  const account = new ServiceAccount(`${name}-proxy-account`, { metadata, automountServiceAccountToken: false }, child);
  const data = { 'haproxy.cfg': haproxyConf(name, args, port) };
  const config = configuration(owner, `${name}-proxy-config`, { namespace, identity }, data);
  const { template, subject } = stamped(
    { labels: labels(identity), spec: podSpec(name, args, identity, config.name, port) },
    { key: args.fingerprintKey, values: { probe: args.password } },
  );
  const deadline = seconds(args.startDeadline);
  const deployment = new Deployment(
    `${name}-proxy-deployment`,
    {
      metadata,
      spec: {
        replicas,
        selector: { matchLabels: selector(identity) },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        revisionHistoryLimit: 3,
        progressDeadlineSeconds: deadline,
        template,
      },
    },
    {
      ...child,
      dependsOn: [account, config.object, ...args.dependsOn],
      customTimeouts: { create: `${deadline + 15}s`, update: `${deadline + 15}s` },
    },
  );
  if (replicas > 1) {
    new PodDisruptionBudget(
      `${name}-proxy-budget`,
      { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: selector(identity) } } },
      child,
    );
  }
  return {
    workload: { namespace, kind: 'Deployment', name: metadata.name },
    subject: pulumi.all([subject, deployment.id]).apply(([known]) => known),
  };
}

const podSpec = (name: string, args: ProxyArgs, identity: Identity, config: string, port: number) => ({
  serviceAccountName: `${name}-proxy`,
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  securityContext: podSecurity(args.image.uid),
  terminationGracePeriodSeconds: 20,
  ...apart(selector(identity), true),
  containers: [
    {
      name: 'haproxy',
      image: args.image.reference,
      imagePullPolicy: 'IfNotPresent',
      env: [secretVariable('PROBE_PASSWORD', name, 'probe-password')],
      ports: [
        { name: 'redis', containerPort: port },
        { name: 'status', containerPort: STATUS_PORT },
      ],
      resources: resources(args.cpu, args.memory),
      securityContext: CONTAINER_SECURITY,
      // The proxy's own health, whether or not there is a master: without one it refuses, and says so at once.
      ...probes({ httpGet: { path: '/healthz', port: 'status' } }),
      // The cluster takes the pod out of the Service while it still answers.
      lifecycle: { preStop: { exec: { command: ['sleep', '3'] } } },
      volumeMounts: [{ name: 'config', mountPath: '/usr/local/etc/haproxy', readOnly: true }],
    },
  ],
  volumes: [{ name: 'config', configMap: { name: config } }],
});
