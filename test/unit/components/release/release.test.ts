import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { isIntact } from '../../../../components/release/digest.ts';
import { ReleasedWorkload } from '../../../../components/release/index.ts';
import { lastOf } from '../../../../components/release/last.ts';
import type { Release } from '../../../../components/release/resources.ts';
import { named, planned } from '../../support/mocks.ts';
import { LIVE } from './support/cluster.ts';
import { ARGS, digestIn, inputsOf, NGINX, picked, plan } from './support/released.ts';

test('it makes the record, the runner and its rights, two sides, the Service, and the release around them', async () => {
  assert.deepEqual(
    (await plan()).map(({ name }) => name.replace(/-[0-9a-f]{12}$/, '-…')),
    [
      'web',
      ...['web-blue', 'web-green', 'web-prepare', 'web-record', 'web-release', 'web-runner', 'web-runner-account'],
      ...['web-runner-binding', 'web-runner-code-…', 'web-runner-role', 'web-service'],
    ],
  );
});

test('what a runner needs is made before the preparation waits for one, and the release comes last', async () => {
  const made = await plan(NGINX);
  const nth = (name: string): number => named(made, name).nth;
  const needed = ['web-record', 'web-split', 'web-blue-service', 'web-runner', 'web-blue', 'web-green', 'web-service'];
  for (const name of needed) assert.ok(nth(name) < nth('web-prepare'), name);
  assert.ok(nth('web-prepare') < nth('web-release'));
});

test('both sides start with nothing; a selector holds nothing that a release changes but the side', async () => {
  const made = await plan();
  for (const side of ['blue', 'green']) {
    const { spec } = named(made, `web-${side}`).inputs as any;
    assert.deepEqual([spec.replicas, spec.selector.matchLabels], [0, { ...picked, 'platform/side': side }]);
    assert.equal(spec.template.metadata.labels['platform/side'], side);
    // Whatever is ignored must have keys that the provider finds again: those of our annotations it does not.
    assert.equal(spec.template.metadata.annotations, undefined);
    assert.deepEqual(spec.strategy.rollingUpdate, { maxSurge: 1, maxUnavailable: 0 });
  }
  assert.deepEqual((named(made, 'web-service').inputs as any).spec.selector, { ...picked, 'platform/side': 'blue' });
});

test('Services that follow begin on blue, and are the runner’s to move from then on', async () => {
  const followers = { 'web-outside': { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] } };
  const made = await plan({ followers });
  assert.deepEqual((named(made, 'web-outside').inputs as any).spec, {
    ...followers['web-outside'],
    selector: { ...picked, 'platform/side': 'blue' },
  });
  const [, services] = named(made, 'web-runner-role').inputs['rules'] as any;
  assert.deepEqual(services.resourceNames, ['web', 'web-outside']);
  const [container] = (named(made, 'web-runner').inputs['spec'] as any).template.spec.containers;
  const told = container.env.find(({ name }: { name: string }) => name === 'TRAFFIC').value;
  assert.deepEqual(JSON.parse(told), { driver: 'service', followers: ['web-outside'] });
  assert.deepEqual(inputsOf(made).traffic, { driver: 'service', followers: ['web-outside'] });
});

test('the digest changes with everything that a pod runs, secrets too, and with nothing else', async () => {
  const before = await digestIn();
  const { labels, spec } = ARGS.pods;
  for (const change of [
    { pods: { labels, spec: { containers: [{ name: 'web', image: 'web:2' }] } } },
    { pods: { labels: { ...labels, more: 'x' }, spec } },
    { secrets: { key: pulumi.secret('key'), values: { PASSWORD: pulumi.secret('canary-2') } } },
  ]) {
    assert.notEqual(await digestIn(change), before);
  }
  const timing = { soak: '1m' } as const;
  for (const change of [{ way: { strategy: 'rolling' } as const }, { replicas: 5 }, { attempt: 2 }, { timing }]) {
    assert.equal(await digestIn(change), before);
  }
});

test('both resources hold the whole template with its digest, the steps in milliseconds, and no secret', async () => {
  const made = await plan();
  for (const name of ['web-prepare', 'web-release']) {
    const inputs = inputsOf(made, name);
    assert.ok(isIntact(inputs.template as never));
    assert.deepEqual(inputs.steps, [{ weight: 100, window: 40_000 }]);
    assert.equal(inputs.rules.deadline, 540_000);
    assert.equal(inputs.rules.analysis.database, null);
    assert.ok(!JSON.stringify(inputs).includes('canary'));
  }
});

test('who has to sign and where reports go is told to both, is no part of a version, and is left out where nobody is asked', async () => {
  const approvals = { folder: 'approvals', stack: 'test', roles: ['devops-lead'] };
  const reports = { folder: 'reports/releases', stack: 'test' };
  const made = await plan({ approvals, reports });
  for (const name of ['web-prepare', 'web-release']) {
    const inputs = inputsOf(made, name);
    assert.deepEqual([inputs.approvals, inputs.reports], [approvals, reports]);
    // Without a cluster the state decides, and a change of these alone is no release.
    const ignored = /new Set\((\[.*\])\)/.exec(named(made, name).inputs['__provider'] as string)![1]!;
    for (const input of ['approvals', 'attempt', 'reports', 'rules']) assert.ok(ignored.includes(`"${input}"`), input);
  }
  assert.equal(await digestIn({ approvals, reports }), await digestIn());
  assert.ok(!('approvals' in inputsOf(await plan()) || 'reports' in inputsOf(await plan())));
});

test('the last good release as an output: what was signed, where it lives, since when, and a word of each gate, no reading', async () => {
  const gate = { gate: 'health', verdict: 'pass', reading: 'a pod said: canary-1', limit: 'x', samples: 3 };
  const release = { side: 'green', since: LIVE.since, seconds: 9, epoch: 4, evidence: { soak: [gate] } };
  const last = (of: object) =>
    new Promise((resolve) => lastOf(pulumi.output('d1'), of as unknown as Release).apply(resolve));
  const { evidence: _, ...known } = release;
  assert.deepEqual(await last(release), { digest: 'd1', ...known, gates: { soak: { health: 'pass' } } });
  // While a plan is made nothing is known of the gates.
  assert.deepEqual(await last({ ...known, evidence: undefined }), { digest: 'd1', ...known, gates: {} });
});

test('what is left out is rolling', async () => {
  const { way: _, ...rest } = ARGS;
  const made = await planned(() => new ReleasedWorkload('web', rest, {}));
  const { strategy, steps } = inputsOf(made);
  assert.deepEqual([strategy, steps], ['rolling', []]);
});

test('what comes between is given what it has to wait for', async () => {
  const seen: string[] = [];
  await plan({
    between: (prepared) => {
      prepared.urn.apply(() => seen.push('prepared'));
      return [];
    },
  });
  assert.deepEqual(seen, ['prepared']);
});
