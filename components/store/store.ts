/**
 * One server on one volume under one name: the Service, the account and the StatefulSet that PostgreSQL, Redis and MinIO
 * have in common. Knows nothing of what the server is.
 */
import * as pulumi from '@pulumi/pulumi';
import type { types } from '@pulumi/kubernetes';
import { StatefulSet } from '@pulumi/kubernetes/apps/v1/statefulSet.js';
import { Service } from '@pulumi/kubernetes/core/v1/service.js';
import { ServiceAccount } from '@pulumi/kubernetes/core/v1/serviceAccount.js';
import {
  labels,
  podSecurity,
  seconds,
  selector,
  stamped,
  type Bytes,
  type Duration,
  type Identity,
  type PlatformComponent,
  type Sealed,
  type Workload,
} from '../core/index.ts';

/** The volume of a store. */
export interface Volume {
  /** Changing it replaces the StatefulSet and leaves the volume as it is: grow the claim itself. */
  readonly storage: Bytes;
  /** @default the cluster's default class */
  readonly storageClass?: string | undefined;
}

type Container = types.input.core.v1.Container;

export interface StoreArgs extends Volume {
  readonly namespace: string;
  readonly identity: Identity;
  /** The user of the image; the volume's files belong to it. */
  readonly uid: number;
  /** Port names and numbers, the same on pod and Service. */
  readonly ports: Readonly<Record<string, number>>;
  readonly container: Omit<Container, 'ports' | 'imagePullPolicy'>;
  /** Volumes beside `data`, which is the store's own. */
  readonly volumes: types.input.core.v1.Volume[];
  /** Seconds between being asked to stop and being killed. */
  readonly grace: number;
  /** How long the pod may take to become ready before the update has failed. */
  readonly startDeadline: Duration;
  readonly secrets: Sealed;
  /** The objects that the pod reads. */
  readonly reads: pulumi.Resource[];
}

export interface Store {
  readonly workload: Workload;
  /** The digest of template and configuration. Known once the pods have been rolled: who judges them comes after. */
  readonly subject: pulumi.Output<string>;
}

/** Makes the three objects as children of `owner`, all under its name. */
export function store(owner: PlatformComponent, name: string, args: StoreArgs): Store {
  const { namespace, identity } = args;
  const metadata = { name, namespace, labels: labels(identity) };
  const child = { parent: owner };
  const account = new ServiceAccount(`${name}-account`, { metadata, automountServiceAccountToken: false }, child);
  const service = new Service(
    `${name}-service`,
    {
      // Whether it answers is the gates' question; the provider's own wait would only add its pauses.
      metadata: { ...metadata, annotations: { 'pulumi.com/skipAwait': 'true' } },
      spec: {
        selector: selector(identity),
        ports: Object.entries(args.ports).map(([port, number]) => ({ name: port, port: number, targetPort: port })),
      },
    },
    child,
  );
  const { template, subject } = stamped({ labels: labels(identity), spec: podSpec(name, args) }, args.secrets);
  const set = new StatefulSet(
    `${name}-set`,
    {
      metadata,
      spec: {
        serviceName: name,
        replicas: 1,
        selector: { matchLabels: selector(identity) },
        template,
        volumeClaimTemplates: [
          {
            metadata: { name: 'data', labels: selector(identity) },
            spec: {
              accessModes: ['ReadWriteOnce'],
              ...(args.storageClass !== undefined && { storageClassName: args.storageClass }),
              resources: { requests: { storage: args.storage } },
            },
          },
        ],
      },
    },
    {
      ...child,
      dependsOn: [account, service, ...args.reads],
      customTimeouts: { create: `${seconds(args.startDeadline)}s`, update: `${seconds(args.startDeadline)}s` },
    },
  );
  return {
    workload: { namespace, kind: 'StatefulSet', name },
    subject: pulumi.all([subject, set.id]).apply(([known]) => known),
  };
}

const podSpec = (name: string, args: StoreArgs) => ({
  serviceAccountName: name,
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  securityContext: podSecurity(args.uid),
  terminationGracePeriodSeconds: args.grace,
  containers: [
    {
      ...args.container,
      imagePullPolicy: 'IfNotPresent',
      ports: Object.entries(args.ports).map(([port, containerPort]) => ({ name: port, containerPort })),
    },
  ],
  volumes: args.volumes,
});
