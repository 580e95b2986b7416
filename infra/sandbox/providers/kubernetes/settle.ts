/** Waits until a written object is ready, and fails with all that is known when it does not become so. */
import { setTimeout as sleep } from 'node:timers/promises';
import { NotReady, tell } from '../shared/serve.ts';
import { annotation, idOf, type KubeObject } from './objects.ts';
import { readiness, symptoms, type Readiness } from './ready.ts';
import { cancelled, cluster } from './session.ts';
import { checkpoint, type Origin } from './state.ts';

const DEFAULT_TIMEOUT_S = 600;

/** Pauses that grow up to a second, and end when the engine asks to stop. */
export async function pause(attempt: number): Promise<void> {
  const [first, growth, longest] = [100, 1.5, 1000];
  const time = Math.min(first * growth ** attempt, longest);
  await sleep(time, undefined, { signal: cancelled.signal }).catch((error: unknown) => {
    if ((error as Error).name !== 'AbortError') throw error;
  });
}

/** How long the engine lets this take, in milliseconds: `customTimeouts`, else the object's own annotation. */
export function timeoutOf(request: { getTimeout: () => number }, object: KubeObject): number {
  return 1000 * (request.getTimeout() || Number(annotation(object, 'timeoutSeconds')) || DEFAULT_TIMEOUT_S);
}

function whyStop({ waiting, final }: Readiness, late: number | false): string | undefined {
  if (final) return waiting;
  if (cancelled.signal.aborted) return `cancelled while waiting: ${waiting!}`;
  return late === false ? undefined : `not ready within ${late / 1000} s: ${waiting!}`;
}

/** @throws NotReady with the object's state */
export async function settle(
  request: { getUrn: () => string; getTimeout: () => number },
  written: KubeObject,
  origin: Origin,
): Promise<KubeObject> {
  const started = Date.now();
  const timeout = timeoutOf(request, origin.inputs);
  let live = written;
  for (let [attempt, said] = [0, '']; ; attempt++) {
    const elapsed = Date.now() - started;
    // At the end, what was only given time to appear counts as not coming.
    const state = await readiness(live, cluster(), elapsed > timeout ? Infinity : elapsed);
    if (state.waiting === undefined) return live;
    if (state.waiting !== said) tell(request.getUrn(), (said = state.waiting));
    const why = whyStop(state, elapsed > timeout && timeout);
    if (why !== undefined) {
      const first = `${live.kind} ${idOf(live)} exists but is not ready: ${why}`;
      throw new NotReady(idOf(live), checkpoint(live, origin), [first, ...(await symptoms(live, cluster()))]);
    }
    await pause(attempt);
    live = await cluster().get(live);
  }
}
