import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  courseOf,
  markdown,
  plot,
  progressLine,
  told,
  type Course,
  type Now,
} from '../../../../../components/release/report/index.ts';
import { span } from '../../../../../components/release/report/course.ts';
import { escaped, ticks } from '../../../../../components/release/report/svg.ts';
import { series } from '../../../../../components/release/runner/series.ts';
import type { GateVerdict } from '../../../../../components/release/runner/analysis.ts';
import type { Order, Outcome, ReleaseRecord, Stage } from '../../../../../components/release/runner/record.ts';
import { LIVE, templateOf } from '../support/cluster.ts';
import { rulesAt } from '../support/scene.ts';
import { BEGIN, requests } from '../support/samples.ts';
import { BAD, goldenFile, GOLDENS, REJECTED } from '../support/course.ts';

test('the report and the plot are what test/golden/release says, to the byte', () => {
  for (const [name, text] of Object.entries(GOLDENS)) {
    assert.equal(
      text(),
      readFileSync(goldenFile(name), 'utf8'),
      `${name}: node test/unit/components/release/support/course.ts`,
    );
    assert.equal(text(), text());
  }
});

test('the report says what happened, why, when, and what each gate read', () => {
  const lines = markdown(REJECTED).split('\n');
  assert.equal(lines[0], '# api in staging: rejected');
  assert.ok(lines.includes('| Began | 2023-11-14 22:13:20 UTC |'));
  assert.ok(lines.includes('| Took | 1 min 14 s |'));
  assert.ok(lines.includes('| step 2 of 2 | 50 % | 50 s | 24 s | fail |'));
  assert.ok(lines.includes('| undo | 0 % | 1 min 14 s | 1 s | not judged |'));
  const why = lines[lines.indexOf('## Why') + 2]!;
  assert.match(why, /^- errors \/health: fail: \d+ of 40 consecutive requests failed \([\d.]+ %\), last: HTTP 500; /);
  assert.equal(lines.filter((line) => line.startsWith('## Gates at ')).length, 3);
  assert.equal(lines.filter((line) => line.startsWith('| errors /health | ')).length, 3);
});

test('what came from outside is neither markup nor the end of a cell', () => {
  const nasty = 'HTTP 500 | <img src=x onerror=y>\n# `x` [a](b) *c* ~~d~~';
  const gate: GateVerdict = { gate: 'errors /a|b', verdict: 'fail', reading: nasty, limit: 'none', samples: 1 };
  const course: Course = { ...REJECTED, reasons: [nasty], stages: [{ ...REJECTED.stages[0]!, gates: [gate] }] };
  const text = markdown(course);
  assert.ok(!/<img/.test(text.replaceAll('\\<', '')));
  const said = '- HTTP 500 \\| \\<img src=x onerror=y\\> # \\`x\\` \\[a\\](b) \\*c\\* \\~\\~d\\~\\~';
  assert.ok(text.split('\n').includes(said));
  const row = text.split('\n').find((line) => line.startsWith('| errors'))!;
  assert.equal(row.replaceAll('\\|', '').split('|').length, 7, row);
});

const SVG = plot(REJECTED, { errors: 0.05 });

/** The points of a path, absolute, as [x, y]. */
const pointsOf = (path: string): [number, number][] =>
  [...path.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map((hit) => [Number(hit[1]), Number(hit[2])]);

test('the plot is well-formed and has the three panels, each stage, and both versions', (t) => {
  for (const text of ['Share of the traffic', 'Failed requests', 'Latency, 95th percentile', 'new version', 'stable']) {
    assert.ok(SVG.includes(`>${text}</text>`), text);
  }
  for (const stage of ['candidate', 'step 1 of 2', 'step 2 of 2', 'undo']) assert.ok(SVG.includes(`>${stage}</text>`));
  assert.ok(!/NaN|undefined|Infinity/.test(SVG));
  try {
    execFileSync('python3', ['-c', 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.stdin)'], { input: SVG });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') t.diagnostic('no python3 here to parse it');
    else throw error;
  }
});

test('in the plot the new version fails from the moment on at which it did, and stable never does', () => {
  const panel = SVG.slice(SVG.indexOf('>Failed requests<'), SVG.indexOf('>Latency, 95th'));
  const [ours, stable] = [...panel.matchAll(/<path d="([^"]+)" fill="none"/g)].map((hit) => pointsOf(hit[1]!));
  const ground = Math.max(...stable!.map(([, y]) => y));
  assert.ok(stable!.every(([, y]) => y === ground));
  const failing = ours!.filter(([, y]) => y < ground).map(([x]) => ((x - 64) / 800) * 74);
  assert.ok(failing.length > 0 && failing.every((seconds) => seconds > BAD / 1000 - 2), failing.join());
});

test('where nothing was asked for a while the line is interrupted, not drawn across', () => {
  const gap = [...requests({ to: 6000 }), ...requests({ from: 20_000, to: 26_000 })];
  const drawnOf = (points: Course['points']): number => {
    const svg = plot({ ...REJECTED, points }, { errors: 0.05 });
    const latency = svg.slice(svg.indexOf('>Latency, 95th'));
    return [.../<path d="([^"]+)" fill="none"/.exec(latency)![1]!.matchAll(/M/g)].length;
  };
  assert.equal(drawnOf(series(gap)), 2);
  assert.equal(drawnOf(series(requests({ to: 26_000 }))), 1);
});

test('points hold every request once, by version and stretch of time', () => {
  const samples = [...requests({ ok: (index) => index % 10 !== 0 }), ...requests({ side: 'stable', to: 9000 })];
  const points = series(samples, 1000);
  assert.equal(
    points.reduce((sum, { requests: count }) => sum + count, 0),
    samples.length,
  );
  assert.equal(
    points.reduce((sum, { failed }) => sum + failed, 0),
    samples.filter(({ ok }) => !ok).length,
  );
  assert.deepEqual(points[0], { at: BEGIN, side: 'candidate', requests: 20, failed: 2, p95: 20 });
  assert.deepEqual(series(requests({ to: 100, ok: () => false }))[0]!.p95, null);
});

test('the axis has few round ticks and reaches the highest value', () => {
  assert.deepEqual(ticks(100, 4), [0, 50, 100]);
  assert.deepEqual(ticks(74, 8), [0, 10, 20, 30, 40, 50, 60, 70, 80]);
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 1e7, noNaN: true }), (end) => {
      const found = ticks(end, 4);
      assert.ok(found.at(-1)! >= end * 0.999 && found.length >= 2 && found.length <= 6, found.join());
    }),
  );
});

test('no text can leave its element', () => {
  fc.assert(fc.property(fc.string(), (text) => !/[<>"']|&(?!#\d+;)/.test(escaped(text))));
  assert.equal(escaped('a<b & "c"\u0000'), 'a&#60;b &#38; &#34;c&#34; ');
});

const gate = (name: string, verdict: GateVerdict['verdict'], reading = 'x'): GateVerdict => ({
  ...{ gate: name, verdict, reading, limit: 'l', samples: 1 },
});

test('the progress line has step, weight, verdicts so far and the time left', () => {
  const now: Now = {
    ...{ name: 'api', phase: 'step-1', steps: 3, weight: 50, left: 11_200, after: 60_000 },
    gates: [gate('health', 'pass'), gate('errors /', 'pass'), gate('latency /', 'inconclusive', '12 good answers')],
  };
  assert.equal(
    progressLine(now),
    'api: step 2 of 3, 50 % of the traffic; 2 gates pass, latency / inconclusive (12 good answers); 12 s left, 1 min 12 s in all',
  );
  assert.equal(
    progressLine({ name: 'api', phase: 'soak', steps: 0, gates: [], left: 27_000, held: 3000, after: 60_000 }),
    'api: soak; nothing judged yet; held for 3 s, fails in 27 s',
  );
  assert.equal(
    progressLine({ name: 'api', phase: 'undo', steps: 1, weight: 0, gates: [gate('health', 'pass')] }),
    'api: undo, 0 % of the traffic; 1 gate passes',
  );
});

test('the progress line is one line of bounded length, and the time left is never what is cut', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 400, size: 'max', unit: 'binary' }), (reading) => {
      const gates = [gate('errors /', 'fail', reading)];
      const line = progressLine({ name: 'api', phase: 'soak', steps: 1, weight: 100, gates, left: 5000 });
      assert.ok(line.length <= 160 && !/[\n\r]/.test(line) && line.endsWith('; 5 s left'), line);
    }),
  );
});

test('spans are rounded up, so that nothing is promised too early', () => {
  assert.deepEqual([0, 1, 1000, 59_001, 125_000, 3_720_000].map(span), [
    ...['0 s', '1 s', '1 s', '1 min 00 s', '2 min 05 s', '1 h 02 min'],
  ]);
});

const version = (digest: string) => ({ digest, template: templateOf(digest, 'good') });
const ORDER: Order = {
  ...{ ...version('v2'), mode: 'release', strategy: 'canary', attempt: 1, startedAt: BEGIN },
  steps: [10, 50, 100].map((weight) => ({ weight, window: 30_000 })),
  rules: { ...rulesAt(1), soak: 20_000 },
};
const past = (digest: string) => ({ digest, since: LIVE.since, epoch: 1, attempt: 1 });
const RECORD: ReleaseRecord = {
  ...{ epoch: 7, token: '7.1', phase: 'step-1', order: ORDER, rejected: [], history: [past('v0'), past('v1')] },
  good: { ...version('v1'), side: 'blue', ...LIVE },
};

test('who waits is told step, weight, verdicts, and the time left of the window and of all windows, by the runner’s clock', () => {
  const progress = { at: 5000, phase: 'step-1', weight: 50, until: 15_000, says: 'watched: pass' } as const;
  const line = (over: Partial<ReleaseRecord>): string => told({ ...RECORD, progress, ...over });
  assert.equal(
    line({ progress: { ...progress, gates: [gate('health', 'pass')] } }),
    'step 2 of 3, 50 % of the traffic; 1 gate passes; 10 s left, 1 min 00 s in all',
  );
  const candidate = {
    phase: 'candidate',
    progress: { ...progress, phase: 'candidate', weight: 0, gates: [] },
  } as const;
  assert.match(line(candidate), /^candidate, 0 % of the traffic; watched: pass; 10 s left, 2 min 00 s in all$/);
  const held = { progress: { ...progress, gates: [gate('errors /', 'inconclusive')], held: 4000 } };
  assert.match(line(held), /; errors \/ inconclusive \(x\); held for 4 s, fails in 10 s$/);
  // Nobody can tell the share of a rolling update.
  const rolling = { ...ORDER, strategy: 'rolling', steps: [] } as const;
  const { until: _, ...waiting } = { ...progress, phase: 'roll', weight: 0, says: 'waiting' } as const;
  assert.equal(line({ order: rolling, phase: 'roll', progress: waiting }), 'roll; waiting');
  // What is known is of another phase.
  assert.equal(line({ phase: 'soak' }), 'soak');
});

test('the course of a report says what was live before and why somebody went back, and there is one even where a killed runner left nothing', () => {
  const outcome = (verdict: Outcome['verdict']): Outcome => ({
    ...{ verdict, epoch: 7, digest: 'v2', reasons: ['why'], evidence: {}, seconds: 9 },
    endedAt: new Date(BEGIN + 9000).toISOString(),
  });
  const settled = (verdict: Outcome['verdict'], over: Partial<ReleaseRecord> = {}): Course | undefined =>
    courseOf({ ...RECORD, phase: 'settled', outcome: outcome(verdict), ...over }, 'web', 'test');
  assert.deepEqual([settled('rejected')?.before, settled('error')?.before], ['v1', 'v1']);
  const history = [past('v1'), past('v2')];
  assert.equal(settled('promoted', { history, good: { ...RECORD.good!, digest: 'v2' } })?.before, 'v1');
  assert.equal(settled('promoted', { history: [past('v2')] })?.before, undefined);
  const leaves = { digest: 'v1', attempt: 1, reasons: ['rolled back by me'] };
  assert.deepEqual(settled('promoted', { order: { ...ORDER, leaves } })?.reasons, ['rolled back by me']);
  assert.deepEqual(settled('error', { order: { ...ORDER, leaves } })?.reasons, ['why']);
  const { stages, points } = settled('error')!;
  assert.deepEqual([stages, points], [[{ phase: 'ordered', from: BEGIN, to: BEGIN + 9000, gates: [] }], []]);

  const stage = (phase: Stage['phase']): Stage => ({ phase, from: BEGIN, to: BEGIN + 1, gates: [] });
  const course = (epoch: number, phase: Stage['phase']) => ({ course: { epoch, stages: [stage(phase)], points: [] } });
  assert.equal(settled('promoted', course(7, 'soak'))?.stages[0]!.phase, 'soak');
  assert.equal(settled('promoted', course(6, 'soak'))?.stages[0]!.phase, 'ordered', 'it is of another run');
  // No version was tried.
  assert.equal(settled('promoted', course(7, 'scale')), undefined);
  assert.equal(settled('undone', { order: { ...ORDER, mode: 'undo' } }), undefined);
});
