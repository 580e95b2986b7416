/** What cannot be meant by the rules of an analysis. Each problem names the rule, what was found, and what would do. */
import { shown, type Problems } from '../core/index.ts';
import type { Rules } from './runner/analysis.ts';

/** A number's bounds, both included; `whole` for counts. */
interface Bounds {
  readonly from: number;
  readonly to: number;
  readonly whole?: boolean;
  readonly unit?: string;
}

const COUNT = { from: 1, to: 100_000, whole: true };
const SPAN = { from: 1, to: 86_400_000, unit: ' milliseconds' };

/** Notes rules by which a good version could not pass, or a bad one would. */
export function checkRules(rules: Rules, problems: Problems, where = 'release.analysis'): void {
  const within = (path: string, value: number, { from, to, whole = false, unit = '' }: Bounds): boolean => {
    const good = Number.isFinite(value) && value >= from && value <= to && (!whole || Number.isInteger(value));
    const wanted = `a ${whole ? 'whole ' : ''}number from ${from} to ${to}${unit}`;
    problems.require(good, { where: `${where}.${path}`, found: String(value), wanted });
    return good;
  };
  const { window, hold, freshness, health, errors, latency, database, restarts, metrics } = rules;
  within('window', window, SPAN);
  within('hold', hold, { ...SPAN, from: 0 });
  within('freshness', freshness, SPAN);
  within('health.inRow', health.inRow, COUNT);
  within('errors.most', errors.most, { from: 0, to: 0.5 });
  within('errors.fewest', errors.fewest, COUNT);
  const counts = within('errors.minimum', errors.minimum, COUNT) && within('errors.recent', errors.recent, COUNT);
  problems.require(!counts || errors.recent >= errors.minimum, {
    where: `${where}.errors.recent`,
    found: shown(errors.recent),
    wanted: `at least errors.minimum, which is ${errors.minimum}: a share of fewer requests decides nothing`,
  });
  if (latency !== null) {
    within('latency.ratio', latency.ratio, { from: 1, to: 100 });
    within('latency.tolerance', latency.tolerance, { ...SPAN, from: 0 });
    within('latency.minimum', latency.minimum, COUNT);
    within('latency.recent', latency.recent, SPAN);
  }
  if (database !== null) {
    within('database.inRow', database.inRow, COUNT);
    within('database.minimum', database.minimum, COUNT);
  }
  if (restarts !== null) within('restarts.most', restarts.most, { ...COUNT, from: 0 });
  within('metrics.inRow', metrics.inRow, COUNT);
  metrics.each.forEach(({ name, query, requests, most, minimum }, index) => {
    const place = `metrics.each[${index}]`;
    const twin = metrics.each.findIndex((other) => other.name === name);
    problems.require(name !== '' && twin === index, {
      where: `${where}.${place}.name`,
      found: shown(name),
      wanted: 'a name that no other metric has',
    });
    for (const [key, text] of Object.entries({ query, requests })) {
      problems.require(text.trim() !== '', { where: `${where}.${place}.${key}`, found: shown(text), wanted: 'PromQL' });
    }
    within(`${place}.most`, most, { from: -Number.MAX_VALUE, to: Number.MAX_VALUE });
    within(`${place}.minimum`, minimum, COUNT);
  });
}
