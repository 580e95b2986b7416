import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  decide,
  judge,
  type HttpSample,
  type Rules,
  type Sample,
  type Scene,
  type Verdict,
} from '../../../../../components/release/runner/analysis.ts';
import { BEGIN } from '../support/samples.ts';

/** Small limits, so that few samples reach both sides of each. */
const RULES: Rules = {
  ...{ window: 3000, hold: 3000, freshness: 3000, health: { inRow: 3 } },
  errors: { most: 0.2, minimum: 5, recent: 8, fewest: 2 },
  latency: { ratio: 1.1, tolerance: 1, minimum: 4, recent: 1500 },
  database: { inRow: 2, minimum: 2 },
  restarts: { most: 1 },
  metrics: { inRow: 1, each: [{ name: 'metric', query: 'q', most: 1, requests: 'n', minimum: 5 }] },
};
const SCENE: Scene = { now: BEGIN + 3000, pods: ['a', 'b'], paths: ['/'] };

const seen = {
  at: fc.integer({ min: 0, max: 3000 }).map((late) => BEGIN + late),
  side: fc.constantFrom('candidate' as const, 'stable' as const),
  pod: fc.constantFrom('a', 'b'),
};
/** Mostly good, or hardly anything would be left to be spoilt. */
const mostly = fc.integer({ min: 0, max: 11 }).map((n) => n > 0);
const http = fc.record<HttpSample>({
  ...{ ...seen, kind: fc.constant('http' as const), path: fc.constant('/'), ok: mostly },
  ...{ latency: fc.integer({ min: 8, max: 12 }), seen: fc.constant('seen') },
});
const value = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('value' as const), value: fc.double({ min: 0, max: 1.05 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'no-data' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'unreachable' as const, reason: 'away' }) },
);
const others = fc.oneof(
  fc.record({ ...seen, kind: fc.constant('database' as const), ok: mostly, seen: fc.constant('seen') }),
  fc.record({ ...seen, kind: fc.constant('restarts' as const), count: fc.constantFrom(0, 0, 0, 1) }),
  fc.record({
    ...{ kind: fc.constant('metric' as const), at: seen.at, name: fc.constant('metric'), value },
    requests: fc.integer({ min: 3, max: 40 }).map((count) => ({ kind: 'value' as const, value: count })),
  }),
);
const samples = fc
  .tuple(fc.array(http, { maxLength: 80 }), fc.array(others, { maxLength: 30 }))
  .map(([a, b]): Sample[] => [...a, ...b]);

const RANK: Readonly<Record<Verdict, number>> = { skipped: 0, pass: 0, inconclusive: 1, error: 2, fail: 3 };
const gatesOf = (of: readonly Sample[]): Map<string, Verdict> =>
  new Map(judge(of, RULES, SCENE).gates.map(({ gate, verdict }) => [gate, verdict]));

test('one failed sample of the new version more betters no gate, wherever it falls in time', () => {
  let worse = 0;
  const bad = fc.oneof(
    http.map((sample): Sample => ({ ...sample, side: 'candidate', ok: false })),
    fc.record({
      ...{ kind: fc.constant('database' as const), at: seen.at, side: fc.constant('candidate' as const) },
      ...{ pod: seen.pod, ok: fc.constant(false), seen: fc.constant('refused') },
    }),
  );
  fc.assert(
    fc.property(samples, bad, (given, more) => {
      const [before, after] = [gatesOf(given), gatesOf([...given, more])];
      for (const [gate, verdict] of after) {
        assert.ok(RANK[verdict] >= RANK[before.get(gate)!], `${gate}: ${before.get(gate)!} became ${verdict}`);
        if (RANK[verdict] > RANK[before.get(gate)!]) worse++;
      }
    }),
    { numRuns: 4000 },
  );
  assert.ok(worse > 30, `only ${worse} samples changed anything: the property was hardly tried`);
});

test('no gate passes on fewer samples than its minimum', () => {
  const minimum: Readonly<Record<string, number>> = {
    ...{ health: 6, 'errors /': 5, 'latency /': 4, database: 4, restarts: 4, metric: 5 },
  };
  const passed = new Set<string>();
  fc.assert(
    fc.property(samples, (given) => {
      for (const { gate, verdict, samples: count } of judge(given, RULES, SCENE).gates) {
        if (verdict !== 'pass') continue;
        assert.ok(count >= minimum[gate]!, `${gate} passed on ${count}`);
        passed.add(gate);
      }
    }),
    { numRuns: 3000 },
  );
  assert.deepEqual([...passed].toSorted(), Object.keys(minimum).toSorted());
});

/** Whether the stable version of some samples may be taken for broken. */
const isDoubtful = (given: readonly Sample[]): boolean =>
  given.filter((sample) => sample.kind === 'http').filter(({ side, ok }) => side === 'stable' && !ok).length >=
  RULES.errors.fewest;

test('the verdict is a pass exactly when every gate passes, but for latency where stable has failed', () => {
  fc.assert(
    fc.property(samples, (given) => {
      const { verdict, gates } = judge(given, RULES, SCENE);
      assert.equal(
        verdict === 'pass',
        gates.every(
          (gate) =>
            gate.verdict === 'pass' || (gate.gate === 'latency /' && gate.verdict === 'skipped' && isDoubtful(given)),
        ),
      );
    }),
    { numRuns: 3000 },
  );
});

test('a gate is skipped only where stable gave fewer good answers than latency needs, and says why', () => {
  let skipped = 0;
  const scene = fc.record({ stable: fc.constantFrom(undefined, 0, 2), interval: fc.constantFrom(5, 200) });
  fc.assert(
    fc.property(samples, scene, (given, more) => {
      for (const { gate, verdict, reading } of judge(given, RULES, { ...SCENE, ...more }).gates) {
        if (verdict !== 'skipped') continue;
        skipped++;
        const stable = given.filter((sample) => sample.kind === 'http').filter(({ side }) => side === 'stable');
        assert.equal(gate, 'latency /');
        assert.match(reading, /^not compared: stable /);
        assert.ok(stable.filter(({ ok }) => ok).length < RULES.latency!.minimum, reading);
      }
    }),
    { numRuns: 3000 },
  );
  assert.ok(skipped > 30, `only ${skipped} were skipped: the property was hardly tried`);
});

/** Limits between which a share may be too high with too few failures to blame anybody. */
const STRICT: Rules = { ...RULES, errors: { most: 0.05, minimum: 5, recent: 8, fewest: 4 } };

test('no share of failures above the limit passes, of requests or of looks at the database', () => {
  let doubted = 0;
  fc.assert(
    fc.property(samples, (given) => {
      for (const { gate, verdict } of judge(given, STRICT, SCENE).gates) {
        if (gate !== 'errors /' && gate !== 'database') continue;
        const kind = gate === 'database' ? 'database' : 'http';
        const own = given.filter((sample) => sample.kind === kind && sample.side === 'candidate');
        const failed = own.filter((sample) => 'ok' in sample && !sample.ok).length;
        if (own.length === 0 || failed / own.length <= STRICT.errors.most) continue;
        if (failed < STRICT.errors.fewest) doubted++;
        assert.notEqual(verdict, 'pass', `${gate}: ${failed} of ${own.length}`);
      }
    }),
    { numRuns: 4000 },
  );
  assert.ok(doubted > 30, `only ${doubted} had few failures and a high share`);
});

test('a stray failure holds a window at most until enough good answers have come: then it passes', () => {
  const wanted = Math.ceil(1 / STRICT.errors.most);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 30 }), fc.nat(), (more, where) => {
      const count = STRICT.errors.minimum + more;
      const bad = where % count;
      const given = Array.from({ length: count }, (_, i): Sample => ({
        ...({ kind: 'http', at: BEGIN + 3000 - count + i, side: 'candidate', pod: 'ab'[i % 2]! } as const),
        ...{ path: '/', ok: i !== bad, latency: 10, seen: 'seen' },
      }));
      const { verdict } = judge(given, STRICT, SCENE).gates.find(({ gate }) => gate === 'errors /')!;
      assert.equal(verdict, count >= wanted ? 'pass' : 'inconclusive', `1 of ${count}`);
    }),
  );
});

test('the order in which samples arrive does not matter', () => {
  const moments = fc.uniqueArray(fc.integer({ min: 0, max: 3000 }), { minLength: 110, maxLength: 110 });
  fc.assert(
    fc.property(samples, moments, fc.infiniteStream(fc.nat()), (given, times, random) => {
      const apart = given.map((sample, i) => ({ ...sample, at: BEGIN + times[i]! }));
      const key = new Map(apart.map((sample) => [sample, random.next().value]));
      const shuffled = apart.toSorted((a, b) => key.get(a)! - key.get(b)!);
      assert.deepEqual(judge(shuffled, RULES, SCENE), judge(apart, RULES, SCENE));
    }),
  );
});

test('whatever was seen, only a pass at the end of the window advances, and every undo says why', () => {
  fc.assert(
    fc.property(samples, fc.integer({ min: 0, max: 9000 }), (given, elapsed) => {
      const judgement = judge(given, RULES, SCENE);
      const decision = decide(judgement, elapsed, RULES);
      assert.equal(decision.kind === 'advance', judgement.verdict === 'pass' && elapsed >= RULES.window);
      if (decision.kind === 'undo') {
        assert.ok(decision.reasons.length > 0);
        for (const reason of decision.reasons) assert.match(reason, /^.+: \w+: .+; wanted .+ \(\d+ samples\)$/);
      }
      if (judgement.verdict !== 'pass' && elapsed >= RULES.window + RULES.hold) assert.equal(decision.kind, 'undo');
    }),
    { numRuns: 2000 },
  );
});

test('a window of ten minutes is judged in less time than lies between two looks', () => {
  const long = Array.from({ length: 36_000 }, (_, i): Sample => ({
    ...({
      kind: 'http',
      at: BEGIN + i * 16,
      side: i % 2 === 0 ? 'candidate' : 'stable',
      pod: i % 4 < 2 ? 'a' : 'b',
    } as const),
    ...{ path: '/', ok: true, latency: 10 + (i % 7), seen: 'HTTP 200' },
  }));
  const scene = { ...SCENE, now: long.at(-1)!.at };
  const bare = { ...RULES, database: null, restarts: null, metrics: { inRow: 1, each: [] } };
  const began = process.cpuUsage();
  assert.equal(judge(long, bare, scene).verdict, 'pass');
  const { user } = process.cpuUsage(began);
  assert.ok(user < 500_000, `took ${user / 1000} ms of processor time`);
});
