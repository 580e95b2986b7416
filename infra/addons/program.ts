/**
 * One program of an add-on: account, rights, configuration, Deployment and Service, as small as Pod Security `restricted`
 * wants them. Knows nothing of what the program is.
 */
import type * as pulumi from '@pulumi/pulumi';
import type { types } from '@pulumi/kubernetes';
import { Deployment } from '@pulumi/kubernetes/apps/v1/deployment.js';
import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js';
import { Service } from '@pulumi/kubernetes/core/v1/service.js';
import { ServiceAccount } from '@pulumi/kubernetes/core/v1/serviceAccount.js';
import { PodDisruptionBudget } from '@pulumi/kubernetes/policy/v1/podDisruptionBudget.js';
import {
  apart,
  CONTAINER_SECURITY,
  contentName,
  labels,
  podSecurity,
  resources,
  seconds,
  selector,
  stamped,
  type Bytes,
  type CpuRange,
  type Duration,
  type Image,
  type PlatformComponent,
  type Workload,
} from '../../components/core/index.ts';
import { grant, type Rights } from './rights.ts';

type Container = types.input.core.v1.Container;
type Probe = types.input.core.v1.Probe;

/** What an add-on is given for each of its programs. */
export interface ProgramSize {
  readonly cpu: CpuRange;
  readonly memory: Bytes;
  /**
   * Pods. More than one costs as many; of most add-ons only one works at a time, the others take over within seconds.
   * @default 1
   */
  readonly replicas?: number | undefined;
}

export interface ProgramArgs extends ProgramSize {
  /** The namespace of the add-on. It exists, with Pod Security and its fence: who makes it is the stack. */
  readonly namespace: string;
  readonly partOf: string;
  /** The add-on, as `app.kubernetes.io/name`: `cert-manager`. With `name` as the instance it selects the pods. */
  readonly addon: string;
  readonly image: Image;
  readonly args: string[];
  readonly env?: Container['env'];
  /** Names and numbers of the pod's ports. */
  readonly ports: Readonly<Record<string, number>>;
  /** The Service's own ports, each with the name of the pod's port it leads to. Without it: no Service. */
  readonly service?: Readonly<Record<string, { readonly port: number; readonly to: string }>>;
  /** Files below `/config`; another content is another ConfigMap and rolls the pods. Nothing secret. */
  readonly config?: Readonly<Record<string, string>>;
  /** Folders that the program writes to, as they are in memory of the node: `/tmp`. */
  readonly writes?: readonly string[];
  /** Secrets as files, by the folder. An optional one may come after the pod, which then finds it within a minute or so. */
  readonly secrets?: Readonly<Record<string, { readonly name: string; readonly optional: boolean }>>;
  readonly probes: { readonly startupProbe?: Probe; readonly readinessProbe: Probe; readonly livenessProbe: Probe };
  /** What its account may do, and nothing else. Empty: no token is mounted. */
  readonly rights: readonly Rights[];
  /** How long the rollout may go without progress. */
  readonly startDeadline: Duration;
  /** What must be there before its pods: the kinds it watches. */
  readonly after: readonly pulumi.Resource[];
}

export interface Program {
  readonly workload: Workload;
  /** The digest of template and configuration, for gates. Known once the pods have been rolled. */
  readonly subject: pulumi.Output<string>;
  readonly deployment: Deployment;
}

const CONFIG = '/config';

/** Makes the objects as children of `owner`. All but the configuration are called `name`. */
export function program(owner: PlatformComponent, name: string, args: ProgramArgs): Program {
  const { namespace } = args;
  const identity = { component: args.addon, instance: name, partOf: args.partOf };
  const common = labels(identity);
  const metadata = { name, namespace, labels: common };
  const child = { parent: owner };

  const account = new ServiceAccount(`${name}-account`, { metadata, automountServiceAccountToken: false }, child);
  const granted = grant(owner, name, { namespace, labels: common }, args.rights);
  const configuration = args.config && contentName(`${name}-config`, args.config);
  const reads =
    configuration === undefined
      ? []
      : [
          new ConfigMap(
            configuration,
            { metadata: { ...metadata, name: configuration }, immutable: true, data: { ...args.config } },
            child,
          ),
        ];
  if (args.service) {
    new Service(
      `${name}-service`,
      {
        // Whether it answers is the gates' question; the provider's own wait would only add its pauses.
        metadata: { ...metadata, annotations: { 'pulumi.com/skipAwait': 'true' } },
        spec: {
          selector: selector(identity),
          ports: Object.entries(args.service).map(([port, { port: number, to }]) => ({
            name: port,
            port: number,
            targetPort: to,
          })),
        },
      },
      child,
    );
  }
  const replicas = args.replicas ?? 1;
  if (replicas > 1) {
    new PodDisruptionBudget(
      `${name}-budget`,
      { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: selector(identity) } } },
      child,
    );
  }
  const { template, subject } = stamped({ labels: common, spec: podSpec(name, args, configuration) });
  const deployment = new Deployment(
    `${name}-deployment`,
    {
      metadata,
      spec: {
        replicas,
        selector: { matchLabels: selector(identity) },
        // The old pod stays until the new one is ready; which of the two works, they settle by their lease.
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        progressDeadlineSeconds: seconds(args.startDeadline),
        template,
      },
    },
    {
      ...child,
      dependsOn: [account, ...granted, ...reads, ...args.after],
      customTimeouts: { create: `${seconds(args.startDeadline)}s`, update: `${seconds(args.startDeadline)}s` },
    },
  );
  return {
    workload: { namespace, kind: 'Deployment', name },
    subject: deployment.id.apply(() => subject),
    deployment,
  };
}

function podSpec(name: string, args: ProgramArgs, configuration: string | undefined) {
  const writes = (args.writes ?? []).map((path, index) => ({ name: `scratch-${index}`, path }));
  const secrets = Object.entries(args.secrets ?? {}).map(([path, secret]) => ({ ...secret, path }));
  return {
    serviceAccountName: name,
    automountServiceAccountToken: args.rights.length > 0,
    enableServiceLinks: false,
    securityContext: podSecurity(args.image.uid),
    ...apart(selector({ component: args.addon, instance: name }), true),
    containers: [
      {
        name: args.addon,
        image: args.image.reference,
        imagePullPolicy: 'IfNotPresent',
        args: args.args,
        ...(args.env && { env: args.env }),
        ports: Object.entries(args.ports).map(([port, containerPort]) => ({ name: port, containerPort })),
        resources: resources(args.cpu, args.memory),
        securityContext: CONTAINER_SECURITY,
        ...args.probes,
        volumeMounts: [
          ...(configuration === undefined ? [] : [{ name: 'config', mountPath: CONFIG, readOnly: true }]),
          ...secrets.map(({ name: secret, path }) => ({ name: secret, mountPath: path, readOnly: true })),
          ...writes.map(({ name: volume, path }) => ({ name: volume, mountPath: path })),
        ],
      },
    ],
    volumes: [
      ...(configuration === undefined ? [] : [{ name: 'config', configMap: { name: configuration } }]),
      ...secrets.map(({ name: secret, optional }) => ({
        name: secret,
        secret: { secretName: secret, defaultMode: 0o440, optional },
      })),
      ...writes.map(({ name: volume }) => ({ name: volume, emptyDir: {} })),
    ],
  };
}
