/** The gates that rest on the runner's own requests: health, errors, latency. Pure. */
import type { GateVerdict, Scene } from './analysis.ts';
import type { Rules } from './rules.ts';
import {
  atTheSameTime,
  densest,
  grouped,
  inOrder,
  longestRow,
  quantile,
  quantileBounds,
  type HttpSample,
  type Sample,
} from './samples.ts';
import { heaviest, type Verdict } from './verdict.ts';

/** `15 %`, `0.4 %`. */
export const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;

const millis = (value: number): string => `${Number(value.toFixed(1))} ms`;

const isHttp = (sample: Sample): sample is HttpSample => sample.kind === 'http';
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
    return on.length - failed < minimum
      ? { ...said, verdict: 'inconclusive', reading: `${share}; ${minimum} good ones are needed to judge` }
      : { ...said, verdict: 'pass', reading: share };
  });
}

/** Each path: how much slower than the stable version, of the answers that were good. Failed ones are judged as errors. */
export function judgeLatency(
  samples: readonly Sample[],
  { ratio, tolerance, minimum, recent }: NonNullable<Rules['latency']>,
  { now, paths, comparison }: Scene,
): GateVerdict[] {
  const good = samples.filter(isHttp).filter(({ ok }) => ok);
  const limit = `at most ${ratio} × stable's 95th percentile, or ${tolerance} ms more`;
  const when = comparison === 'before' ? 'before' : 'at the same time';
  const latencies = (of: readonly HttpSample[]): number[] => of.map(({ latency }) => latency);
  return paths.map((path): GateVerdict => {
    const on = good.filter((sample) => sample.path === path);
    const sides = [on.filter(({ side }) => side === 'candidate'), on.filter(({ side }) => side === 'stable')] as const;
    const [candidate, stable] = comparison === 'before' ? sides : atTheSameTime(...sides);
    const said = { gate: `latency ${path}`, limit, samples: Math.min(candidate.length, stable.length) };
    if (said.samples < minimum) {
      const few = `${candidate.length} good answers, stable ${stable.length} ${when}`;
      return { ...said, verdict: 'inconclusive', reading: `${few}; ${minimum} of each are needed to judge` };
    }
    const late = ({ at }: HttpSample): boolean => now - at <= recent;
    const parts = [
      { over: 'in the window', of: candidate, than: stable },
      { over: 'of late', of: candidate.filter(late), than: comparison === 'before' ? stable : stable.filter(late) },
    ]
      .filter(({ of, than }) => of.length >= minimum && than.length >= minimum)
      .map(({ over, of, than }) => {
        const [own, others] = [latencies(of), latencies(than)];
        const slower = (a: number, b: number): boolean => a > b * ratio && a - b > tolerance;
        const certain = slower(quantileBounds(own, 0.95)[0], quantileBounds(others, 0.95)[1]);
        const [a, b] = [quantile(own, 0.95), quantile(others, 0.95)];
        const verdict: Verdict = certain ? 'fail' : slower(a, b) ? 'inconclusive' : 'pass';
        const reading = `${millis(a)} ${over}, stable ${millis(b)} ${when} (${Number((a / b).toFixed(2))} ×)`;
        const doubt = verdict === 'inconclusive' ? ', which may be chance' : '';
        return { ...said, samples: Math.min(of.length, than.length), verdict, reading: reading + doubt };
      });
    const worst = heaviest(parts.map(({ verdict }) => verdict));
    return parts.find(({ verdict }) => verdict === worst)!;
  });
}
