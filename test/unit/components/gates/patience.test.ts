import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { milliseconds } from '../../../../components/core/index.ts';
import { pass, type Reading, type Verdict } from '../../../../components/gates/judge.ts';
import { patiently, type Outcome, type Patience } from '../../../../components/gates/patience.ts';
import { sequence, virtualClock } from './support/time.ts';

const PLAIN: Patience = {
  perTry: '5s',
  interval: '2s',
  successes: 1,
  failureLimit: 'none',
  errorLimit: 'none',
  deadline: '60s',
};

function settle(patience: Partial<Patience>, ...verdicts: readonly (Verdict | 'hung')[]): Promise<Outcome> {
  const clock = virtualClock();
  return clock.run(patiently(sequence(...verdicts), { ...PLAIN, ...patience }, clock));
}

const times = (count: number, verdict: Verdict): Verdict[] => Array.from({ length: count }, () => verdict);

test('opens at the first pass when one is enough', async () => {
  assert.deepEqual(await settle({}, 'pass'), { verdict: 'pass', seen: 'fine', reasons: [], tries: 1, seconds: 0 });
});

test('asks again at the interval until it passes', async () => {
  const { verdict, tries, seconds } = await settle({}, 'error', 'fail', 'inconclusive', 'pass');
  assert.deepEqual([verdict, tries, seconds], ['pass', 4, 6]);
});

test('opens after so many passes in a row, and a pass before a fail does not count', async () => {
  const { verdict, tries } = await settle({ successes: 3 }, 'pass', 'pass', 'fail', 'pass', 'pass', 'pass');
  assert.deepEqual([verdict, tries], ['pass', 6]);
});

test('a gate that flaps never opens, and says how far it came', async () => {
  const flapping = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 'pass' : 'fail') as Verdict);
  const { verdict, reasons, seconds } = await settle({ successes: 2 }, ...flapping);
  assert.equal(verdict, 'inconclusive');
  assert.deepEqual(reasons, [
    '1 of 2 passes in a row when the deadline of 60s has passed',
    'earlier, 15 times: answered 503',
  ]);
  assert.equal(seconds, 60);
});

test('opens when it recovers just before its deadline', async () => {
  const { verdict, seconds } = await settle({ deadline: '61s' }, ...times(31, 'fail'), 'pass');
  assert.deepEqual([verdict, seconds], ['pass', 61]);
});

test('stays shut when it recovers just after its deadline', async () => {
  const { verdict, seconds } = await settle({ deadline: '61s' }, ...times(32, 'fail'), 'pass');
  assert.deepEqual([verdict, seconds], ['fail', 61]);
});

test('shuts after so many fails in a row, and errors between them start the count again', async () => {
  const { verdict, tries, reasons } = await settle(
    { failureLimit: 3 },
    'fail',
    'fail',
    'error',
    'fail',
    'fail',
    'fail',
  );
  assert.deepEqual([verdict, tries], ['fail', 6]);
  assert.deepEqual(reasons, ['answered 503', '3 in a row; the limit is 3', 'earlier, once: connection refused']);
});

test('shuts after so many errors in a row, with a word of its own', async () => {
  const { verdict, tries, reasons } = await settle({ errorLimit: 5, failureLimit: 1 }, 'error');
  assert.deepEqual([verdict, tries], ['error', 5]);
  assert.deepEqual(reasons, ['connection refused', '5 in a row; the limit is 5']);
});

test('refused three times and then answered is open, not an error', async () => {
  assert.equal((await settle({ errorLimit: 5 }, 'error', 'error', 'error', 'pass')).verdict, 'pass');
});

test('what decides nothing never opens a gate, and is no fail either', async () => {
  const { verdict, seconds } = await settle({ failureLimit: 1, errorLimit: 1 }, 'inconclusive');
  assert.deepEqual([verdict, seconds], ['inconclusive', 60]);
});

test('a probe that never answers is cut off at its limit, and told so', async () => {
  const clock = virtualClock();
  const signals: AbortSignal[] = [];
  const outcome = await clock.run(
    patiently(
      ({ signal }) => {
        signals.push(signal);
        return new Promise<Reading>(() => undefined);
      },
      { ...PLAIN, errorLimit: 2 },
      clock,
    ),
  );
  assert.deepEqual([outcome.verdict, outcome.tries, outcome.seconds], ['error', 2, 10]);
  assert.equal(outcome.reasons[0], 'no answer within 5s');
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [true, true],
  );
});

test('an answer that comes after its limit does not count', async () => {
  const clock = virtualClock();
  const late = (): Promise<Reading> => new Promise((resolve) => void clock.after(5001, () => resolve(pass('late'))));
  const outcome = await clock.run(patiently(late, { ...PLAIN, errorLimit: 1 }, clock));
  assert.deepEqual([outcome.verdict, outcome.reasons[0]], ['error', 'no answer within 5s']);
});

test('a probe that throws, at once or later, is an error with its message', async () => {
  const clock = virtualClock();
  const atOnce = (): Promise<Reading> => {
    throw new Error('no such module');
  };
  const later = (): Promise<Reading> => Promise.reject(new Error('broke'));
  for (const [probe, message] of [
    [atOnce, 'no such module'],
    [later, 'broke'],
  ] as const) {
    const outcome = await clock.run(patiently(probe, { ...PLAIN, errorLimit: 1 }, clock));
    assert.deepEqual([outcome.verdict, outcome.reasons[0]], ['error', message]);
  }
});

test('a slow try does not delay the next beyond the interval, counted from its start', async () => {
  const clock = virtualClock();
  const starts: number[] = [];
  const slow = (): Promise<Reading> => {
    starts.push(clock.now());
    return new Promise(
      (resolve) =>
        void clock.after(1500, () => resolve(starts.length === 4 ? pass('') : { ...pass(''), verdict: 'fail' })),
    );
  };
  await clock.run(patiently(slow, PLAIN, clock));
  assert.deepEqual(starts, [0, 2000, 4000, 6000]);
});

test('is never longer than its deadline and one try, whatever the probe does', async () => {
  const duration = fc.integer({ min: 1, max: 20_000 }).map((ms) => `${ms}ms` as const);
  const limit = fc.oneof(fc.constant('none' as const), fc.integer({ min: 1, max: 5 }));
  const patience = fc.record({
    perTry: duration,
    interval: fc.integer({ min: 200, max: 20_000 }).map((ms) => `${ms}ms` as const),
    successes: fc.integer({ min: 1, max: 4 }),
    failureLimit: limit,
    errorLimit: limit,
    deadline: duration,
  });
  const verdicts = fc.array(fc.constantFrom('pass', 'fail', 'inconclusive', 'error', 'hung' as const), {
    minLength: 1,
  });
  await fc.assert(
    fc.asyncProperty(patience, verdicts, async (rules, answers) => {
      const clock = virtualClock();
      const outcome = await clock.run(patiently(sequence(...answers), rules, clock));
      assert.ok(clock.now() <= milliseconds(rules.deadline) + milliseconds(rules.perTry));
      if (outcome.verdict !== 'pass') {
        assert.notEqual(outcome.reasons.length, 0);
        return;
      }
      const last = Array.from(
        { length: rules.successes },
        (_, i) => answers[Math.min(outcome.tries - 1 - i, answers.length - 1)],
      );
      assert.deepEqual(new Set(last), new Set(['pass']));
    }),
    { numRuns: 150 },
  );
});
