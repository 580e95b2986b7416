/** Pods that stood before a node was started again: etcd remembers them as ready until the kubelet has run them anew. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from './client.ts';

interface ContainerStatus {
  readonly ready: boolean;
  readonly state?: { readonly running?: { readonly startedAt: string } };
}

export interface Pod {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly phase: string; readonly containerStatuses?: readonly ContainerStatus[] };
}

/** The pods that do not yet serve in containers of their node's present life, as `namespace/name`. */
export function notBack(pods: readonly Pod[], started: Date): string[] {
  // What Kubernetes writes down ends with the second.
  const since = Math.floor(started.getTime() / 1000) * 1000;
  const serves = ({ ready, state }: ContainerStatus): boolean =>
    ready && state?.running !== undefined && Date.parse(state.running.startedAt) >= since;
  return pods
    .filter(({ status }) => status.phase !== 'Succeeded' && status.phase !== 'Failed')
    .filter(({ metadata, spec }) => metadata.deletionTimestamp === undefined && spec.nodeName !== undefined)
    .filter(({ status: { containerStatuses = [] } }) => !containerStatuses.length || !containerStatuses.every(serves))
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
    .toSorted();
}

/**
 * Waits until the pods of before serve again, for as long as `patience` milliseconds; gives those that do not. A pod that was
 * broken before stays so: whoever deploys next mends it, and its gates judge it.
 */
export async function comeBack(client: Client, started: Date, patience: number): Promise<string[]> {
  const deadline = Date.now() + patience;
  for (;;) {
    const { items } = await client.get<{ items: Pod[] }>('/api/v1/pods');
    const missing = notBack(items, started);
    if (missing.length === 0 || Date.now() > deadline) return missing;
    await sleep(500);
  }
}
