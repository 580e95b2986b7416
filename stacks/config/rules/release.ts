/** Releases: what splits the traffic is there, and the parts fit into the whole. */
import { milliseconds, type Problems } from '../../../components/core/index.ts';
import { WEIGHTS } from '../../../components/release/index.ts';
import type { Settings } from '../systems/corporate-intelligence.ts';

export function checkRelease({ release, edge, certificates }: Settings, problems: Problems): void {
  const { strategy, steps, window, candidate, soak, ready, deadline, analysis } = release;
  // An edge that was taken away from under its certificate is told already.
  const told = edge.kind === 'none' && certificates.edge !== 'none';
  problems.require(strategy !== 'canary' || edge.kind === 'nginx' || told, {
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
  // Each window may be held once, and a release whose pods are slow is not yet a bad one.
  const windows = [
    ...(steps ?? WEIGHTS[strategy]).map(() => window),
    ...(strategy === 'rolling' ? [] : [candidate]),
    soak,
  ];
  const held = windows.reduce((sum, one) => sum + milliseconds(one) + milliseconds(analysis.hold), 0);
  const needed = milliseconds(ready) + held;
  problems.require(milliseconds(deadline) > needed, {
    where: 'release.deadline',
    found: `"${deadline}"`,
    wanted: `more than the ${needed / 1000} s that release.ready, release.candidate, release.window for each step and release.soak may take together, each window with release.analysis.hold`,
  });
}
