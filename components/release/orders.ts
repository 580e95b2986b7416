/** What an engine orders, and what an order takes away with it. */
import { digestOf, type Reach, type ReleaseInputs } from './host.ts';
import { ApiError } from './runner/kube.ts';
import { fields, type Order, type Rejection, type ReleaseRecord } from './runner/record.ts';

/** What the environment of an `up` says where it is a rollback: why the live versions are left. Set by `make rollback`. */
export const LEAVING = 'PLATFORM_ROLLBACK';

/**
 * Writes the next order of an engine.
 *
 * @returns the order's epoch
 */
export function give(way: Reach, inputs: ReleaseInputs, record: ReleaseRecord, mode: Order['mode']): Promise<number> {
  const { template, strategy, steps, attempt, replicas, rules } = inputs;
  const digest = digestOf(inputs);
  const why = process.env[LEAVING];
  const leaves = mode === 'release' && why !== undefined && wasLive(record, digest) ? leaving(record, why) : undefined;
  return order(way, inputs.name, record, {
    ...{ mode, digest, template, strategy, steps, attempt, rules, startedAt: Date.now() },
    ...(replicas !== undefined && { replicas }),
    ...(leaves && { leaves }),
  });
}

/** Whether it was live once, as far as the record reaches back. */
export const wasLive = ({ history, kept }: ReleaseRecord, digest: string): boolean =>
  kept?.digest === digest || history.some((past) => past.digest === digest);

/** The live version as one that is sent away. */
export function leaving({ good, order: last, history }: ReleaseRecord, why: string): Rejection | undefined {
  if (good === undefined) return undefined;
  const { digest } = good;
  const tries = [last, ...history].flatMap((one) => (one?.digest === digest ? [one.attempt] : []));
  return { digest, attempt: Math.max(1, ...tries), reasons: [why] };
}

/**
 * Writes the next order. A compare-and-swap on what was read: of two engines one loses, and a late one always does.
 *
 * @returns the order's epoch
 */
export async function order(
  { kube, at }: Reach,
  name: string,
  { epoch: before }: ReleaseRecord,
  next: Order,
): Promise<number> {
  const epoch = before + 1;
  const phase = next.mode === 'undo' ? 'undo' : 'ordered';
  try {
    await kube.patch(at.record, [
      { op: 'test', path: '/data/epoch', value: String(before) },
      ...fields({ epoch: String(epoch), token: `${epoch}.0`, phase, order: next, progress: undefined }),
    ]);
  } catch (thrown) {
    if (!(thrown instanceof ApiError && thrown.status === 422)) throw thrown;
    throw new Error(`${name}: another engine has given an order at this moment (after epoch ${before}); run up again`, {
      cause: thrown,
    });
  }
  return epoch;
}
