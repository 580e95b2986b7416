/**
 * How a new version comes to its traffic: the strategies, their steps, and what cannot be meant. One mechanism with different
 * steps: `rolling` has none, `blueGreen` one, `canary` several (D-DEP-1 to 3, A-DEP-1).
 */
import { isDuration, milliseconds, nearest, shown, WRITTEN, type Duration, type Problems } from '../core/index.ts';
import type { Rules } from './runner/analysis.ts';
import type { Step } from './runner/record.ts';

/** `rolling` changes the pods of the live side one after the other; the others start a second side and move the traffic. */
export type Strategy = 'rolling' | 'blueGreen' | 'canary';

/**
 * Who splits the traffic. `service`: the Service's selector, all or nothing. `nginx`: weights of the edge. `gateway`: weights
 * of an HTTPRoute.
 */
export type Driver = 'service' | 'nginx' | 'gateway';

/** The new version's shares of the traffic, in percent, one after the other (D-DEP-3 for `canary`). */
export const WEIGHTS: Readonly<Record<Strategy, readonly number[]>> = {
  rolling: [],
  blueGreen: [100],
  canary: [10, 50, 100],
};

const DRIVERS: readonly Driver[] = ['service', 'nginx', 'gateway'];

/** One step of one's own: its weight alone, or with a window of its own. */
export type AskedStep = number | { readonly weight: number; readonly window: Duration };

/** What a stack says about how its releases go. */
export interface Way {
  /** @default 'rolling' */
  readonly strategy?: Strategy;
  /** Only for `canary`; rising, the last 100. @default {@link WEIGHTS} */
  readonly steps?: readonly AskedStep[];
  /** @default 'service' */
  readonly driver?: Driver;
  /** How long each step is judged that states no window of its own. @default 30s */
  readonly window?: Duration;
}

export const WAY = { strategy: 'rolling', driver: 'service', window: '30s' } as const satisfies Way;

/** What decides how much is seen in a window. */
export interface Pace {
  readonly rules: Rules;
  /** Milliseconds between two questions to one pod on one path. */
  readonly interval: number;
  /** The fewest pods that are on trial. */
  readonly pods: number;
  /** Requests of users a second, at quiet times. Left out, the metrics' minimum is not weighed against the window. */
  readonly traffic?: number;
}

/** The steps with their windows in milliseconds; none for `rolling`. Of a way that {@link checkWay} found good. */
export function stepsOf({
  strategy = WAY.strategy,
  steps = WEIGHTS[strategy],
  window = WAY.window,
}: Way): readonly Step[] {
  return steps.map((step) =>
    typeof step === 'number'
      ? { weight: step, window: milliseconds(window) }
      : { weight: step.weight, window: milliseconds(step.window) },
  );
}

const listed = (steps: readonly AskedStep[]): string =>
  shown(steps.map((step) => (typeof step === 'number' ? step : step.weight)));

/** Notes what no release could go by, under the place where the way stands in the configuration. */
export function checkWay(way: Way, pace: Pace, problems: Problems, where = 'release'): void {
  const { strategy = WAY.strategy, driver = WAY.driver, window = WAY.window, steps } = way;
  const known = Object.keys(WEIGHTS) as Strategy[];
  if (!known.includes(strategy)) {
    const near = nearest(strategy, known);
    const remedy = near === undefined ? {} : { remedy: `did you mean "${near}"?` };
    problems.add({ where: `${where}.strategy`, found: shown(strategy), wanted: known.join(', '), ...remedy });
    return;
  }
  problems.require(DRIVERS.includes(driver), {
    ...{ where: `${where}.driver`, found: shown(driver), wanted: DRIVERS.join(', ') },
  });
  problems.require(strategy !== 'canary' || driver !== 'service', {
    where: `${where}.driver`,
    found: '"service", whose selector moves all of the traffic or none, with the strategy "canary"',
    wanted: '"nginx" or "gateway", which split it',
    remedy: 'set the driver, or the strategy to "blueGreen"',
  });
  if (steps !== undefined && strategy !== 'canary') {
    problems.add({
      where: `${where}.steps`,
      found: `${listed(steps)} with the strategy "${strategy}"`,
      wanted: strategy === 'rolling' ? 'none: pods are replaced one by one' : 'none: all of the traffic moves at once',
      remedy: 'leave them out, or set the strategy to "canary"',
    });
    return;
  }
  const ownWindows = isDuration(window);
  problems.require(ownWindows, { where: `${where}.window`, found: shown(window), wanted: WRITTEN.duration });
  checkWeights(steps ?? WEIGHTS[strategy], steps !== undefined, problems, `${where}.steps`);
  (steps ?? WEIGHTS[strategy]).forEach((step, index) => {
    const own = typeof step === 'number' ? undefined : step.window;
    const place = own === undefined ? `${where}.window` : `${where}.steps[${index}].window`;
    if (own === undefined ? ownWindows : isDuration(own)) {
      checkWindow(own ?? window, typeof step === 'number' ? step : step.weight, pace, problems, place);
    } else if (own !== undefined) problems.add({ where: place, found: shown(own), wanted: WRITTEN.duration });
  });
}

function checkWeights(steps: readonly AskedStep[], given: boolean, problems: Problems, where: string): void {
  const weights = steps.map((step) => (typeof step === 'number' ? step : step.weight));
  if (given && weights.length === 0) {
    const remedy = `leave them out for ${shown(WEIGHTS.canary)}`;
    problems.add({ where, found: '[]', wanted: 'at least one, the last 100', remedy });
    return;
  }
  const odd = weights.findIndex((weight) => !Number.isInteger(weight) || weight < 1 || weight > 100);
  if (odd >= 0) {
    const wanted = 'a share of the traffic in whole percent, from 1 to 100';
    problems.add({ where: `${where}[${odd}]`, found: shown(weights[odd]), wanted });
    return;
  }
  const falling = weights.findIndex((weight, index) => index > 0 && weight <= weights[index - 1]!);
  if (falling >= 0) {
    const found = `${shown(weights[falling])} after ${shown(weights[falling - 1])}`;
    problems.add({ where: `${where}[${falling}]`, found, wanted: 'more than the step before it' });
  } else if (weights.length > 0 && weights.at(-1) !== 100) {
    const wanted = 'a last step of 100: a version is live when it has all of the traffic';
    problems.add({ where, found: listed(steps), wanted, remedy: `write ${shown([...weights, 100])}` });
  }
}

/** How long it takes until each gate has seen what it needs; the longest of them, with its reason. */
function needed({ rules, interval, pods, traffic }: Pace, weight: number): { ms: number; why: string } {
  const every = `with one request each ${interval} ms to each of ${pods} pods`;
  const asked = (count: number, gate: string) => ({
    ms: Math.ceil(count / pods) * interval,
    why: `${gate} needs ${count} good answers on each path, ${every}`,
  });
  const users = ((traffic ?? Infinity) * weight) / 100;
  const spans = [
    { ms: rules.health.inRow * interval, why: `health needs ${rules.health.inRow} good answers of each pod` },
    asked(rules.errors.minimum, 'errors'),
    ...(rules.latency === null ? [] : [asked(rules.latency.minimum, 'latency')]),
    ...(rules.database === null
      ? []
      : [{ ms: rules.database.minimum * interval, why: `database needs ${rules.database.minimum} looks at each pod` }]),
    ...rules.metrics.each.map(({ name, minimum }) => ({
      ms: (minimum / users) * 1000,
      why: `${name} needs ${minimum} requests, with ${weight} % of ${traffic ?? 0} requests a second`,
    })),
  ];
  return spans.reduce((a, b) => (b.ms > a.ms ? b : a));
}

/**
 * Notes windows before and after the steps in which no version could ever be found good, however long they are held. A new side
 * has no users before the first step, so metrics are not weighed there; `rolling` has no new side.
 */
export function checkTiming(
  { candidate, soak }: { readonly candidate: number; readonly soak: number },
  strategy: Strategy,
  pace: Pace,
  problems: Problems,
  where = 'timing',
): void {
  const { rules } = pace;
  const userless = { ...pace, rules: { ...rules, metrics: { ...rules.metrics, each: [] } } };
  const windows = [
    ...(strategy === 'rolling' ? [] : [{ key: 'candidate', window: candidate, ...needed(userless, 0) }]),
    { key: 'soak', window: soak, ...needed(pace, 100) },
  ];
  for (const { key, window, ms, why } of windows) {
    const seconds = (span: number): string => `${Math.ceil(span / 100) / 10}s`;
    problems.require(window + rules.hold >= ms, {
      ...{ where: `${where}.${key}`, found: seconds(window) },
      wanted: `at least ${seconds(ms - rules.hold)}, with the ${seconds(rules.hold)} that it may be held: ${why}`,
      remedy: 'lengthen it, ask more often, or lower the minimum',
    });
  }
}

/** A step that cannot see enough in its window would hold, and then fail, every good version. */
function checkWindow(window: Duration, weight: number, pace: Pace, problems: Problems, where: string): void {
  const { ms, why } = needed(pace, weight);
  problems.require(milliseconds(window) >= ms, {
    ...{ where, found: shown(window), wanted: `at least ${Math.ceil(ms / 1000)}s for the step of ${weight} %: ${why}` },
    remedy: 'lengthen the window, ask more often, or lower the minimum',
  });
}
