import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Problems } from '../../../../components/core/index.ts';
import { RULES, type Rules } from '../../../../components/release/runner/analysis.ts';
import { checkRules } from '../../../../components/release/rules-check.ts';
import {
  checkTiming,
  checkWay,
  stepsOf,
  type Pace,
  type Strategy,
  type Way,
} from '../../../../components/release/steps.ts';

const PACE: Pace = { rules: RULES, interval: 200, pods: 2 };

const against = (way: Way, pace = PACE): string[] => {
  const problems = new Problems();
  checkWay(way, pace, problems);
  return problems.found.map(({ where, found, wanted, remedy }) =>
    [where, found, wanted, ...(remedy === undefined ? [] : [remedy])].join(' | '),
  );
};

const canary = (steps?: Way['steps'], more: Way = {}): Way => ({
  ...{ strategy: 'canary', driver: 'nginx', ...more },
  ...(steps && { steps }),
});

test('rolling is the default and has no steps; blueGreen has one, canary three', () => {
  assert.deepEqual(stepsOf({}), []);
  assert.deepEqual(stepsOf({ strategy: 'rolling' }), []);
  assert.deepEqual(stepsOf({ strategy: 'blueGreen' }), [{ weight: 100, window: 30_000 }]);
  assert.deepEqual(stepsOf({ strategy: 'canary', window: '1m' }), [
    { weight: 10, window: 60_000 },
    { weight: 50, window: 60_000 },
    { weight: 100, window: 60_000 },
  ]);
  assert.deepEqual(stepsOf(canary([1, { weight: 20, window: '5m' }, 100])), [
    { weight: 1, window: 30_000 },
    { weight: 20, window: 300_000 },
    { weight: 100, window: 30_000 },
  ]);
});

test('each strategy as it comes is in order, and so are steps of one’s own', () => {
  const ways: readonly Way[] = [{}, { strategy: 'rolling' }, { strategy: 'blueGreen' }, canary(), canary([5, 100])];
  for (const way of [...ways, canary([{ weight: 25, window: '20s' }, 100]), canary([100], { driver: 'gateway' })]) {
    assert.deepEqual(against(way), []);
  }
});

test('each way that cannot be meant is one problem, which says what to do', () => {
  const cases: readonly (readonly [way: Way, problem: string])[] = [
    [
      { strategy: 'canary' },
      'release.driver | "service", whose selector moves all of the traffic or none, with the strategy "canary" | "nginx" or "gateway", which split it | set the driver, or the strategy to "blueGreen"',
    ],
    [
      { strategy: 'bluegreen' as never },
      'release.strategy | "bluegreen" | rolling, blueGreen, canary | did you mean "blueGreen"?',
    ],
    [{ driver: 'traefik' as never }, 'release.driver | "traefik" | service, nginx, gateway'],
    [
      { steps: [10, 100] },
      'release.steps | [10,100] with the strategy "rolling" | none: pods are replaced one by one | leave them out, or set the strategy to "canary"',
    ],
    [
      { strategy: 'blueGreen', steps: [50, 100] },
      'release.steps | [50,100] with the strategy "blueGreen" | none: all of the traffic moves at once | leave them out, or set the strategy to "canary"',
    ],
    [
      canary([10, 50]),
      'release.steps | [10,50] | a last step of 100: a version is live when it has all of the traffic | write [10,50,100]',
    ],
    [canary([10, 50, 50, 100]), 'release.steps[2] | 50 after 50 | more than the step before it'],
    [canary([50, 10, 100]), 'release.steps[1] | 10 after 50 | more than the step before it'],
    [canary([0, 100]), 'release.steps[0] | 0 | a share of the traffic in whole percent, from 1 to 100'],
    [canary([12.5, 100]), 'release.steps[0] | 12.5 | a share of the traffic in whole percent, from 1 to 100'],
    [canary([10, 110]), 'release.steps[1] | 110 | a share of the traffic in whole percent, from 1 to 100'],
    [canary([]), 'release.steps | [] | at least one, the last 100 | leave them out for [10,50,100]'],
    [
      { strategy: 'blueGreen', window: 'soon' as never },
      'release.window | "soon" | a duration like "500ms", "90s", "15m", "6h" or "30d"',
    ],
    [
      canary([{ weight: 10, window: '1 minute' as never }, 100]),
      'release.steps[0].window | "1 minute" | a duration like "500ms", "90s", "15m", "6h" or "30d"',
    ],
    [
      canary([{ weight: 10, window: '5s' }, 100]),
      'release.steps[0].window | "5s" | at least 6s for the step of 10 %: latency needs 60 good answers on each path, with one request each 200 ms to each of 2 pods | lengthen the window, ask more often, or lower the minimum',
    ],
  ];
  for (const [way, problem] of cases) assert.deepEqual(against(way), [problem]);
});

test('a window is long enough exactly when every gate can see its minimum in it', () => {
  const bare: Rules = { ...RULES, latency: null, database: null };
  assert.deepEqual(against({ strategy: 'blueGreen', window: '2s' }, { ...PACE, rules: bare }), []);
  assert.match(
    against({ strategy: 'blueGreen', window: '1999ms' }, { ...PACE, rules: bare })[0]!,
    /at least 2s for the step of 100 %: errors needs 20 good answers/,
  );
  assert.match(
    against({ strategy: 'blueGreen', window: '8s' }, { ...PACE, pods: 1 })[0]!,
    /at least 12s .* to each of 1 pods/,
  );
  const patient = { ...RULES, database: { inRow: 3, minimum: 300 } };
  assert.match(
    against({ strategy: 'blueGreen' }, { ...PACE, rules: patient })[0]!,
    /at least 60s .*: database needs 300/,
  );
});

test('a soak or a candidate’s window in which no version could be found good, however long it is held, is refused, for rolling too', () => {
  const timed = (strategy: Strategy, candidate: number, soak: number, over: Partial<Pace> = {}): string[] => {
    const problems = new Problems();
    checkTiming({ candidate, soak }, strategy, { ...PACE, rules: { ...RULES, hold: 4000 }, ...over }, problems);
    return problems.found.map(({ where, found, wanted }) => `${where} | ${found} | ${wanted}`);
  };
  const wanted =
    'at least 2s, with the 4s that it may be held: latency needs 60 good answers on each path, with one request each 200 ms to each of 2 pods';
  assert.deepEqual(timed('canary', 2000, 2000), []);
  assert.deepEqual(timed('blueGreen', 1900, 1999), [
    `timing.candidate | 1.9s | ${wanted}`,
    `timing.soak | 2s | ${wanted}`,
  ]);
  // It has no candidate beside the live side.
  assert.deepEqual(timed('rolling', 1, 1900), [`timing.soak | 1.9s | ${wanted}`]);
  // Users come with the first step.
  const each = [{ name: 'edge-errors', query: 'q', most: 0.05, requests: 'n', minimum: 100 }];
  const rules = { ...RULES, hold: 4000, metrics: { inRow: 2, each } };
  assert.deepEqual(timed('canary', 2000, 6000, { rules, traffic: 10 }), []);
  assert.match(
    timed('canary', 2000, 5900, { rules, traffic: 10 })[0]!,
    /^timing\.soak .* at least 6s.*edge-errors needs 100/,
  );
});

test('a canary step is as long as its share of the traffic takes to make the requests that a metric needs', () => {
  const each = [{ name: 'edge-errors', query: 'q', most: 0.05, requests: 'n', minimum: 100 }];
  const pace = { ...PACE, rules: { ...RULES, metrics: { inRow: 2, each } }, traffic: 20 };
  assert.deepEqual(against(canary(undefined, { window: '50s' }), pace), []);
  assert.deepEqual(against(canary(undefined, { window: '49s' }), pace), [
    'release.window | "49s" | at least 50s for the step of 10 %: edge-errors needs 100 requests, with 10 % of 20 requests a second | lengthen the window, ask more often, or lower the minimum',
  ]);
});

test('steps that are found good rise to 100 and have windows', () => {
  const weights = fc.array(fc.integer({ min: -5, max: 120 }), { maxLength: 6 });
  const likely = fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 5 }).map((some) => [...some, 100]);
  let good = 0;
  fc.assert(
    fc.property(fc.oneof(weights, likely), (steps) => {
      if (against(canary(steps)).length > 0) return;
      good++;
      const made = stepsOf(canary(steps));
      assert.ok(made.every(({ weight }, i) => weight > (made[i - 1]?.weight ?? 0)));
      assert.equal(made.at(-1)!.weight, 100);
    }),
    { numRuns: 1000 },
  );
  assert.ok(good > 30, `only ${good} were good`);
});

test('rules by which nothing could pass, or anything would, are refused one by one', () => {
  const problemsOf = (rules: Partial<Rules>): string[] => {
    const problems = new Problems();
    checkRules({ ...RULES, ...rules }, problems);
    return problems.found.map(({ where, found, wanted }) => `${where} | ${found} | ${wanted}`);
  };
  const metric = { name: 'm', query: 'q', most: 1, requests: 'n', minimum: 50 };
  assert.deepEqual(problemsOf({}), []);
  assert.deepEqual(problemsOf({ latency: null, database: null, restarts: null }), []);
  assert.deepEqual(problemsOf({ metrics: { inRow: 1, each: [metric] } }), []);
  const at = 'release.analysis';
  assert.deepEqual(problemsOf({ window: 0 }), [`${at}.window | 0 | a number from 1 to 86400000 milliseconds`]);
  assert.deepEqual(problemsOf({ hold: NaN }), [`${at}.hold | NaN | a number from 0 to 86400000 milliseconds`]);
  assert.deepEqual(problemsOf({ health: { inRow: 0 } }), [`${at}.health.inRow | 0 | a whole number from 1 to 100000`]);
  assert.deepEqual(problemsOf({ errors: { ...RULES.errors, most: 5 } }), [
    `${at}.errors.most | 5 | a number from 0 to 0.5`,
  ]);
  assert.deepEqual(problemsOf({ errors: { ...RULES.errors, recent: 10 } }), [
    `${at}.errors.recent | 10 | at least errors.minimum, which is 20: a share of fewer requests decides nothing`,
  ]);
  assert.deepEqual(problemsOf({ latency: { ...RULES.latency!, ratio: 0.5 } }), [
    `${at}.latency.ratio | 0.5 | a number from 1 to 100`,
  ]);
  assert.deepEqual(problemsOf({ restarts: { most: -1 } }), [
    `${at}.restarts.most | -1 | a whole number from 0 to 100000`,
  ]);
  assert.deepEqual(problemsOf({ metrics: { inRow: 1, each: [metric, { ...metric, query: ' ', minimum: 0.5 }] } }), [
    `${at}.metrics.each[1].name | "m" | a name that no other metric has`,
    `${at}.metrics.each[1].query | " " | PromQL`,
    `${at}.metrics.each[1].minimum | 0.5 | a whole number from 1 to 100000`,
  ]);
});
