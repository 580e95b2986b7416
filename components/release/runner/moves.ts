/** What a run does to a side, and how it tells that it is done. Each move is safe to repeat. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DIGEST, objectAt, onSide, SIDE, type Operation, type Side, type Version } from './record.ts';
import { Fenced } from './fence.ts';
import { Breach, type Ground } from './ground.ts';
import { digestOf, isReady, livePods, type ContainerStatus, type Pod, type Waiting } from './pods.ts';

export interface Deployment {
  readonly metadata: { readonly generation: number };
  readonly spec: {
    readonly replicas: number;
    readonly template: { readonly metadata: { readonly annotations?: Readonly<Record<string, string>> } };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

/**
 * Gives a side a version, and a number of pods. The template is written even where the digest says that it is there: one
 * that was changed by hand keeps its digest, and writing the same one again changes nothing.
 */
export function setSide({ fence, at }: Ground, side: Side, { template }: Version, replicas?: number): Promise<void> {
  return fence.change(at[side], [
    { op: 'replace', path: '/spec/template', value: onSide(template, side) },
    ...sized(replicas),
  ]);
}

export const setReplicas = ({ fence, at }: Ground, side: Side, replicas: number): Promise<void> =>
  fence.change(at[side], sized(replicas));

const sized = (replicas: number | undefined): Operation[] =>
  replicas === undefined ? [] : [{ op: 'add', path: '/spec/replicas', value: replicas }];

export const readSide = ({ fence, at }: Ground, side: Side): Promise<Deployment> => fence.get<Deployment>(at[side]);

/** Whether every pod of the side is of the current template and available, and none of an older one is left. */
export function isRolledOut({ metadata, spec, status = {} }: Deployment): boolean {
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  return (
    observedGeneration >= metadata.generation &&
    [replicas, updatedReplicas, availableReplicas].every((count) => count === spec.replicas)
  );
}

/** Whether a side has no pod that could answer: somebody has sent it to rest, or they all went. */
export async function isDeserted({ fence, at, labels }: Ground, side: Side): Promise<boolean> {
  return !(await livePods(fence, at, { ...labels, [SIDE]: side })).some(isReady);
}

export interface Patience {
  /** Milliseconds between looks. */
  readonly pause: number;
  /** Milliseconds that the pods may take. */
  readonly limit: number;
  readonly crashes: number;
  /** Called at each look; what it throws ends the wait. */
  readonly between: () => Promise<void>;
}

/**
 * Waits until a side runs the version, all of it.
 *
 * @throws Breach when its pods cannot start, or do not in time
 */
export async function rolledOut(ground: Ground, side: Side, version: Version, patience: Patience): Promise<void> {
  const { pause, limit, crashes, between } = patience;
  for (const end = Date.now() + limit; ;) {
    await between();
    const found = await readSide(ground, side);
    if (found.spec.template.metadata.annotations?.[DIGEST] !== version.digest) {
      throw new Fenced(`${objectAt(ground.at[side])} was given another version`);
    }
    if (isRolledOut(found)) return;
    const pods = (await livePods(ground.fence, ground.at, { ...ground.labels, [SIDE]: side })).filter(
      (pod) => digestOf(pod) === version.digest,
    );
    const hopeless = pods.map((pod) => hopelessness(pod, crashes)).find((why) => why !== undefined);
    if (hopeless !== undefined) throw new Breach('rejected', [`start: ${hopeless}`]);
    if (Date.now() > end) throw late(found, pods, limit);
    await sleep(pause);
  }
}

const containersOf = ({ status }: Pod): readonly ContainerStatus[] => [
  ...(status.initContainerStatuses ?? []),
  ...(status.containerStatuses ?? []),
];

/** Reasons that a container cannot be made as the template wants it: its own doing, however long one waits. */
const UNMAKEABLE = /^(CreateContainerConfigError|CreateContainerError|InvalidImageName|RunContainerError)$/;
/**
 * What a kubelet says under the same reasons when it, its API server or its runtime was merely slow. It tries again by itself.
 * A kubelet gives a ConfigMap that it reads for the first time one second to arrive.
 */
const SLOW =
  /failed to sync \S+ cache|not yet been read at least once|context deadline exceeded|name "\S+" is reserved for/i;
/** Reasons that an image is not there, for whatever cause. */
const PULL = /^(ErrImagePull|ImagePullBackOff)$/;
/** What a registry says that has answered and has no such image. */
const NOT_THERE = /not found|does not exist|manifest unknown|pull access denied/i;

/** Ends of a container so far. Between two starts it has ended once more than it was restarted. */
const ends = ({ restartCount, state = {}, lastState = {} }: ContainerStatus): number =>
  restartCount + (state.terminated || (state.waiting && lastState.terminated) ? 1 : 0);

/** Why waiting longer cannot help; nothing when it may. An app may wait for its database by ending once or twice. */
export function hopelessness(pod: Pod, crashes: number): string | undefined {
  const main = pod.status.containerStatuses ?? [];
  for (const status of containersOf(pod)) {
    const { name, state = {}, lastState = {} } = status;
    const who = `container ${name} of pod ${pod.metadata.name}`;
    const { reason = '', message = '' } = state.waiting ?? {};
    const unmakeable = UNMAKEABLE.test(reason) && !SLOW.test(message);
    if (unmakeable || (PULL.test(reason) && NOT_THERE.test(message))) {
      return `${who} cannot be made: ${reason}: ${message.slice(0, 200)}; wanted one that starts`;
    }
    // An init container that has done its work has ended, and is no crash.
    const done = !main.includes(status) && state.terminated?.exitCode === 0;
    if (!done && ends(status) >= crashes) {
      const exit = state.terminated ?? lastState.terminated;
      return `${who} ended ${ends(status)} times, last with exit code ${exit?.exitCode ?? 'unknown'}; wanted fewer than ${crashes}`;
    }
  }
  return undefined;
}

/** Which image, and what its registry said; or what the node was slow with. */
const told = ({ reason = '', message = 'no reason given' }: Waiting = {}): string =>
  PULL.test(reason) || UNMAKEABLE.test(reason) ? ` (${message.slice(0, 200)})` : '';

/** Not ready in time: the version's fault where its containers run and say that they are not ready, or keep ending. */
function late({ status }: Deployment, pods: readonly Pod[], limit: number): Breach {
  const words = pods
    .filter((pod) => !isReady(pod))
    .map((pod) => {
      const unscheduled = pod.status.conditions?.find(
        ({ type, status }) => type === 'PodScheduled' && status === 'False',
      );
      const states = containersOf(pod)
        .filter(({ ready, state }) => !ready && state?.terminated?.exitCode !== 0)
        .map(({ name, state = {}, restartCount }) =>
          state.running
            ? `${name} runs, not ready`
            : `${name}: ${state.waiting?.reason ?? 'ended'}${told(state.waiting)}, ${restartCount} restarts`,
        );
      const seen = unscheduled ? `not scheduled: ${unscheduled.message ?? ''}` : states.join(', ');
      return `pod ${pod.metadata.name}: ${seen || 'not started'}`;
    });
  const started = pods.filter(
    (pod) => !isReady(pod) && containersOf(pod).some(({ state, restartCount }) => state?.running || restartCount > 0),
  );
  // A quota, or an admission that says no, is told by the Deployment alone.
  const refused = status?.conditions?.find(({ type, status: holds }) => type === 'ReplicaFailure' && holds === 'True');
  const few = pods.length === 0 ? 'no pod was made' : 'too few pods';
  const found = words.join('; ') || (refused?.message === undefined ? few : `${few}: ${refused.message.slice(0, 300)}`);
  return new Breach(started.length > 0 ? 'rejected' : 'error', [
    `readiness: ${found}; wanted all pods ready in ${limit / 1000} s`,
  ]);
}
