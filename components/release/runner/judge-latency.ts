/** The gate that compares how long good answers take with the stable version. Pure. */
import type { GateVerdict, Scene } from './analysis.ts';
import { isHttp, percent } from './judge-requests.ts';
import type { Rules } from './rules.ts';
import { atTheSameTime, quantile, quantileBounds, type HttpSample, type Sample } from './samples.ts';
import { heaviest, type Verdict } from './verdict.ts';

type Limits = NonNullable<Rules['latency']>;

const millis = (value: number): string => `${Number(value.toFixed(1))} ms`;
const latencies = (of: readonly HttpSample[]): number[] => of.map(({ latency }) => latency);

/** Each path: how much slower than the stable version, of the answers that were good. Failed ones are judged as errors. */
export function judgeLatency(
  samples: readonly Sample[],
  { ratio, tolerance, minimum, recent }: Limits,
  rules: Rules,
  scene: Scene,
): GateVerdict[] {
  const { now, paths, comparison, why } = scene;
  const asked = samples.filter(isHttp);
  const limit = `at most ${ratio} × stable's 95th percentile, or ${tolerance} ms more`;
  const gate = (path: string) => ({ gate: `latency ${path}`, limit });
  if (comparison === 'none') {
    const said = { samples: 0, verdict: 'skipped', reading: `not compared: ${why ?? ''}` } as const;
    return why === undefined ? [] : paths.map((path) => ({ ...gate(path), ...said }));
  }
  const when = comparison === 'before' ? 'before' : 'at the same time';
  return paths.map((path): GateVerdict => {
    const on = asked.filter((sample) => sample.path === path);
    const good = on.filter(({ ok }) => ok);
    const sides = [
      good.filter(({ side }) => side === 'candidate'),
      good.filter(({ side }) => side === 'stable'),
    ] as const;
    const [candidate, stable] = comparison === 'before' ? sides : atTheSameTime(...sides);
    const said = { ...gate(path), samples: Math.min(candidate.length, stable.length) };
    if (said.samples < minimum) {
      const beside = on.filter(({ side }) => side === 'stable');
      const nothing = comparison === 'before' ? undefined : noMeasure(beside, sides[0], rules, scene);
      if (nothing !== undefined) return { ...said, verdict: 'skipped', reading: `not compared: ${nothing}` };
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

/**
 * Why a stable version that has given too few good answers is no measure, and waiting does not make it one: it has to be possible
 * to replace a live version that is broken, and that above all. Nothing where it is healthy and was just not asked enough.
 *
 * @param stable all that was asked of it on one path
 * @param candidate the good answers of the version on trial there
 */
function noMeasure(
  stable: readonly HttpSample[],
  candidate: readonly HttpSample[],
  { errors, latency }: Rules,
  { stable: ready, interval = Infinity }: Scene,
): string | undefined {
  const { minimum, ratio, tolerance } = latency!;
  const good = stable.filter(({ ok }) => ok);
  if (good.length >= minimum) return undefined;
  const failed = stable.length - good.length;
  const seen = `${good.length} good answers of ${stable.length}; ${minimum} are needed`;
  if (ready === 0) return `stable has no ready pod (${seen})`;
  if (failed >= errors.fewest && failed / stable.length > errors.most) {
    return `stable is broken: ${percent(failed / stable.length)} of its requests failed (${seen})`;
  }
  // Who answers that slowly cannot be asked more often; a version that is slow as well stays undecided.
  const usual = quantile(latencies(good), 0.5);
  const isSlow = good.length >= errors.fewest && candidate.length >= minimum && usual > interval;
  const own = quantile(latencies(candidate), 0.95);
  return isSlow && usual > own * ratio && usual - own > tolerance
    ? `stable is too slow to be asked often enough: it takes ${millis(usual)} where 95 % of the new version's take ${millis(own)} (${seen})`
    : undefined;
}
