/**
 * A canary that turns bad at half of the traffic, as the report's tests see it. Run as a program it writes the goldens anew:
 * `node test/unit/components/release/support/course.ts`
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../../../../../infra/sandbox/host/paths.ts';
import { markdown, plot, type Course, type Stage } from '../../../../../components/release/report/index.ts';
import { judge, sentence } from '../../../../../components/release/runner/analysis.ts';
import { series } from '../../../../../components/release/runner/series.ts';
import { BARE, BEGIN, PODS, requests } from './samples.ts';

/** Milliseconds from the beginning at which the new version turns bad. */
export const BAD = 72_000;
/** And at which it was found, and at which all of the traffic was back. */
const [FOUND, BACK] = [73_200, 74_000];

const samples = [
  ...requests({
    to: FOUND,
    ok: (index, at) => at < BAD || index % 3 !== 0,
    latency: (i, at) => 18 + (i % 7) + (at % 9),
  }),
  ...requests({ side: 'stable', to: BACK, latency: (i) => 17 + (i % 5) }),
];

const judged = (from: number, to: number): Stage['gates'] =>
  judge(
    samples.filter(({ at }) => at >= BEGIN + from && at <= BEGIN + to),
    BARE,
    { now: BEGIN + to, pods: PODS, paths: ['/health'] },
  ).gates;

const stage = (phase: string, weight: number, from: number, to: number, gates = judged(from, to)): Stage => ({
  ...{ phase, weight, from: BEGIN + from, to: BEGIN + to, gates },
});

const stages = [
  stage('candidate', 0, 0, 20_000),
  stage('step-0', 10, 20_000, 50_000),
  stage('step-1', 50, 50_000, FOUND),
  stage('undo', 0, FOUND, BACK, []),
];

export const REJECTED: Course = {
  ...{ name: 'api', stack: 'staging', strategy: 'canary', digest: 'b'.repeat(64), before: 'a'.repeat(64) },
  ...{ verdict: 'rejected', stages, points: series(samples) },
  reasons: stages[2]!.gates.filter(({ verdict }) => verdict === 'fail').map(sentence),
};

export const GOLDENS: Readonly<Record<string, () => string>> = {
  'rejected.md': () => markdown(REJECTED, 'rejected.svg'),
  'rejected.svg': () => plot(REJECTED, { errors: 0.05 }),
};

export const goldenFile = (name: string): string => join(CHECKOUT, 'test/golden/release', name);

if (process.argv[1] === import.meta.filename) {
  mkdirSync(goldenFile('.'), { recursive: true });
  for (const [name, text] of Object.entries(GOLDENS)) writeFileSync(goldenFile(name), text());
}
