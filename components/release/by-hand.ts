/** What somebody has removed of a workload by hand since its last release. */
import type { Reach, ReleaseInputs } from './host.ts';
import { ApiError, type Kube } from './runner/kube.ts';
import { objectAt } from './runner/record.ts';
import { heldOf, SERVICE } from './runner/traffic.ts';

export async function isThere(kube: Kube, path: string): Promise<boolean> {
  try {
    await kube.get(path);
    return true;
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.status === 404) return false;
    throw thrown;
  }
}

/** The objects without which no runner can begin anything and that are not there, by their paths. */
export async function removed({ kube, at }: Reach, { traffic = SERVICE }: ReleaseInputs): Promise<readonly string[]> {
  const needed = heldOf(at, traffic);
  const found = await Promise.all(needed.map((path) => isThere(kube, path)));
  return needed.filter((_, index) => !found[index]);
}

/**
 * An update makes what its state does not know. All of these objects are declared before the preparation, so whoever finds
 * one missing there is in an update whose state still holds it.
 */
export const gone = ({ name }: Pick<ReleaseInputs, 'name'>, paths: readonly string[]): Error =>
  new Error(
    `${name}: ${paths.map(objectAt).join(' and ')} ${paths.length === 1 ? 'is' : 'are'} missing: removed by hand, while the state ` +
      'still holds what was there. Run: pulumi up --refresh (or pulumi refresh, then make up). It is made anew, and brought back to what was live.',
  );

/** @throws one error that says what to run, where something is not there */
export async function refuseRemoved(way: Reach, inputs: ReleaseInputs): Promise<void> {
  const paths = await removed(way, inputs);
  if (paths.length > 0) throw gone(inputs, paths);
}
