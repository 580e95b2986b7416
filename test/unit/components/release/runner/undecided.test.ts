/** What is too little to pass and too little to fail; and what there is nothing to judge by. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide, heaviest, judge, sentence, type Sample } from '../../../../../components/release/runner/analysis.ts';
import { BARE, BEGIN, requests, SCENE, verdictOf } from '../support/samples.ts';

const stable = requests({ side: 'stable' });
const of = (samples: readonly Sample[], gate: string, rules = BARE, scene = SCENE): string => {
  const found = verdictOf(judge(samples, rules, scene), gate);
  return `${found.verdict}: ${found.reading}; wanted ${found.limit} (${found.samples})`;
};

test('a share above the limit never passes: with too few failures to blame the version it is held, until more requests tell', () => {
  const seen = (to: number) => [...requests({ to, ok: (index) => ![0, 5, 10, 15].includes(index) }), ...stable];
  assert.match(
    of(seen(1100), 'errors /health'),
    /^inconclusive: 4 of 24 requests failed \(16.7 %\), which may be chance with fewer than 5; wanted at most 5 %/,
  );
  assert.match(of(seen(3900), 'errors /health'), /^pass: 4 of 80 requests failed;/);
  const rules = { ...BARE, latency: null, window: 1100 };
  const decided = (to: number) => {
    const judgement = judge(seen(to), rules, { ...SCENE, now: BEGIN + to });
    return decide(judgement, to, rules).kind;
  };
  assert.deepEqual([decided(1000), decided(1100), decided(3800), decided(3900)], ['watch', 'hold', 'hold', 'advance']);
  // Where no more come, it fails without being blamed.
  const judgement = judge(seen(1100), rules, { ...SCENE, now: BEGIN + 1100 });
  const last = decide(judgement, rules.window + rules.hold, rules);
  assert.deepEqual([last.kind, last.kind === 'undo' && last.verdict], ['undo', 'inconclusive']);
});

test('a stable version that is broken is no measure: the comparison is left out, the gate says why, and the others judge', () => {
  const beside = (ok: (index: number) => boolean, to = 30_000) => [
    ...requests(),
    ...requests({ side: 'stable', to, ok }),
  ];
  const down = beside(() => false);
  assert.equal(
    of(down, 'latency /health'),
    "skipped: not compared: stable is broken: 100 % of its requests failed (0 good answers of 602; 60 are needed); wanted at most 1.5 × stable's 95th percentile, or 20 ms more (0)",
  );
  assert.equal(judge(down, BARE, SCENE).verdict, 'pass');
  const both = [...requests({ ok: (index) => index % 2 === 0 }), ...requests({ side: 'stable', ok: () => false })];
  assert.equal(judge(both, BARE, SCENE).verdict, 'fail');
  // Half broken: what it answers well is compared, as soon as it is enough.
  const half = (index: number) => index % 4 < 2;
  assert.match(of(beside(half), 'latency /health'), /^pass: 20 ms in the window, stable 20 ms/);
  const slow = [...requests({ latency: () => 200 }), ...requests({ side: 'stable', ok: half })];
  assert.match(of(slow, 'latency /health'), /^fail: 200 ms in the window, stable 20 ms/);
  assert.match(
    of(beside(half, 4000), 'latency /health'),
    /^skipped: not compared: stable is broken: .* failed \(42 good/,
  );
  const away = { ...SCENE, stable: 0 };
  assert.match(
    of(requests(), 'latency /health', BARE, away),
    /^skipped: not compared: stable has no ready pod \(0 good/,
  );
  assert.equal(judge(requests(), BARE, away).verdict, 'pass');
  assert.equal(judge([], BARE, away).verdict, 'inconclusive');
});

test('a healthy stable version that was asked too seldom leaves latency undecided, a stray failure of it too', () => {
  const seldom = (ok: (index: number) => boolean) => [...requests(), ...requests({ side: 'stable', every: 2000, ok })];
  const scene = { ...SCENE, stable: 2, interval: 100 };
  assert.match(
    of(
      seldom(() => true),
      'latency /health',
      BARE,
      scene,
    ),
    /^inconclusive: 302 good answers, stable 32/,
  );
  assert.match(
    of(
      seldom((index) => index % 8 !== 0),
      'latency /health',
      BARE,
      scene,
    ),
    /^inconclusive/,
  );
  assert.match(
    of(
      seldom((index) => index % 6 !== 0),
      'latency /health',
      BARE,
      scene,
    ),
    /^skipped/,
  );
});

test('a stable version too slow to be asked often enough is no measure for a quick one; for one as slow it stays undecided', () => {
  const beside = (own: number, others: number, every = 2000) => [
    ...requests({ latency: () => own }),
    ...requests({ side: 'stable', every, latency: () => others }),
  ];
  const scene = { ...SCENE, stable: 2, interval: 100 };
  assert.match(
    of(beside(20, 1900), 'latency /health', BARE, scene),
    /^skipped: not compared: stable is too slow to be asked often enough: it takes 1900 ms where 95 % of the new version's take 20 ms \(32 good/,
  );
  assert.match(of(beside(1900, 1900), 'latency /health', BARE, scene), /^inconclusive/);
  assert.match(of(beside(20, 90), 'latency /health', BARE, scene), /^inconclusive/);
});

test('where nothing is compared the gate says why; the one who asks without a reason does not judge by it', () => {
  const judged = judge(requests(), BARE, { ...SCENE, comparison: 'none', why: 'a first install' });
  assert.deepEqual(
    [judged.verdict, sentence(verdictOf(judged, 'latency /health'))],
    [
      'pass',
      "latency /health: skipped: not compared: a first install; wanted at most 1.5 × stable's 95th percentile, or 20 ms more (0 samples)",
    ],
  );
  assert.equal(heaviest(['skipped', 'pass']), 'pass');
  assert.equal(heaviest(['skipped']), 'inconclusive');
});
