/** What tests of scaling and draining ask the rehearsal's cluster. */
import { join } from 'node:path';
import { run } from '../../../infra/sandbox/host/run.ts';
import { status } from '../../../infra/sandbox/instance.ts';
import { rehearsal } from './rehearsal.ts';

const { programs } = (await status(rehearsal.state))!;

/** kubectl in the rehearsal's namespace. */
export const kubectl = (args: readonly string[], timeout = 60_000): Promise<string> =>
  run(
    [join(programs, 'kubectl'), `--kubeconfig=${rehearsal.kubeconfig}`, `--namespace=${rehearsal.namespace}`, ...args],
    {
      timeout,
    },
  );

/** An object, or a list of them, as JSON. */
export const get = async <T>(...args: readonly string[]): Promise<T> =>
  JSON.parse(await kubectl(['get', ...args, '--output=json'])) as T;

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime: string;
}

export interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
  readonly status: { readonly conditions?: readonly Condition[] };
}

export const condition = ({ status: { conditions = [] } }: Pod, type: string): Condition | undefined =>
  conditions.find((one) => one.type === type && one.status === 'True');

/** The pods of a component that are not leaving. */
export async function podsOf(component: string): Promise<Pod[]> {
  const { items } = await get<{ items: Pod[] }>('pods', `--selector=app.kubernetes.io/name=${component}`);
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

export const isReady = (pod: Pod): boolean => condition(pod, 'Ready') !== undefined;

/** Seconds from a pod's place on a node to its being ready. */
export const startOf = (pod: Pod): number =>
  (Date.parse(condition(pod, 'Ready')!.lastTransitionTime) -
    Date.parse(condition(pod, 'PodScheduled')!.lastTransitionTime)) /
  1000;
