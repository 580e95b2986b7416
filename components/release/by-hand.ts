/** What somebody has done to a workload by hand since its last release. */
import { asLeft } from './as-left.ts';
import type { Reach, ReleaseInputs } from './host.ts';
import { ApiError } from './runner/kube.ts';
import type { Good } from './runner/record.ts';

/**
 * `removed`: an object that the stack declares is not there. The update makes it anew, as it is declared for the first time;
 * what a release had made of it comes after that.
 */
export type ByHand = 'nothing' | 'changed' | 'removed';

export async function byHand(way: Reach, good: Good, inputs: ReleaseInputs): Promise<ByHand> {
  try {
    return (await asLeft(way, good, inputs)) ? 'nothing' : 'changed';
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.status === 404) return 'removed';
    throw thrown;
  }
}
