/** The released workloads in a stack's state, for the verbs. */
import type { ExportedState } from '../gates/index.ts';
import { digestOf, type ReleaseInputs } from './host.ts';

/** The resource before the release too: a first one that failed has left nothing else. */
const TYPE = /^pulumi-nodejs:dynamic\/release:Release(Prepare)?$/;

/** What a verb needs of a workload: where it is, and what the cluster is asked with. */
export interface Stored extends Pick<ReleaseInputs, 'cluster' | 'namespace' | 'name' | 'reports'> {
  /** The hash of the version that the state holds for live; none where there never was one. */
  readonly digest?: string;
}

/** By name, each once. */
export function releasesIn(state: ExportedState): readonly Stored[] {
  const found = (state.deployment.resources ?? []).filter((one) => TYPE.test(one.type) && one.delete !== true);
  const byName = new Map<string, Stored>();
  for (const { type, inputs } of found) {
    const { cluster, namespace, name, reports, template } = inputs as unknown as ReleaseInputs;
    // What comes before the release has taken note of a version that then was rejected; the release itself never does.
    const digest = type.endsWith('Prepare') ? byName.get(name)?.digest : digestOf({ template });
    byName.set(name, {
      ...{ cluster, namespace, name },
      ...(reports && { reports }),
      ...(digest !== undefined && { digest }),
    });
  }
  return [...byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The one that is meant.
 *
 * @throws when the stack has none, or several and none is named
 */
export function releaseIn(state: ExportedState, stack: string, name?: string): Stored {
  const all = releasesIn(state);
  const names = all.map((one) => one.name).join(', ');
  if (all.length === 0) throw new Error(`stack ${stack} has no released workload in its state`);
  if (name === undefined && all.length > 1)
    throw new Error(`stack ${stack} has several; say which: NAME=, one of ${names}`);
  const found = name === undefined ? all[0] : all.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new Error(`stack ${stack} has no released workload NAME="${name!}"; it has ${names}`);
}
