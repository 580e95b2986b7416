/** Workloads that have rolled out completely: observed, updated, ready, and as their subject everywhere. */
import type { V1Deployment, V1Pod, V1StatefulSet } from '@kubernetes/client-node';
import { isReady, livePods, readWorkload, strangers, subjectOf } from '../cluster.ts';
import { error, fail, pass, together, type Reading } from '../judge.ts';
import type { Attempt, Probe } from '../probe.ts';
import type { RolloutQuestion } from '../questions.ts';
import { workloadName, type WorkloadRef } from '../refs.ts';

export const rollout: Probe<RolloutQuestion> = async ({ workloads, atLeastReady }, attempt) => {
  const cluster = await attempt.cluster();
  const found = await Promise.all(
    workloads.map(async (ref) => {
      const workload = await readWorkload(cluster, ref);
      return { ref, workload, pods: await livePods(cluster, workload) };
    }),
  );
  const ready = found.flatMap(({ pods }) => pods.filter(isReady)).length;
  const readings = found.map(({ ref, workload, pods }) => judge(ref, workload, pods, subjectFor(ref, attempt)));
  const enough = ready >= atLeastReady;
  const counted = enough
    ? pass(`${ready} pods ready`)
    : fail('', `${ready} pods are ready; wanted at least ${atLeastReady}`);
  return together([...readings, counted]);
};

/** @throws when the gate was not told what the workload must be */
export function subjectFor(ref: WorkloadRef, { subjects }: Pick<Attempt, 'subjects'>): string {
  const subject = subjects?.[workloadName(ref)];
  if (subject === undefined)
    throw new Error(`subjects["${workloadName(ref)}"] is missing; a gate judges only what it knows`);
  return subject;
}

/** What one workload is worth. Pure. */
export function judge(
  ref: WorkloadRef,
  { metadata, spec, status }: V1Deployment | V1StatefulSet,
  pods: readonly V1Pod[],
  subject: string,
): Reading {
  const name = workloadName(ref);
  // The controller has not seen the newest template: the counts below are about an older one.
  if ((status?.observedGeneration ?? 0) < (metadata?.generation ?? 0)) {
    return error(`${name}: the controller has not taken up its newest template yet`);
  }
  const declared = spec === undefined ? undefined : subjectOf(spec.template);
  if (declared !== subject) {
    return error(
      `what is live is not the subject: the template of ${name} carries ${declared ?? 'no subject'}; wanted ${subject}`,
    );
  }
  const wanted = spec?.replicas ?? 1;
  const ready = pods.filter(isReady);
  const state = `${name} ${ready.length}/${wanted}`;
  const [updated, available] = [status?.updatedReplicas ?? 0, status?.availableReplicas ?? 0];
  const behind = [
    ...(updated < wanted ? [`${updated} updated`] : []),
    ...(ready.length < wanted ? [`${ready.length} ready`] : []),
    ...(available < wanted ? [`${available} available`] : []),
  ];
  if (behind.length > 0) return fail(state, `${name}: ${behind.join(', ')} of ${wanted}${because(pods)}`);
  const stranger = strangers(ref, ready, subject);
  return stranger === undefined ? pass(state) : error(stranger);
}

/** What the containers that are not ready say themselves. */
function because(pods: readonly V1Pod[]): string {
  const waiting = pods
    .flatMap((pod) => [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])])
    .flatMap(({ name, state }) => (state?.waiting?.reason === undefined ? [] : [`${name}: ${state.waiting.reason}`]));
  const unscheduled = pods
    .flatMap((pod) => pod.status?.conditions ?? [])
    .filter(({ type, status }) => type === 'PodScheduled' && status === 'False')
    .map(({ message }) => message ?? 'not scheduled');
  const all = [...new Set([...waiting, ...unscheduled])];
  return all.length === 0 ? '' : ` (${all.slice(0, 3).join('; ')})`;
}
