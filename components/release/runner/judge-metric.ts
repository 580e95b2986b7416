/** The gate that rests on queries against a metrics store. Pure. */
import type { GateVerdict, Scene } from './analysis.ts';
import type { MetricRule, Rules } from './rules.ts';
import { inOrder, type MetricSample, type Reading, type Sample } from './samples.ts';

/** Why there is no finite number; undefined where there is one. */
function absence(reading: Reading): string | undefined {
  switch (reading.kind) {
    case 'value':
      return Number.isFinite(reading.value) ? undefined : `gave ${reading.value}`;
    case 'no-data':
      return 'matched no series';
    case 'ambiguous':
      return `matched ${reading.series} series; one is wanted`;
    case 'unreachable':
      return `could not be asked: ${reading.reason}`;
    default:
      return reading satisfies never;
  }
}

const number = (reading: Reading): number => (reading.kind === 'value' ? reading.value : NaN);

/** One look: a number with enough requests behind it, or why not. */
function look(
  { value, requests }: MetricSample,
  { most, minimum }: MetricRule,
): Pick<GateVerdict, 'verdict' | 'reading'> {
  for (const [what, reading] of [
    ['the number of requests', requests],
    ['the query', value],
  ] as const) {
    const why = absence(reading);
    if (why === undefined) {
      if (reading !== requests || number(requests) >= minimum) continue;
      return { verdict: 'inconclusive', reading: `${number(requests)} requests; ${minimum} are needed to judge` };
    }
    return { verdict: reading.kind === 'unreachable' ? 'error' : 'inconclusive', reading: `${what} ${why}` };
  }
  return { verdict: number(value) > most ? 'fail' : 'pass', reading: String(number(value)) };
}

/** A bad value at any time is a breach; the newest ones must all be good, so that one which comes and goes never passes. */
export function judgeMetric(
  samples: readonly Sample[],
  rule: MetricRule,
  { metrics: { inRow }, freshness }: Rules,
  { now }: Scene,
): GateVerdict {
  const looks = inOrder(samples.filter((sample) => sample.kind === 'metric').filter(({ name }) => name === rule.name));
  const said = { gate: rule.name, limit: `at most ${rule.most}` };
  const judged = looks.map((sample) => ({ ...look(sample, rule), sample }));
  const of = ({ requests }: MetricSample): number => (requests.kind === 'value' ? requests.value : 0);
  const decisive =
    judged.find(({ verdict }) => verdict === 'fail') ?? judged.slice(-inRow).find(({ verdict }) => verdict !== 'pass');
  if (decisive) {
    const { verdict, reading, sample } = decisive;
    return { ...said, verdict, reading, samples: of(sample) };
  }
  const newest = judged.at(-1);
  if (newest === undefined || judged.length < inRow || now - newest.sample.at > freshness) {
    const reading = `${looks.length} looks; ${inRow} are needed, the newest not older than ${freshness} ms`;
    return { ...said, verdict: 'inconclusive', reading, samples: newest === undefined ? 0 : of(newest.sample) };
  }
  return { ...said, verdict: 'pass', reading: newest.reading, samples: of(newest.sample) };
}
