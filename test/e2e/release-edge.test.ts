/**
 * Releases whose traffic an edge divides, request by request: canary and blueGreen, good and bad, with the edge and the runner
 * disturbed on the way. Clients do not wait: 100 requests a second to the edge, half of them on connections that stay open.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Wanted } from './support/release/program.ts';
import { Trial, wanted as plainly } from './support/release/trial.ts';
import { typical, type Report } from './support/open-loop.ts';
import { until } from './support/until.ts';

const wanted = (version: string, over: Partial<Wanted> = {}): Wanted =>
  plainly(version, { strategy: 'canary', driver: 'nginx', ...over });

let trial: Trial;
/** At rest: the median of the windows' 95th percentiles, in milliseconds. */
let rest = 0;
before(async () => {
  trial = await Trial.begin('edge');
  await trial.up(wanted('v1'));
  // With an engine at work beside it, as there is during a release: it takes its part of the machine, and of the client's.
  const previews = async (): Promise<void> => {
    for (const end = Date.now() + 50_000; Date.now() < end;) await trial.pending();
  };
  const [, report] = await trial.underLoad('at rest, beside previews', previews, 'edge');
  rest = typical(report.windows);
  assert.equal(report.failed, 0);
});
after(() => trial.end());

const underLoad = <T>(what: string, work: () => Promise<T>): Promise<[T, Report]> =>
  trial.underLoad(what, work, 'edge');

/** All pods of the edge divide so. */
async function divided(green: number): Promise<void> {
  const split = await trial.split();
  assert.deepEqual(Object.values(split), [green, green], JSON.stringify(split));
}

const onSide = async (): Promise<number> => ((await trial.seen()).traffic === 'green' ? 100 : 0);

/** No slower than at rest by half, or by 50 ms. */
function isAsQuick({ windows }: Report, what: string): void {
  const p95 = typical(windows);
  console.log(`    ${what}: p95 ${p95.toFixed(1)} ms, at rest ${rest.toFixed(1)} ms`);
  assert.ok(p95 <= Math.max(rest * 1.5, rest + 50), `p95 ${p95} ms, at rest ${rest} ms`);
}

async function isGood(
  version: string,
  strategy: Wanted['strategy'],
  up: () => ReturnType<Trial['up']>,
): Promise<Report> {
  const [{ seconds }, report] = await underLoad(`good ${strategy}`, up);
  console.log(`    good ${strategy}: ${seconds} s`);
  assert.equal(report.failed, 0);
  isAsQuick(report, `good ${strategy}`);
  await trial.serves(version, false);
  await divided(await onSide());
  assert.deepEqual(await trial.pending(), []);
  return report;
}

test('a good blueGreen goes through the edge on connections that stay open too, and no request fails', async () => {
  await isGood('good', 'blueGreen', () => trial.up(wanted('good', { strategy: 'blueGreen' })));
});

test('so does a good canary, each of whose steps gives the new version its share of the requests, and no more', async () => {
  const before = (await trial.record()).good!.side;
  const shares: Record<string, readonly number[]> = {};
  const { sent, versions } = await isGood('shares', 'canary', async () => {
    const running = trial.up(wanted('shares'));
    for (const step of ['step-0', 'step-1', 'step-2']) {
      await trial.reaches(step);
      await sleep(2000);
      if ((await trial.record()).phase === step) shares[step] = Object.values(await trial.split());
    }
    return running;
  });
  const greens = (weight: number): number => (before === 'blue' ? weight : 100 - weight);
  console.log(
    `    the shares: ${JSON.stringify(shares)} of 100 to green, which is ${before === 'blue' ? 'new' : 'old'}`,
  );
  assert.deepEqual(
    shares,
    Object.fromEntries([10, 50, 100].map((weight, step) => [`step-${step}`, [greens(weight), greens(weight)]])),
  );
  assert.ok(versions['shares']!.good > 0 && versions['shares']!.good < sent);
});

test('a canary of which every fifth answer is an error is undone before it has users', async () => {
  const live = (await trial.record()).good!;
  const bad = wanted('errors', { environment: { ERROR_SHARE: '0.2' } });
  const [{ output, seconds }, { failed }] = await underLoad('canary with 20 % errors', () =>
    trial.up(bad, { fails: true }),
  );
  console.log(`    canary with 20 % errors: ${seconds} s`);
  assert.match(output, /rejected: errors \/health: fail: \d+ of \d+ requests failed.*; wanted at most 5 %/);
  assert.equal(failed, 0);
  assert.equal((await trial.record()).good!.digest, live.digest);
  await trial.serves('shares');
  await divided(await onSide());
});

for (const [strategy, most] of [
  ['canary', 0.5],
  ['blueGreen', 1],
] as const) {
  test(`a ${strategy} that fails only under its users is undone as soon as it has them`, async () => {
    const bad = wanted(`above-${strategy}`, { strategy, environment: { ABOVE: '24' } });
    const [{ output }, { failed, failures, bad: time, versions }] = await underLoad(
      `${strategy}, errors above a load`,
      () => trial.up(bad, { fails: true }),
    );
    assert.match(output, /rejected: (health|errors \/health): fail: .*; wanted /);
    const lasted = (time?.lasted ?? 0) / 1000;
    // What came in the meantime, at 100 a second, is what the step exposed.
    const exposed = Math.ceil(lasted * 100 * most) + 10;
    console.log(
      `    ${strategy}, errors above a load: ${failed} failed in ${lasted.toFixed(2)} s, the step exposed ${exposed}`,
    );
    assert.deepEqual(Object.keys(failures), ['HTTP 500'], 'more failed than what the version itself refused');
    assert.equal(versions['shares']!.failed, 0);
    assert.ok(failed > 0 && failed <= exposed, `${failed} failed, ${exposed} were exposed`);
    assert.ok(lasted < 3, `bad answers for ${lasted} s`);
    await trial.serves('shares');
    await divided(await onSide());
  });
}

test('a pod of the edge that is deleted in the middle of a step comes back with the right shares', async () => {
  const before = (await trial.record()).good!.side;
  let found: readonly number[] = [];
  const [{ seconds }, report] = await underLoad('a pod of the edge deleted in step 1', async () => {
    const running = trial.up(wanted('edge-pod', { window: '15s' }));
    await trial.reaches('step-1');
    const old = Object.keys(await trial.split());
    await trial.deleteEdgePod(old[0]!);
    await until('another pod of the edge runs', async () => {
      const split = await trial.split();
      found = Object.entries(split).flatMap(([name, green]) => (old.includes(name) ? [] : [green]));
      return found.length === 1 && found[0] !== -1;
    });
    assert.equal((await trial.record()).phase, 'step-1', 'the step was over too soon');
    return running;
  });
  console.log(
    `    a pod of the edge deleted: ${seconds} s, ${report.failed} failed; the new pod began with ${found[0]} of 100`,
  );
  assert.deepEqual(found, [50]);
  await trial.serves('edge-pod', false);
  await divided(before === 'blue' ? 100 : 0);
});

test('the runner is killed with half of the traffic on each side: the same up ends well, and no request fails', async () => {
  const [{ seconds }, { failed }] = await underLoad('runner killed in step 1', async () => {
    const running = trial.up(wanted('killed'));
    await trial.reaches('step-1');
    await trial.killRunner();
    return running;
  });
  console.log(`    runner killed in step 1: ${seconds} s`);
  assert.equal(failed, 0);
  await trial.serves('killed', false);
  await divided(await onSide());
  assert.match((await trial.record()).token, /\.[2-9]$/);
  assert.deepEqual(await trial.pending(), []);
});

test('a split that was changed by hand is seen by the preview, and put back by the next up', async () => {
  await trial.divideByHand(30);
  await until('the edge follows its ConfigMap', async () =>
    Object.values(await trial.split()).every((green) => green === 30),
  );
  assert.deepEqual(await trial.pending(), ['update web-prepare']);
  await trial.up(wanted('killed'));
  await divided(await onSide());
  assert.deepEqual(await trial.pending(), []);
});
