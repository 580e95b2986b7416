/**
 * No container has restarted during the last `window`. Asked of the containers' own start times, so the answer is the
 * same whether a gate waits for the window to pass or `verify` looks at it later.
 */
import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { milliseconds, type Duration } from '../../core/index.ts';
import { isReady, livePods, readWorkload, strangers } from '../cluster.ts';
import { error, fail, inconclusive, pass, together, type Reading } from '../judge.ts';
import type { Probe } from '../probe.ts';
import type { RestartQuestion } from '../questions.ts';
import { workloadName, type WorkloadRef } from '../refs.ts';
import { subjectFor } from './rollout.ts';

export const restarts: Probe<RestartQuestion> = async ({ workloads, window }, attempt) => {
  const cluster = await attempt.cluster();
  const readings = await Promise.all(
    workloads.map(async (ref) => {
      const pods = await livePods(cluster, await readWorkload(cluster, ref));
      return judge(ref, pods, subjectFor(ref, attempt), window, Date.now());
    }),
  );
  return together(readings);
};

/** What the pods of one workload are worth at that time. Pure. */
export function judge(
  ref: WorkloadRef,
  pods: readonly V1Pod[],
  subject: string,
  window: Duration,
  now: number,
): Reading {
  if (pods.length === 0) return error(`${workloadName(ref)} has no pod`);
  const stranger = strangers(ref, pods, subject);
  if (stranger !== undefined) return error(stranger);
  return together(
    pods.flatMap((pod) => {
      const containers = pod.status?.containerStatuses ?? [];
      const name = pod.metadata?.name ?? 'a pod';
      if (!isReady(pod)) {
        // One that an autoscaler has just added is no sign of anything yet.
        const age = now - (pod.status?.startTime?.getTime() ?? 0);
        const starting = age < milliseconds(window) && containers.every(({ restartCount }) => restartCount === 0);
        const verdict = starting ? inconclusive : fail;
        return [
          verdict(`${name} not ready`, `${name} is not ready`),
          ...(starting ? [] : containers.map((c) => judgeOne(name, c, window, now))),
        ];
      }
      return containers.map((container) => judgeOne(name, container, window, now));
    }),
  );
}

function judgeOne(
  pod: string,
  { name, state, lastState, restartCount }: V1ContainerStatus,
  window: Duration,
  now: number,
): Reading {
  const container = `${pod}/${name}`;
  const since = state?.running?.startedAt;
  if (since === undefined)
    return fail(`${container} down`, `${container} is not running: ${state?.waiting?.reason ?? 'ended'}`);
  const seconds = Math.max(0, Math.floor((now - since.getTime()) / 1000));
  const seen = `${container} up ${seconds} s`;
  if (seconds * 1000 >= milliseconds(window)) return pass(seen);
  if (restartCount > 0) {
    const code = lastState?.terminated?.exitCode;
    const ended = code === undefined ? '' : ` after exit code ${code}`;
    return fail(seen, `${container} restarted ${seconds} s ago${ended}; the window is ${window}`);
  }
  return inconclusive(seen, `${container} has run for ${seconds} s of the window of ${window}`);
}
