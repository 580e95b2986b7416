/** The gates that rest on the pods themselves: their database, their restarts. Pure. */
import type { GateVerdict, Scene } from './analysis.ts';
import { chance, percent } from './judge-requests.ts';
import type { Rules } from './rules.ts';
import { grouped, inOrder, longestRow, type DatabaseSample, type RestartSample, type Sample } from './samples.ts';

const ofCandidate = <S extends DatabaseSample | RestartSample>(samples: readonly Sample[], kind: S['kind']): S[] =>
  inOrder(samples.filter((sample): sample is S => sample.kind === kind && (sample as S).side === 'candidate'));

/** Pods on trial of which too little was seen, or nothing lately. */
function unheard<S extends { readonly at: number }>(
  byPod: ReadonlyMap<string, readonly S[]>,
  minimum: number,
  freshness: number,
  { now, pods }: Scene,
): string[] {
  return pods.filter((pod) => {
    const seen = byPod.get(pod) ?? [];
    return seen.length < minimum || now - seen.at(-1)!.at > freshness;
  });
}

const missing = (what: string, silent: readonly string[]): string =>
  silent.length === 0 ? 'no pod is on trial' : `too little, or nothing lately, about ${what} of ${silent.join(', ')}`;

/** A row of failures of one pod is a breach, and so is a share of them that the requests may not have either. */
export function judgeDatabase(
  samples: readonly Sample[],
  { inRow, minimum }: NonNullable<Rules['database']>,
  { errors, freshness }: Rules,
  scene: Scene,
): GateVerdict {
  const asked = ofCandidate<DatabaseSample>(samples, 'database');
  const byPod = grouped(asked, ({ pod }) => pod);
  const said = {
    gate: 'database',
    limit: `fewer than ${inRow} failures of one pod in a row, at most ${percent(errors.most)} of all`,
    samples: asked.length,
  };
  const failures = asked.filter(({ ok }) => !ok);
  const last = failures.at(-1)?.seen ?? 'none';
  const broken = [...byPod].find(([, row]) => longestRow(row) >= inRow);
  if (broken) {
    const reading = `${broken[0]}: ${longestRow(broken[1])} failures in a row, last: ${last}`;
    return { ...said, verdict: 'fail', reading };
  }
  const share = `${failures.length} of ${asked.length} looks at the database failed`;
  const enough = asked.length >= errors.minimum && failures.length >= errors.fewest;
  const isMuch = failures.length / asked.length > errors.most;
  if (enough && isMuch) {
    return {
      ...said,
      verdict: 'fail',
      reading: `${share} (${percent(failures.length / asked.length)}), last: ${last}`,
    };
  }
  const good = grouped(
    asked.filter(({ ok }) => ok),
    ({ pod }) => pod,
  );
  const silent = unheard(good, minimum, freshness, scene);
  if (silent.length > 0 || scene.pods.length === 0) {
    return { ...said, verdict: 'inconclusive', reading: missing('the database', silent) };
  }
  const doubt = `${share} (${percent(failures.length / asked.length)}), ${chance(errors.fewest)} or with so few looks`;
  return isMuch ? { ...said, verdict: 'inconclusive', reading: doubt } : { ...said, verdict: 'pass', reading: share };
}

/** Restarts since the pod was first seen: what happened before it was watched is not held against it. */
export function judgeRestarts(
  samples: readonly Sample[],
  { most }: NonNullable<Rules['restarts']>,
  { freshness }: Rules,
  scene: Scene,
): GateVerdict {
  const looks = ofCandidate<RestartSample>(samples, 'restarts');
  const byPod = grouped(looks, ({ pod }) => pod);
  const said = { gate: 'restarts', limit: `at most ${most} of a pod`, samples: looks.length };
  const restarted = [...byPod]
    .map(([pod, seen]) => ({ pod, times: Math.max(...seen.map(({ count }) => count)) - seen[0]!.count }))
    .toSorted((a, b) => b.times - a.times)[0];
  if (restarted !== undefined && restarted.times > most) {
    return { ...said, verdict: 'fail', reading: `${restarted.pod} restarted ${restarted.times} times` };
  }
  const silent = unheard(byPod, 2, freshness, scene);
  return silent.length > 0 || scene.pods.length === 0
    ? { ...said, verdict: 'inconclusive', reading: missing('restarts', silent) }
    : { ...said, verdict: 'pass', reading: `${restarted?.times ?? 0} restarts` };
}
