/**
 * Releases that are judged by what a real Prometheus has read: of the app, on a path that the runner does not ask, and of the
 * edge before it. Clients do not wait: 100 requests a second to the edge, half of them on connections that stay open.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Report } from './support/open-loop.ts';
import { NAME, USERS, USERS_ERRORS, type Wanted } from './support/release/program.ts';
import { Trial, wanted as plainly } from './support/release/trial.ts';
import { until } from './support/until.ts';

const wanted = (version: string, over: Partial<Wanted> = {}): Wanted =>
  plainly(version, { strategy: 'canary', driver: 'nginx', metrics: true, ...over });

let trial: Trial;
before(async () => {
  trial = await Trial.begin('metrics');
  await trial.up(wanted('v1'));
});
after(() => trial.end());

const underLoad = <T>(what: string, work: () => Promise<T>): Promise<[T, Report]> =>
  trial.underLoad(what, work, 'edge', USERS);

const GATE = USERS_ERRORS.name;
/** What the gate said last in each phase of the run that brought the live version. */
const said = async (): Promise<Record<string, { verdict: string; samples: number } | undefined>> => {
  const evidence = (await trial.record()).good!.evidence;
  return Object.fromEntries(
    Object.entries(evidence).map(([phase, gates]) => [phase, gates.find(({ gate }) => gate === GATE)]),
  );
};

test('a first install goes live although no user has asked: its gate is about users, and it has none', async () => {
  await trial.serves('v1');
  assert.deepEqual(Object.values(await said()).filter(Boolean), []);
});

test('it reads every pod of the app, by its side, and every pod of the edge; and no other', async () => {
  await until('all four are read', async () => (await trial.metrics('up == 1')).length === 4, 60_000);
  const app = { job: NAME, side: (await trial.seen()).traffic };
  const edge = { job: 'edge', side: undefined };
  assert.deepEqual(
    (await trial.metrics('up'))
      .map(([{ job, side }]) => ({ job, side }))
      .toSorted((a, b) => (a.job! < b.job! ? -1 : 1)),
    [edge, edge, app, app],
  );
  assert.equal((await trial.metrics('nginx_connections_active{job="edge"} >= 1')).length, 2);
});

test('a good release passes at each step on what was read of its users, and no request fails', async () => {
  const [{ seconds }, report] = await underLoad('good', () => trial.up(wanted('good')));
  console.log(`    good: ${seconds} s`);
  assert.equal(report.failed, 0);
  await trial.serves('good', false);
  const { candidate, ...others } = await said();
  assert.equal(candidate, undefined, 'it had no users yet');
  assert.deepEqual(Object.keys(others).toSorted(), ['soak', 'step-0', 'step-1', 'step-2']);
  for (const [phase, gate] of Object.entries(others)) {
    assert.equal(gate?.verdict, 'pass', phase);
    assert.ok(gate.samples >= USERS_ERRORS.minimum, `${phase}: ${gate.samples} requests`);
  }
  assert.deepEqual(await trial.pending(), []);
});

test('one that fails its users where the runner does not ask is undone by what was read, with reading and limit', async () => {
  const bad = wanted('bad', { environment: { ERROR_SHARE: '0.3', ONLY: USERS } });
  const [{ output, seconds }, { failed, versions, sent }] = await underLoad('bad', () =>
    trial.up(bad, { fails: true }),
  );
  console.log(`    bad: ${seconds} s, ${failed} of ${sent} failed`);
  assert.match(output, /rejected: users-errors: fail: 0\.\d+; wanted at most 0\.05 \([\d.]+ samples\)/);
  assert.match(output, /Back on \w+/);
  const met = versions['bad']!;
  assert.ok(met.failed > 0 && met.failed === failed, `${failed} failed, ${met.failed} of them by it`);
  assert.ok(failed <= (met.good + met.failed) * 0.35, `${failed} failed`);
  await trial.serves('good');
  const { rejected } = await trial.record();
  assert.equal(rejected.length, 1);
});

test('without users it holds, undecided, is not brought live, and nothing is said against it', async () => {
  const { output } = await trial.up(wanted('alone'), { fails: true });
  assert.match(output, /error: users-errors: inconclusive: 0 requests; 20 are needed to judge; wanted at most 0\.05/);
  await trial.serves('good');
  assert.equal((await trial.record()).rejected.length, 1, 'it was rejected');
});

test('with the Prometheus gone it is an error, and a release is not brought live', async () => {
  await trial.setPrometheus(0);
  const [{ output }, { failed }] = await underLoad('without Prometheus', () =>
    trial.up(wanted('unread'), { fails: true }),
  );
  assert.match(
    output,
    /error: users-errors: error: the number of requests could not be asked: .+; wanted at most 0\.05/,
  );
  assert.equal(failed, 0);
  await trial.serves('good');
});

test('with it back, the same version is tried again and goes live', async () => {
  await trial.setPrometheus(1);
  const [, { failed }] = await underLoad('with Prometheus again', () => trial.up(wanted('unread')));
  assert.equal(failed, 0);
  await trial.serves('unread', false);
});
