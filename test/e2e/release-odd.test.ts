/**
 * Releases under odd conditions: two at once, nobody there to be judged, nothing measured, a first version that is bad, another
 * strategy, another number of pods in the middle. Nothing but a version that was seen to be good goes live.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { AutoscalingV2Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { rollback } from '../../infra/sandbox/verbs/rollback.ts';
import { engine } from '../engine/support/engine.ts';
import { platform } from './support/platform.ts';
import { program, type Wanted } from './support/release/program.ts';
import { RULE, Store, type Answers } from './support/release/store.ts';
import { Trial, wanted as plainly } from './support/release/trial.ts';
import { until } from './support/until.ts';

const config = new KubeConfig();
config.loadFromFile(platform.kubeconfig);
const [core, autoscaling] = [config.makeApiClient(CoreV1Api), config.makeApiClient(AutoscalingV2Api)];

/** Windows as short as the gates allow. How fast answers are is judged elsewhere. */
const TIMING = { candidate: '2s', soak: '2s', keepFor: '10m' };
const ANALYSIS = { latency: null };

const otherSide = (side: string): 'blue' | 'green' => (side === 'blue' ? 'green' : 'blue');

describe('odd releases', { concurrency: 2 }, () => {
  describe('of what comes through an edge', { concurrency: 1 }, () => {
    const wanted = (version: string, over: Partial<Wanted> = {}): Wanted =>
      plainly(version, {
        ...{ driver: 'nginx', window: '1s', analysis: ANALYSIS, ...over },
        timing: { ...TIMING, ...over.timing },
      });
    let trial: Trial;
    before(async () => (trial = await Trial.begin('odd')));
    after(() => trial.end());

    test('a first install of a bad version fails and leaves nothing that serves; a good one then goes live', async () => {
      const bad = wanted('bad', { environment: { ERROR_SHARE: '0.5' } });
      const { output } = await trial.up(bad, { fails: true });
      assert.match(output, /release \w+ rejected: (health|errors \/health): fail: .*; wanted /);
      assert.match(output, /There was no earlier version to go back to/);
      assert.deepEqual((await trial.seen()).pods, {});
      await trial.up(wanted('v1'));
      await trial.serves('v1');
      assert.deepEqual(await trial.pending(), []);
    });

    // It came as blueGreen, and becomes that again where autoscalers decide.
    let live = 'v1';
    for (const strategy of ['canary', 'rolling'] as const) {
      test(`with another strategy, now ${strategy}, nothing is released until the version changes, and then no request fails`, async () => {
        const [objects, { epoch }] = [await trial.objects(), await trial.record()];
        await trial.up(wanted(live, { strategy }));
        assert.deepEqual([await trial.objects(), (await trial.record()).epoch], [objects, epoch]);

        live = `${live}-${strategy}`;
        const up = (): Promise<unknown> => trial.up(wanted(live, { strategy }));
        const [, { failed }] = await trial.underLoad(`now ${strategy}`, up, 'edge');
        assert.equal(failed, 0);
        await trial.serves(live, false);
      });
    }

    test('a canary whose side somebody sends to rest loses its share at once, and the version is not to blame', async () => {
      const { side } = (await trial.record()).good!;
      const canary = wanted('sent-away', { strategy: 'canary', window: '8s' });
      const [{ output }, { failed }] = await trial.underLoad(
        'a side of a canary at 0',
        async () => {
          const running = trial.up(canary, { fails: true });
          await trial.reaches('step-0');
          await trial.resize(otherSide(side), 0);
          return running;
        },
        'edge',
      );
      assert.match(
        output,
        / error: pods: no pod of the new version is ready; wanted at least one for 10 % of the traffic/,
      );
      // Watched to the end of window and hold, a tenth of the requests would fail for 18 s: 180 of them.
      assert.ok(failed < 60, `${failed} requests failed`);
      await trial.serves(live);
      assert.deepEqual((await trial.record()).rejected.length, 1, 'more is rejected than the first install');
    });

    test('where autoscalers decide, the new side is as large as the old one has grown to, and no request fails', async () => {
      const scaled = { strategy: 'blueGreen', window: '2s', scaled: { min: 2, max: 6 } } as const;
      const [{ epoch, good }, objects] = [await trial.record(), await trial.objects()];
      await trial.up(wanted(live, scaled));
      assert.deepEqual([await trial.objects(), (await trial.record()).epoch], [objects, epoch]);
      const { side } = good!;
      // As under a load that stays: what has grown is not taken back.
      const { namespace } = trial;
      const keep = [{ op: 'replace', path: '/spec/behavior/scaleDown/selectPolicy', value: 'Disabled' }];
      for (const name of ['web-blue', 'web-green']) {
        await autoscaling.patchNamespacedHorizontalPodAutoscaler({ namespace, name, body: keep });
      }
      const [, { failed }] = await trial.underLoad(
        'grown in the middle',
        async () => {
          const running = trial.up(wanted('grown', { ...scaled, timing: { candidate: '6s' } }));
          await trial.reaches('candidate');
          await until('the new side has its pods', async () => (await trial.ready(otherSide(side))) === 2, 30_000);
          await trial.resize(side, 4);
          return running;
        },
        'edge',
      );
      assert.equal(failed, 0);
      const { traffic, pods } = await trial.seen();
      assert.deepEqual([traffic, pods[traffic]], [otherSide(side), Array.from({ length: 4 }, () => 'grown')]);
      assert.deepEqual(await trial.pending(), []);
    });
  });

  describe('of what is measured', { concurrency: 1 }, () => {
    let [trial, store]: [Trial?, Store?] = [];
    const wanted = (version: string, over: Partial<Wanted> = {}): Wanted =>
      plainly(version, {
        ...{ store: { url: store!.url, port: store!.port }, window: '5s', ...over },
        analysis: { ...ANALYSIS, metrics: { inRow: 2, each: [RULE] }, ...over.analysis },
        timing: { ...TIMING, soak: '5s', ...over.timing },
      });
    /** Undecided, it ends soon. */
    const SOON = { analysis: { hold: 3000 } };

    before(async () => {
      trial = await Trial.begin('measured');
      store = await Store.begin(trial);
      store.answer({ value: [0], requests: [100] });
      await trial.up(wanted('v1'));
    });
    after(async () => {
      await store?.end();
      await trial?.end();
    });

    /** It is not live, and came no further than that phase. What is about users is asked once there are some: in a step. */
    async function refused(release: Wanted, message: RegExp, furthest: 'candidate' | 'step-0'): Promise<void> {
      const before = await trial!.record();
      const { output } = await trial!.up(release, { fails: true });
      assert.match(output, message);
      const { good, outcome, course } = await trial!.record();
      assert.deepEqual([good!.digest, outcome!.epoch], [before.good!.digest, before.epoch + 1]);
      assert.deepEqual(
        course!.stages.map(({ phase }) => phase),
        furthest === 'candidate' ? ['candidate', 'undo'] : ['candidate', 'step-0', 'undo'],
      );
      await trial!.serves('v1');
    }

    const CASES: readonly (readonly [what: string, answers: Answers, message: RegExp])[] = [
      [
        'whose metric matches no series',
        { value: [null], requests: [100] },
        / error: edge-errors: inconclusive: the query matched no series; wanted at most 1/,
      ],
      [
        'without any traffic to judge it by',
        { value: [0], requests: [0] },
        / error: edge-errors: inconclusive: 0 requests; 20 are needed to judge; wanted at most 1/,
      ],
      [
        'whose metric comes and goes',
        { value: [0, null], requests: [100] },
        / error: edge-errors: inconclusive: the query matched no series; wanted at most 1/,
      ],
      [
        'whose metric is good and bad by turns',
        { value: [0, 9], requests: [100] },
        / rejected: edge-errors: fail: 9; wanted at most 1/,
      ],
    ];
    for (const [index, [what, answers, message]] of CASES.entries()) {
      test(`a release ${what} does not go live, and the message names it`, async () => {
        store!.answer(answers);
        await refused(wanted(`unmeasured-${index}`, SOON), message, 'step-0');
      });
    }

    test('a release whose store of metrics cannot be reached does not go live, and the message says so', async () => {
      await store!.end();
      await refused(
        wanted('unreachable', SOON),
        / error: edge-errors: error: the number of requests could not be asked: ECONNREFUSED/,
        'step-0',
      );
      store = await Store.begin(trial!);
      store.answer({ value: [0], requests: [100] });
    });

    test('a candidate whose pods never come is an error with the reason that the cluster gives', async () => {
      const { namespace } = trial!;
      const quota = { metadata: { name: 'full' }, spec: { hard: { pods: '0' } } };
      await core.createNamespacedResourceQuota({ namespace, body: quota });
      try {
        await refused(
          wanted('no-room', { timing: { ready: '5s' } }),
          / error: readiness: no pod was made: pods "web-green-\S+" is forbidden: exceeded quota.*; wanted all pods ready in 5 s/,
          'candidate',
        );
      } finally {
        await core.deleteNamespacedResourceQuota({ namespace, name: 'full' });
      }
    });

    test('a candidate that somebody sends to rest is an error that says so', async () => {
      const resized = async (): Promise<void> => {
        await trial!.reaches('candidate');
        await until('the new side has its pods', async () => (await trial!.ready('green')) === 2, 30_000);
        await trial!.resize('green', 0);
      };
      const release = wanted('emptied', { ...SOON, timing: { candidate: '4s' } });
      const message = / error: .*health: inconclusive: no pod is on trial/;
      await Promise.all([refused(release, message, 'candidate'), resized()]);
    });

    test('of two releases at once the second is refused and says why, and the first goes live as soon as it is measured', async () => {
      const copy = mkdtempSync(join(tmpdir(), 'platform-odd-'));
      cpSync(trial!.stack.state, copy, { recursive: true });
      const at = { stack: 'measured', kubeconfig: platform.kubeconfig, state: copy };
      const twin = await engine({ ...at, source: program() });
      await twin.configure(trial!.settings(wanted('second')));
      const { epoch } = await trial!.record();
      // Nothing is measured, so the first is held in its step until the second has had its answer.
      store!.answer({ value: [0], requests: [0] });
      const timing = { candidate: '5s', deadline: '5m' };
      const first = wanted('first', { analysis: { hold: 200_000 }, timing });
      const [, { failed, versions }] = await trial!.underLoad('two at once', async () => {
        const running = trial!.up(first);
        await trial!.reaches('step-0');
        const [other, same] = await Promise.all([twin.up({ fails: true }), trial!.stack.up({ fails: true })]);
        assert.match(other.output, /another engine is at work on release \w+ \(phase step-0\); wait until it has/);
        assert.match(same.output, /the stack is currently locked/);
        assert.equal((await trial!.record()).phase, 'step-0', 'the first was disturbed');
        store!.answer({ value: [0], requests: [100] });
        return running;
      });
      assert.deepEqual([failed, Object.keys(versions).toSorted()], [0, ['first', 'v1']]);
      assert.equal((await trial!.record()).epoch, epoch + 1);
      await trial!.serves('first', false);
      assert.deepEqual(await trial!.pending(), []);
      twin.remove();
      rmSync(copy, { recursive: true });
    });

    test('pods of the kept side do not start anew once their settings are gone; a rollback releases that version again', async () => {
      const { namespace } = trial!;
      assert.deepEqual((await trial!.seen()).pods['blue'], ['gone', 'gone'], 'the settings of before are still there');
      // As when their node goes. While one of them runs on a node, its kubelet remembers what they read.
      await trial!.resize('blue', 0);
      await until('the kept side is empty', async () => {
        const { items } = await core.listNamespacedPod({ namespace, labelSelector: 'platform/side=blue' });
        return items.length === 0;
      });
      await trial!.resize('blue', 2);
      process.env['KUBECONFIG'] = platform.kubeconfig;
      const { project, env } = trial!.stack;
      const [{ atOnce }, { failed }] = await trial!.underLoad('rollback without its settings', () =>
        rollback({ stack: 'measured', project, env: { ...env } }),
      );
      assert.deepEqual([atOnce, failed], [false, 0]);
      await trial!.serves('v1', false);
    });
  });
});
