import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decide,
  heaviest,
  judge,
  RULES,
  sentence,
  type Judgement,
  type Rules,
  type Sample,
} from '../../../../../components/release/runner/analysis.ts';
import { BARE, BEGIN, healthy, PODS, requests, SCENE, verdictOf } from '../support/samples.ts';

const stable = requests({ side: 'stable' });
const of = (samples: readonly Sample[], gate: string, rules = BARE, scene = SCENE): string => {
  const found = verdictOf(judge(samples, rules, scene), gate);
  return `${found.verdict}: ${found.reading}; wanted ${found.limit} (${found.samples})`;
};

test('a healthy version passes every gate, and each says what it read', () => {
  assert.deepEqual(judge(healthy(), BARE, SCENE), {
    verdict: 'pass',
    gates: [
      {
        ...{ gate: 'health', verdict: 'pass', reading: '0 of 602 requests failed', samples: 602 },
        limit: 'fewer than 3 failures of one pod in a row',
      },
      {
        ...{ gate: 'errors /health', verdict: 'pass', reading: '0 of 602 requests failed', samples: 602 },
        limit: 'at most 5 %',
      },
      {
        ...{ gate: 'latency /health', verdict: 'pass', samples: 602 },
        reading: '20 ms in the window, stable 20 ms at the same time (1 ×)',
        limit: "at most 1.5 × stable's 95th percentile, or 20 ms more",
      },
    ],
  });
});

test('nothing seen at all is undecided at every gate, never a pass', () => {
  const { verdict, gates } = judge([], { ...RULES, metrics: { inRow: 1, each: [metric] } }, SCENE);
  assert.equal(verdict, 'inconclusive');
  assert.deepEqual(
    gates.map((gate) => `${gate.gate} ${gate.verdict} ${gate.samples}`),
    [
      'health inconclusive 0',
      'errors /health inconclusive 0',
      'latency /health inconclusive 0',
      'database inconclusive 0',
      'restarts inconclusive 0',
      'edge-errors inconclusive 0',
    ],
  );
});

test('of several verdicts the heaviest decides: fail, error, inconclusive, pass; of none, nothing passes', () => {
  assert.equal(heaviest(['pass', 'error', 'fail', 'inconclusive']), 'fail');
  assert.equal(heaviest(['inconclusive', 'error', 'pass']), 'error');
  assert.equal(heaviest(['pass', 'inconclusive']), 'inconclusive');
  assert.equal(heaviest(['pass', 'pass']), 'pass');
  assert.equal(heaviest([]), 'inconclusive');
});

const metric = { name: 'edge-errors', query: 'q', most: 0.05, requests: 'n', minimum: 50 };

test('three failures of one pod in a row are a breach; two are not, nor three spread over two pods', () => {
  const fails = (...which: readonly number[]) => [...requests({ ok: (index) => !which.includes(index) }), ...stable];
  // Even indices are the first pod's.
  assert.equal(
    of(fails(100, 102, 104), 'health'),
    'fail: web-a on /health: 3 failures in a row, last: HTTP 500; wanted fewer than 3 failures of one pod in a row (602)',
  );
  assert.match(of(fails(100, 102, 106), 'health'), /^pass/);
  assert.match(of(fails(100, 101, 102), 'health'), /^pass/);
});

test('a pod that answers nothing, or nothing lately, leaves health undecided', () => {
  const without = [...requests({ pods: ['web-a'] }), ...stable];
  assert.match(of(without, 'health'), /^inconclusive: nothing good lately from web-b on \/health;/);
  const fell = [...requests({ pods: ['web-a'] }), ...requests({ pods: ['web-b'], to: 24_900 }), ...stable];
  assert.match(of(fell, 'health'), /^inconclusive: nothing good lately from web-b on \/health;/);
  const still = [...requests({ pods: ['web-a'] }), ...requests({ pods: ['web-b'], to: 25_000 }), ...stable];
  assert.match(of(still, 'health'), /^pass/);
});

test('a version that has no pods any more is undecided, however good its answers were', () => {
  assert.match(of(healthy(), 'health', BARE, { ...SCENE, pods: [] }), /^inconclusive: no pod is on trial;/);
  assert.equal(judge(healthy(), BARE, { ...SCENE, pods: [] }).verdict, 'inconclusive');
});

test('five in a hundred failed requests pass, more fail, and the message has reading, limit and count', () => {
  const every20 = [...requests({ ok: (index) => index % 20 !== 19 }), ...stable];
  assert.match(of(every20, 'errors /health'), /^pass: 30 of 602 requests failed;/);
  const every19 = [...requests({ ok: (index) => index % 19 !== 18 }), ...stable];
  assert.equal(
    of(every19, 'errors /health'),
    'fail: 31 of 602 requests failed (5.1 %), last: HTTP 500; stable: 0 of 602; wanted at most 5 % (602)',
  );
});

test('a version that turns bad late is found among its newest requests, not after it has spoilt the whole window', () => {
  const late = [...requests({ ok: (index) => index < 588 || index % 3 !== 0 }), ...stable];
  assert.match(
    of(late, 'errors /health'),
    /^fail: 5 of 40 consecutive requests failed \(12.5 %\), last: HTTP 500; stable: 0 of 602;/,
  );
});

test('fewer failures than chance gives a good version now and then are no breach, however dense', () => {
  const four = [...requests({ ok: (index) => ![10, 13, 16, 19].includes(index) }), ...stable];
  assert.match(of(four, 'errors /health'), /^pass: 4 of 602/);
  const early = requests({ to: 1900, ok: (index) => ![10, 13, 16, 19].includes(index) });
  assert.match(
    of(early, 'errors /health'),
    /^inconclusive: 4 of 40 requests failed \(10 %\), which may be chance with fewer than 5/,
  );
  const five = requests({ to: 1900, ok: (index) => ![10, 13, 16, 19, 22].includes(index) });
  assert.match(of(five, 'errors /health'), /^fail: 5 of 40 requests failed \(12.5 %\)/);
});

test('each path is judged for itself: a good one does not hide a bad one', () => {
  const samples = [
    ...requests(),
    ...requests({ path: '/reports', ok: (index) => index % 12 !== 0 }),
    ...stable,
    ...requests({ path: '/reports', side: 'stable' }),
  ];
  const scene = { ...SCENE, paths: ['/health', '/reports'] };
  assert.match(of(samples, 'errors /health', BARE, scene), /^pass/);
  assert.match(of(samples, 'errors /reports', BARE, scene), /^fail: 51 of 602 requests failed \(8.5 %\)/);
  assert.match(of(healthy(), 'errors /reports', BARE, scene), /^inconclusive: 0 of 0 requests failed; 20 good ones/);
});

test('too few requests neither pass nor fail on their share', () => {
  const few = requests({ to: 900, ok: (index) => index !== 0 });
  assert.match(of(few, 'errors /health'), /^inconclusive: 1 of 20 requests failed; 20 good ones are needed/);
  assert.match(of(few.slice(0, 19), 'errors /health'), /^inconclusive: 1 of 19 requests failed/);
  assert.match(of(requests({ to: 900 }), 'errors /health'), /^pass: 0 of 20/);
});

test('more than one and a half times the latency of the stable version at the same time fails', () => {
  const at = (own: number, others: number) =>
    of(
      [...requests({ latency: () => own }), ...requests({ side: 'stable', latency: () => others })],
      'latency /health',
    );
  assert.match(at(150, 100), /^pass: 150 ms in the window, stable 100 ms at the same time \(1.5 ×\);/);
  assert.match(at(151, 100), /^fail: 151 ms in the window, stable 100 ms at the same time \(1.51 ×\);/);
  // A few milliseconds on a quick machine are noise, whatever their ratio.
  assert.match(at(24, 4), /^pass/);
  assert.match(at(25, 4), /^fail/);
});

test('what is slower, but by no more than chance explains with so few answers, is undecided: it neither passes nor fails', () => {
  const seen = (to: number) => [
    ...requests({ to, latency: (index) => 10 + (index % 41) * 5 }),
    ...requests({ to, side: 'stable', latency: (index) => 10 + (index % 41) * 3 }),
  ];
  const scene = (to: number) => ({ ...SCENE, now: BEGIN + to });
  assert.match(
    of(seen(4000), 'latency /health', BARE, scene(4000)),
    /^inconclusive: 200 ms in the window, stable 124 ms at the same time \(1.61 ×\), which may be chance;/,
  );
  assert.match(of(seen(90_000), 'latency /health', BARE, scene(90_000)), /^fail: 200 ms in the window, stable 124 ms/);
});

test('latency is compared with what the stable version took in the same seconds, not at another time', () => {
  // The machine was slow for everybody in the first ten seconds, in which only the new version was asked.
  const slow = { latency: (_: number, at: number) => (at < 10_000 ? 200 : 20) };
  assert.match(
    of([...requests(slow), ...requests({ side: 'stable', from: 10_000 })], 'latency /health'),
    /^pass: 20 ms/,
  );
  assert.match(of([...requests(slow), ...requests({ ...slow, side: 'stable' })], 'latency /health'), /^pass: 200 ms/);
  assert.match(of([...requests(slow), ...stable], 'latency /health'), /^fail: 200 ms in the window, stable 20 ms/);
});

test('a version that turns slow late is found in its newest answers', () => {
  const late = requests({ latency: (_, at) => (at < 28_600 ? 20 : 100) });
  assert.match(of([...late, ...stable], 'latency /health'), /^fail: 100 ms of late, stable 20 ms/);
});

test('without enough answers of the stable version at the same time latency is undecided', () => {
  assert.match(
    of(requests(), 'latency /health'),
    /^inconclusive: 0 good answers, stable 0 at the same time; 60 of each/,
  );
  const before = [...requests({ from: 10_000 }), ...requests({ side: 'stable', to: 9000 })];
  assert.match(of(before, 'latency /health'), /^inconclusive/);
  assert.match(
    of(before, 'latency /health', BARE, { ...SCENE, comparison: 'before' }),
    /^pass: .* stable 20 ms before/,
  );
  const first = judge(requests(), BARE, { ...SCENE, comparison: 'none' });
  assert.deepEqual([first.verdict, first.gates.map(({ gate }) => gate)], ['pass', ['health', 'errors /health']]);
});

const looks = (bad: readonly number[], pods = PODS): Sample[] =>
  pods.flatMap((pod) =>
    Array.from({ length: 60 }, (_, i): Sample => {
      const ok = pod !== 'web-a' || !bad.includes(i);
      return { kind: 'database', at: BEGIN + i * 500, side: 'candidate', pod, ok, seen: ok ? 'SELECT 1' : 'refused' };
    }),
  );
const withDatabase: Rules = { ...BARE, database: RULES.database };

test('a database that one pod cannot reach three times in a row is a breach, and so is one that comes and goes', () => {
  assert.match(of(looks([]), 'database', withDatabase), /^pass: 0 of 120 looks at the database failed/);
  assert.match(of(looks([5, 6]), 'database', withDatabase), /^pass/);
  assert.match(of(looks([5, 6, 7]), 'database', withDatabase), /^fail: web-a: 3 failures in a row, last: refused/);
  const flapping = looks([0, 2, 4, 6, 8, 10, 12]);
  assert.match(of(flapping, 'database', withDatabase), /^fail: 7 of 120 looks at the database failed \(5.8 %\)/);
  const seldom = looks([0, 2, 4, 6]).filter(({ at }) => at < BEGIN + 15_000);
  assert.match(
    of(seldom, 'database', withDatabase, { ...SCENE, now: BEGIN + 15_000 }),
    /^inconclusive: 4 of 60 looks at the database failed \(6.7 %\), which may be chance/,
  );
  assert.match(of(looks([], ['web-a']), 'database', withDatabase), /^inconclusive: .* the database of web-b;/);
});

test('a restart while a pod is watched is a breach; one before it was watched is not', () => {
  const seen = (counts: readonly number[]): Sample[] =>
    PODS.flatMap((pod) =>
      counts.map((count, i) => ({
        kind: 'restarts',
        at: SCENE.now - 1000 * (counts.length - i),
        side: 'candidate',
        pod,
        count,
      })),
    );
  const rules = { ...BARE, restarts: RULES.restarts };
  assert.match(of(seen([2, 2, 2]), 'restarts', rules), /^pass: 0 restarts/);
  assert.match(of(seen([0, 0, 1]), 'restarts', rules), /^fail: web-a restarted 1 times; wanted at most 0 of a pod/);
  assert.match(of(seen([0]), 'restarts', rules), /^inconclusive/);
});

test('the newest readings of a metric decide a pass, any bad one a breach, and a missing one neither', () => {
  type Value = number | 'none' | 'several' | 'away';
  const reading = (value: Value) =>
    typeof value === 'number'
      ? ({ kind: 'value', value } as const)
      : value === 'none'
        ? ({ kind: 'no-data' } as const)
        : value === 'several'
          ? ({ kind: 'ambiguous', series: 2 } as const)
          : ({ kind: 'unreachable', reason: 'ECONNREFUSED' } as const);
  const seen = (values: readonly Value[], counts: Value = 200): Sample[] =>
    values.map((value, i) => ({
      ...({ kind: 'metric', name: metric.name, at: SCENE.now - 1000 * (values.length - i) } as const),
      ...{ value: reading(value), requests: reading(counts) },
    }));
  const rules = { ...BARE, metrics: { inRow: 2, each: [metric] } };
  const says = (values: readonly Value[], counts?: Value) => of(seen(values, counts), metric.name, rules);
  assert.equal(says([0.01, 0.05]), 'pass: 0.05; wanted at most 0.05 (200)');
  assert.equal(says([0.01, 0.06, 0.01, 0.01]), 'fail: 0.06; wanted at most 0.05 (200)');
  assert.match(says([0.01]), /^inconclusive: 1 looks; 2 are needed/);
  assert.match(says([0.01, 0.01], 49), /^inconclusive: 49 requests; 50 are needed to judge/);
  assert.match(says([0.9, 0.9], 49), /^inconclusive/);
  assert.match(says([0.01, 'none', 0.01]), /^inconclusive: the query matched no series/);
  assert.match(says([0.01, 0.01, 'several']), /^inconclusive: the query matched 2 series/);
  assert.match(says([0.01, NaN]), /^inconclusive: the query gave NaN/);
  assert.match(says([0.01, -Infinity]), /^inconclusive: the query gave -Infinity/);
  assert.match(says([0.01, 0.01], 'none'), /^inconclusive: the number of requests matched no series/);
  assert.match(says([0.01, 'away']), /^error: the query could not be asked: ECONNREFUSED/);
  assert.match(says(['away', 0.01, 0.01]), /^pass/);
  const stale = seen([0.01, 0.01]).map((sample) => ({ ...sample, at: sample.at - 10_000 }));
  assert.match(of(stale, metric.name, rules), /^inconclusive: 2 looks/);
});

const single = (verdict: Judgement['verdict']): Judgement => ({
  verdict,
  gates: [
    { gate: 'errors /', verdict, reading: '3 of 4 failed', limit: 'at most 5 %', samples: 4 },
    { gate: 'health', verdict: 'pass', reading: 'fine', limit: 'none', samples: 4 },
  ],
});

test('a breach undoes at once, a pass advances only at the end of the window', () => {
  const { window } = RULES;
  assert.deepEqual(decide(single('fail'), 0, RULES), {
    ...{ kind: 'undo', verdict: 'fail' },
    reasons: ['errors /: fail: 3 of 4 failed; wanted at most 5 % (4 samples)'],
  });
  assert.deepEqual(decide(single('pass'), window - 1, RULES), { kind: 'watch', left: 1 });
  assert.deepEqual(decide(single('pass'), window, RULES), { kind: 'advance' });
});

test('what is undecided at the end of the window is held, and then fails by its own name; it never advances', () => {
  const { window, hold } = RULES;
  for (const verdict of ['inconclusive', 'error'] as const) {
    const reasons = [sentence(single(verdict).gates[0]!)];
    assert.deepEqual(decide(single(verdict), 0, RULES), { kind: 'watch', left: window });
    assert.deepEqual(decide(single(verdict), window, RULES), { kind: 'hold', left: hold, reasons });
    assert.deepEqual(decide(single(verdict), window + hold, RULES), { kind: 'undo', verdict, reasons });
  }
  assert.deepEqual(decide(single('pass'), window + 1, RULES), { kind: 'advance' });
});
