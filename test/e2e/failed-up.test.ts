import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { kubectl } from './support/platform.ts';
import { trial } from './support/stacks.ts';
import type { EngineEvent } from '../engine/support/engine.ts';

const LIMIT = 400_000;

const stack = await trial();

after(() => stack.remove());

/** The resources that the engine began to create or change, by the last part of their URN. */
const started = (events: readonly EngineEvent[]): string[] =>
  events.flatMap((event) => {
    const { metadata } = (event.resourcePreEvent ?? {}) as { metadata?: { op: string; urn: string } };
    return metadata === undefined || metadata.op === 'same' ? [] : [metadata.urn.split('::').at(-1)!];
  });

const inNamespace = async (): Promise<string> =>
  kubectl('get', 'namespace', 'trial', '--ignore-not-found', '--output=name');

const leavesNothing = async (): Promise<void> => {
  await stack.destroy({ timeout: LIMIT });
  assert.deepEqual(
    (await stack.export()).filter(({ type }) => type !== 'pulumi:pulumi:Stack'),
    [],
  );
  assert.equal(await inNamespace(), '');
  const volumes = await kubectl('get', 'persistentvolumes', '--output=jsonpath={.items[*].spec.claimRef.namespace}');
  assert.ok(!volumes.split(' ').includes('trial'), 'a volume of the trial is still there');
};

test('an image that the cluster cannot have is reported before anything is created', async () => {
  await stack.configure({ 'platform:stack': { version: '9.9.9' } });
  const { output, events } = await stack.up({ fails: true, timeout: LIMIT });
  assert.match(output, /corporate-intel-api:9\.9\.9/);
  assert.match(output, /ImageGate/);
  const kubernetes = (await stack.export()).filter(({ type }) => type.startsWith('kubernetes:'));
  assert.deepEqual(
    kubernetes.map(({ urn }) => urn),
    [],
  );
  assert.equal(await inNamespace(), '');
  assert.ok(!started(events).some((name) => name.startsWith('guard')), started(events).join());
});

test('destroy succeeds after an up that failed at its first gate, and leaves nothing', leavesNothing);

test('a migration that fails shuts everything behind it: no API, and the message names the Job', async () => {
  await stack.configure({
    'platform:api': { extraEnvironment: { FAULT_MIGRATION: 'fail' }, migrationDeadline: '30s' },
  });
  const { output, events } = await stack.up({ fails: true, timeout: LIMIT });
  assert.match(output, /migrat/i);
  assert.ok(!started(events).some((name) => /^api-(blue|release)$/.test(name)), started(events).join());
  assert.equal(
    await kubectl('get', 'deployments', '--namespace', 'trial', '--output=name'),
    'deployment.apps/api-runner\n',
  );
});

test('destroy succeeds after an up whose migration failed, and leaves nothing', leavesNothing);

test('a release that crashes at its start fails the update, nothing behind it starts, and the next up refuses it', async () => {
  await stack.configure({
    'platform:api': { extraEnvironment: { FAULT_CRASH_AT_START: '1' } },
  });
  const said = {
    first: /api: release \w+ rejected: start: container api of pod api-blue-\S+ ended 3 times/,
    second: /api: release \w+ was rejected and is not tried again: start: .*raise its attempt to 2/,
  };
  for (const [attempt, reason] of Object.entries(said)) {
    const { output, events } = await stack.up({ fails: true, timeout: LIMIT });
    assert.match(output, reason, attempt);
    // The bucket of dumps stands before a release, as its dump does.
    const behind = started(events).filter((name) => /health|smoke|^bucket-/.test(name));
    assert.deepEqual(behind, [], attempt);
  }
});

test('with the fault gone the next up goes through, gates and all', async () => {
  await stack.configure({});
  await stack.up({ timeout: LIMIT });
  const gates = (await stack.export()).filter(({ type }) => type.startsWith('pulumi-nodejs:dynamic/gates:'));
  assert.ok(gates.length >= 12);
  assert.deepEqual([...new Set(gates.map(({ outputs }) => outputs?.verdict))], ['pass']);
});

test('destroy of the whole platform leaves nothing', leavesNothing);
