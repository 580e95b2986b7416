/** The part of a cluster that gates read, out of plain objects. Anything else that is asked for throws. */
import type { V1Deployment, V1Node, V1Pod } from '@kubernetes/client-node';
import { SUBJECT } from '../../../../../components/core/index.ts';
import type { Cluster } from '../../../../../components/gates/index.ts';

export interface Contents {
  /** The pods of every workload that is asked for. */
  readonly pods?: readonly V1Pod[];
  readonly secrets?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

export function clusterOf({ secrets = {}, pods = [] }: Contents): () => Promise<Cluster> {
  const core = {
    listNamespacedPod: ({ namespace, labelSelector }: { namespace: string; labelSelector: string }) => {
      if (namespace !== 'n' || labelSelector !== 'app=a') throw new Error(`no pods ${namespace}/${labelSelector}`);
      return Promise.resolve({ items: pods });
    },
    readNamespacedSecret: ({ namespace, name }: { namespace: string; name: string }) => {
      const found = secrets[`${namespace}/${name}`];
      if (found === undefined) throw new Error(`no Secret ${namespace}/${name}`);
      return Promise.resolve({ data: Object.fromEntries(Object.entries(found).map(([k, v]) => [k, base64(v)])) });
    },
  };
  const workload = { metadata: { namespace: 'n' }, spec: { selector: { matchLabels: { app: 'a' } } } };
  const apps = { readNamespacedDeployment: () => Promise.resolve(workload) };
  return () => Promise.resolve({ core, apps } as unknown as Cluster);
}

const ready = (yes: boolean) => [{ type: 'Ready', status: yes ? 'True' : 'False' }];

// The library's types are classes with methods; what the API server answers with, and what follows here, is plain.

/** A pod of one container that has run for so many seconds before `now`. */
export function pod(name: string, over: Partial<PodOptions> = {}): V1Pod {
  const { subject = 'new', isReady = true, upFor = 3600, restarts = 0, waiting, now = 0 } = over;
  const running = { running: { startedAt: new Date(now - upFor * 1000) } };
  const status = {
    name: 'main',
    ready: isReady,
    image: 'i',
    imageID: 'i',
    restartCount: restarts,
    state: waiting === undefined ? running : { waiting: { reason: waiting } },
    lastState: restarts === 0 ? {} : { terminated: { exitCode: 137 } },
  };
  const answered: unknown = {
    metadata: { name, ...(subject !== null && { annotations: { [SUBJECT]: subject } }) },
    status: { conditions: ready(isReady), containerStatuses: [status] },
  };
  return answered as V1Pod;
}

export interface PodOptions {
  readonly subject: string | null;
  readonly isReady: boolean;
  readonly upFor: number;
  readonly restarts: number;
  readonly waiting: string;
  readonly now: number;
}

export interface DeploymentOptions {
  readonly subject: string;
  readonly replicas: number;
  readonly updated: number;
  readonly available: number;
  readonly observed: number;
}

/** A Deployment in its second generation. */
export function deployment(over: Partial<DeploymentOptions> = {}): V1Deployment {
  const { subject = 'new', replicas = 2, updated = 2, available = 2, observed = 2 } = over;
  const answered: unknown = {
    metadata: { name: 'api', generation: 2 },
    spec: { replicas, selector: {}, template: { metadata: { annotations: { [SUBJECT]: subject } } } },
    status: { observedGeneration: observed, updatedReplicas: updated, availableReplicas: available },
  };
  return answered as V1Deployment;
}

export function node(name: string, images: readonly string[], spec: object = {}, isReady = true): V1Node {
  const answered: unknown = {
    metadata: { name },
    spec,
    status: { conditions: ready(isReady), images: images.map((image) => ({ names: [image] })) },
  };
  return answered as V1Node;
}
