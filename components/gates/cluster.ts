/** The Kubernetes API, as gates use it: read-only, through the ambient kubeconfig. Loaded only when a gate runs. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { AppsV1Api, CoreV1Api, KubeConfig, V1Deployment, V1Pod, V1StatefulSet } from '@kubernetes/client-node';
import { canonical, SUBJECT } from '../core/index.ts';
import { workloadName, type ClusterRef, type WorkloadRef } from './refs.ts';

/** A connection to one cluster. */
export interface Cluster {
  readonly config: KubeConfig;
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
}

/** @throws when there is no kubeconfig, or it does not have that context; nothing is guessed */
export async function openCluster(ref: ClusterRef): Promise<Cluster> {
  const { AppsV1Api, CoreV1Api, KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  if (ref.kubeconfig === undefined) loadAmbient(config);
  else config.loadFromString(ref.kubeconfig as string);
  if (ref.context !== undefined) {
    const known = config.getContexts().map(({ name }) => name);
    if (!known.includes(ref.context)) {
      throw new Error(
        `no cluster: the kubeconfig has no context "${ref.context}"; it has ${known.join(', ') || 'none'}`,
      );
    }
    config.setCurrentContext(ref.context);
  }
  return { config, core: config.makeApiClient(CoreV1Api), apps: config.makeApiClient(AppsV1Api) };
}

function loadAmbient(config: KubeConfig): void {
  const named = (process.env.KUBECONFIG ?? '') !== '';
  if (!named && !existsSync(join(homedir(), '.kube/config'))) {
    throw new Error('no cluster: KUBECONFIG is not set and ~/.kube/config does not exist; set KUBECONFIG');
  }
  config.loadFromDefault();
}

export function readWorkload(
  cluster: Cluster,
  { namespace, kind, name }: WorkloadRef,
): Promise<V1Deployment | V1StatefulSet> {
  switch (kind) {
    case 'Deployment':
      return cluster.apps.readNamespacedDeployment({ namespace, name });
    case 'StatefulSet':
      return cluster.apps.readNamespacedStatefulSet({ namespace, name });
    case 'Service':
      return behind(cluster, namespace, name);
  }
}

/**
 * The Deployment that a Service leads to.
 *
 * @throws when there is none with just these labels, or several
 */
async function behind({ apps, core }: Cluster, namespace: string, name: string): Promise<V1Deployment> {
  const [{ spec }, { items }] = await Promise.all([
    core.readNamespacedService({ namespace, name }),
    apps.listNamespacedDeployment({ namespace }),
  ]);
  const wanted = canonical(spec?.selector ?? {});
  const found = items.filter((deployment) => canonical(deployment.spec?.selector.matchLabels ?? {}) === wanted);
  if (found.length === 1) return found[0]!;
  const names = found.map(({ metadata }) => metadata?.name ?? '').join(', ');
  throw new Error(
    `Service/${name} leads to ${names || 'no Deployment'}; wanted one with the labels ${wanted}, in namespace ${namespace}`,
  );
}

/** The pods of a workload that are not on their way out. */
export async function livePods({ core }: Cluster, workload: V1Deployment | V1StatefulSet): Promise<V1Pod[]> {
  const labels = Object.entries(workload.spec?.selector.matchLabels ?? {});
  const { items } = await core.listNamespacedPod({
    namespace: workload.metadata?.namespace ?? 'default',
    labelSelector: labels.map(([key, value]) => `${key}=${value}`).join(','),
  });
  return items.filter((pod) => pod.metadata?.deletionTimestamp === undefined);
}

export const isReady = (pod: V1Pod): boolean =>
  pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;

/** The subject that a pod, or a pod template, says it is. */
export const subjectOf = (it: { metadata?: V1Pod['metadata'] }): string | undefined =>
  it.metadata?.annotations?.[SUBJECT];

/** Why these pods must not be judged as the subject; nothing when they may. */
export function strangers(workload: WorkloadRef, pods: readonly V1Pod[], subject: string): string | undefined {
  const found = new Set(pods.map(subjectOf).filter((live) => live !== subject));
  if (found.size === 0) return undefined;
  const names = [...found].map((live) => live ?? 'no subject').join(', ');
  return `what is live is not the subject: ready pods of ${workloadName(workload)} carry ${names}; wanted ${subject}`;
}
