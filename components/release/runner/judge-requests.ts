/** The gates that rest on how the runner's own requests were answered: health, errors. Pure. */
import type { GateVerdict, Scene } from './analysis.ts';
import type { Rules } from './rules.ts';
import { densest, grouped, inOrder, longestRow, type HttpSample, type Sample } from './samples.ts';

/** `15 %`, `0.4 %`. */
export const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;

/** Why a share above the limit is no breach yet. */
export const chance = (fewest: number): string => `which may be chance with fewer than ${fewest}`;

export const isHttp = (sample: Sample): sample is HttpSample => sample.kind === 'http';
const ofCandidate = (samples: readonly Sample[]): HttpSample[] =>
  inOrder(samples.filter(isHttp).filter(({ side }) => side === 'candidate'));

const lastFailure = (samples: readonly HttpSample[]): string =>
  samples.findLast(({ ok }) => !ok)?.seen ?? 'none failed';

/** Every pod on every path: a row of failures is a breach; a pod that was not heard of lately leaves it open. */
export function judgeHealth(samples: readonly Sample[], rules: Rules, scene: Scene): GateVerdict[] {
  const { inRow } = rules.health;
  const asked = ofCandidate(samples);
  const said = { gate: 'health', limit: `fewer than ${inRow} failures of one pod in a row`, samples: asked.length };
  const rows = [...grouped(asked, ({ pod, path }) => `${pod} on ${path}`)];
  const broken = rows.find(([, row]) => longestRow(row) >= inRow);
  if (broken) {
    const [who, row] = broken;
    return [
      { ...said, verdict: 'fail', reading: `${who}: ${longestRow(row)} failures in a row, last: ${lastFailure(row)}` },
    ];
  }
  if (scene.pods.length === 0) return [{ ...said, verdict: 'inconclusive', reading: 'no pod is on trial' }];
  const heard = new Map(rows);
  const silent = scene.pods
    .flatMap((pod) => scene.paths.map((path) => `${pod} on ${path}`))
    .filter((who) => {
      const good = (heard.get(who) ?? []).filter(({ ok }) => ok);
      return good.length < inRow || scene.now - good.at(-1)!.at > rules.freshness;
    });
  return silent.length > 0 || scene.paths.length === 0
    ? [{ ...said, verdict: 'inconclusive', reading: `nothing good lately from ${silent.join(', ') || 'any path'}` }]
    : [
        {
          ...said,
          verdict: 'pass',
          reading: `${asked.filter(({ ok }) => !ok).length} of ${asked.length} requests failed`,
        },
      ];
}

/** Each path: the share of failed requests, over all of them and where they were densest. */
export function judgeErrors(samples: readonly Sample[], { errors }: Rules, { paths }: Scene): GateVerdict[] {
  const { most, minimum, recent, fewest } = errors;
  const asked = grouped(ofCandidate(samples), ({ path }) => path);
  const stable = grouped(
    samples.filter(isHttp).filter(({ side }) => side === 'stable'),
    ({ path }) => path,
  );
  return [...new Set([...paths, ...asked.keys()])].map((path): GateVerdict => {
    const on = asked.get(path) ?? [];
    const failed = on.filter(({ ok }) => !ok).length;
    const span = Math.min(recent, on.length);
    const dense = densest(on, recent);
    const beside = stable.get(path) ?? [];
    const others = `stable: ${beside.filter(({ ok }) => !ok).length} of ${beside.length}`;
    const said = { gate: `errors ${path}`, limit: `at most ${percent(most)}`, samples: on.length };
    if (on.length >= minimum && failed >= fewest && failed / on.length > most) {
      const share = `${failed} of ${on.length} requests failed (${percent(failed / on.length)})`;
      return { ...said, verdict: 'fail', reading: `${share}, last: ${lastFailure(on)}; ${others}` };
    }
    if (on.length >= minimum && dense >= fewest && dense / span > most) {
      const share = `${dense} of ${span} consecutive requests failed (${percent(dense / span)})`;
      return { ...said, verdict: 'fail', reading: `${share}, last: ${lastFailure(on)}; ${others}` };
    }
    const share = `${failed} of ${on.length} requests failed`;
    // Failures do not count towards the minimum: one of them more never turns "too little" into "good".
    if (on.length - failed < minimum) {
      return { ...said, verdict: 'inconclusive', reading: `${share}; ${minimum} good ones are needed to judge` };
    }
    // Too few to blame the version, too many to call it good: more requests tell.
    return failed / on.length > most
      ? { ...said, verdict: 'inconclusive', reading: `${share} (${percent(failed / on.length)}), ${chance(fewest)}` }
      : { ...said, verdict: 'pass', reading: share };
  });
}
