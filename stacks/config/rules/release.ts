/** Releases: what splits the traffic is there, and the parts fit into the whole. */
import { milliseconds, type Problems } from '../../../components/core/index.ts';
import { WEIGHTS } from '../../../components/release/index.ts';
import type { Settings } from '../schema.ts';

export function checkRelease({ release, edge }: Settings, problems: Problems): void {
  const { strategy, steps, window, candidate, soak, deadline } = release;
  problems.require(strategy !== 'canary' || edge.kind === 'nginx', {
    where: 'release.strategy',
    found: '"canary"',
    wanted: `one that needs nobody who splits the traffic, while edge.kind is "${edge.kind}"`,
    remedy: 'set edge.kind to "nginx", or release.strategy to "blueGreen"',
  });
  problems.require(steps === undefined || strategy === 'canary', {
    where: 'release.steps',
    found: `${steps?.join(', ')}`,
    wanted: `nothing while release.strategy is "${strategy}"`,
  });
  const windows = (steps ?? WEIGHTS[strategy]).length * milliseconds(window);
  const needed = windows + milliseconds(soak) + (strategy === 'rolling' ? 0 : milliseconds(candidate));
  problems.require(milliseconds(deadline) > needed, {
    where: 'release.deadline',
    found: `"${deadline}"`,
    wanted: `more than the ${needed / 1000} s that release.candidate, release.window for each step and release.soak take together`,
  });
}
