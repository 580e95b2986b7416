/** When an object counts as ready, and what to say when it does not become so. */
import type { Cluster } from './cluster.ts';
import { annotation, type Condition, type KubeObject } from './objects.ts';

export interface Readiness {
  /** What is missing. Nothing when the object is ready. */
  readonly waiting?: string;
  /** Waiting longer will not help. */
  readonly final?: boolean;
}

type Judge = (object: KubeObject, cluster: Cluster, elapsedMs: number) => Readiness | Promise<Readiness>;

const READY: Readiness = {};
/** How long a Service without any Pod is given: they may be about to be made, or there may never be any. */
const PODS_APPEAR_MS = 10_000;

const condition = ({ status }: KubeObject, type: string): Condition | undefined =>
  status?.conditions?.find((entry) => entry.type === type);

const text = ({ reason, message }: { reason?: string; message?: string }): string =>
  [reason, message].filter(Boolean).join(': ');

const unseen = ({ status, metadata }: KubeObject): boolean =>
  (status?.observedGeneration ?? 0) < (metadata.generation ?? 0);

const deployment: Judge = (object) => {
  const { spec, status = {} } = object;
  const want = spec?.replicas ?? 1;
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  const progressing = condition(object, 'Progressing');
  if (unseen(object)) return { waiting: 'not yet seen by its controller' };
  if (progressing?.reason === 'ProgressDeadlineExceeded') return { waiting: text(progressing), final: true };
  if (updatedReplicas < want) return { waiting: `${updatedReplicas} of ${want} replicas updated` };
  if (replicas > updatedReplicas) return { waiting: 'old replicas have not ended' };
  if (availableReplicas < want) return { waiting: `${availableReplicas} of ${want} replicas available` };
  return READY;
};

const statefulSet: Judge = (object) => {
  const { spec, status = {} } = object;
  const want = spec?.replicas ?? 1;
  const partition = spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
  const { readyReplicas = 0, updatedReplicas = 0, updateRevision, currentRevision } = status;
  if (unseen(object)) return { waiting: 'not yet seen by its controller' };
  if (readyReplicas < want) return { waiting: `${readyReplicas} of ${want} replicas ready` };
  if (spec?.updateStrategy?.type === 'OnDelete') return READY;
  const updating = partition > 0 ? updatedReplicas < want - partition : updateRevision !== currentRevision;
  return updating ? { waiting: `${updatedReplicas} of ${want - partition} replicas updated` } : READY;
};

const job: Judge = (object) => {
  const failed = condition(object, 'Failed');
  const { active = 0, succeeded = 0, failed: failures = 0 } = object.status ?? {};
  if (condition(object, 'Complete')?.status === 'True') return READY;
  if (failed?.status === 'True') return { waiting: text(failed), final: true };
  return { waiting: `active ${active}, succeeded ${succeeded}, failed ${failures}` };
};

interface EndpointSlice {
  readonly endpoints?: readonly { readonly conditions?: { readonly ready?: boolean } }[];
}

const service: Judge = async ({ spec, status, metadata }, cluster, elapsedMs) => {
  if (spec?.type === 'LoadBalancer' && !status?.loadBalancer?.ingress?.length) {
    return { waiting: 'no address from the load balancer yet' };
  }
  const selects = Object.keys(spec?.selector ?? {}).length > 0;
  if (spec?.type === 'ExternalName' || spec?.clusterIP === 'None' || !selects) return READY;
  const path = `/apis/discovery.k8s.io/v1/namespaces/${metadata.namespace!}/endpointslices`;
  const slices = await cluster.list<EndpointSlice>(path, `kubernetes.io/service-name=${metadata.name!}`);
  const endpoints = slices.flatMap((slice) => slice.endpoints ?? []);
  if (endpoints.some((endpoint) => endpoint.conditions?.ready === false))
    return { waiting: 'selected Pods are not ready' };
  return endpoints.length > 0 || elapsedMs > PODS_APPEAR_MS ? READY : { waiting: 'no Pods selected yet' };
};

/** A claim whose class binds at once is waited for; one that waits for its first Pod would be waited for in vain. */
const claim: Judge = async ({ spec, status }, cluster) => {
  if (status?.phase === 'Bound') return READY;
  const name = spec?.storageClassName;
  if (!name) return READY;
  const path = `/apis/storage.k8s.io/v1/storageclasses/${name}`;
  const { volumeBindingMode } = await cluster.request<{ volumeBindingMode?: string }>('GET', path);
  return volumeBindingMode === 'WaitForFirstConsumer' ? READY : { waiting: `the claim is ${status?.phase ?? 'new'}` };
};

const definition: Judge = (object) =>
  condition(object, 'Established')?.status === 'True' ? READY : { waiting: 'not yet established' };

const JUDGES: Readonly<Record<string, Judge>> = {
  'apps/v1/Deployment': deployment,
  'apps/v1/StatefulSet': statefulSet,
  'batch/v1/Job': job,
  'v1/Service': service,
  'v1/PersistentVolumeClaim': claim,
  'apiextensions.k8s.io/v1/CustomResourceDefinition': definition,
};

/** Whether the object is ready, judged `elapsedMs` after it was written. */
export async function readiness(object: KubeObject, cluster: Cluster, elapsedMs = Infinity): Promise<Readiness> {
  if (annotation(object, 'skipAwait') === 'true') return READY;
  return (await JUDGES[`${object.apiVersion}/${object.kind}`]?.(object, cluster, elapsedMs)) ?? READY;
}

interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly state?: Readonly<Record<'waiting' | 'terminated', { reason?: string; message?: string } | undefined>>;
}

interface Pod {
  readonly metadata: { readonly name: string };
  readonly status: {
    readonly conditions?: readonly Condition[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

const MOST_SYMPTOMS = 10;
const UNREMARKABLE = new Set(['Completed', 'ContainerCreating', 'PodInitializing']);

function symptomsOf({ metadata: { name }, status }: Pod): string[] {
  const unscheduled = (status.conditions ?? []).filter((c) => c.type === 'PodScheduled' && c.status !== 'True');
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return [
    ...unscheduled.map((c) => `Pod ${name}: ${text(c)}`),
    ...containers.flatMap((container) => {
      const { waiting, terminated } = container.state ?? {};
      const state = waiting ?? terminated ?? (container.ready ? undefined : { reason: 'NotReady' });
      return state && !UNREMARKABLE.has(state.reason ?? '')
        ? [`Pod ${name}, container ${container.name}: ${text(state)}`]
        : [];
    }),
  ];
}

/** What the Pods of a workload say about themselves. */
export async function symptoms(object: KubeObject, cluster: Cluster): Promise<string[]> {
  const selector = object.kind === 'Service' ? object.spec?.selector : object.spec?.selector?.matchLabels;
  if (!selector) return [];
  const labels = Object.entries(selector).map(([key, value]) => `${key}=${String(value)}`);
  try {
    const path = `/api/v1/namespaces/${object.metadata.namespace!}/pods`;
    const pods = await cluster.list<Pod>(path, labels.join(','));
    return [...new Set(pods.flatMap(symptomsOf))].slice(0, MOST_SYMPTOMS);
  } catch (error) {
    // These lines are added to a failure that is already being reported; that one must not get lost.
    return [`its Pods could not be listed: ${error instanceof Error ? error.message : String(error)}`];
  }
}
