import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { kubectl } from './support/platform.ts';
import { trial } from './support/stacks.ts';
import type { EngineEvent } from '../engine/support/engine.ts';

const LIMIT = 400_000;

/** E's smoke tests, with time: two busy cores are no production. */
const SMOKE = {
  ...{ user: 'ingest', cpu: { request: '10m', limit: '1' }, memory: { request: '96Mi', limit: '192Mi' } },
  bars: { health: 2000, list: 4000, ticker: 2000, concurrent: 10_000 },
};

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
  const diagnostics = output.slice(output.indexOf('Diagnostics:'));
  assert.match(diagnostics, /kubernetes:batch\/v1:Job \(migrate-[0-9a-f]+\):\s+error: /);
  assert.ok(!started(events).includes('api-release'), started(events).join());
  // The sides stand, with nobody on them: only a release gives them pods.
  const [sides, anybody] = await Promise.all([
    kubectl(
      'get',
      'deployments',
      '--namespace',
      'trial',
      '--output=jsonpath={range .items[*]}{.metadata.name}={.spec.replicas} {end}',
    ),
    kubectl('get', 'pods', '--namespace', 'trial', '--selector', 'app.kubernetes.io/component=api', '--output=name'),
  ]);
  assert.deepEqual([sides.trim(), anybody], ['api-blue=0 api-green=0 api-runner=1', '']);
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
    const behind = started(events).filter((name) => /health|smoke|bucket/.test(name));
    // The bucket of dumps stands before a release, as its dump does; from the first attempt on it is there.
    assert.deepEqual(behind, attempt === 'first' ? ['pre-release-backup-bucket'] : [], attempt);
  }
});

test('with the fault gone the next up goes through, gates and all', async () => {
  await stack.configure({});
  await stack.up({ timeout: LIMIT });
  const gates = (await stack.export()).filter(({ type }) => type.startsWith('pulumi-nodejs:dynamic/gates:'));
  assert.ok(gates.length >= 12);
  assert.deepEqual([...new Set(gates.map(({ outputs }) => outputs?.verdict))], ['pass']);
});

const schema = (): Promise<string> =>
  kubectl(
    ...['exec', '--namespace', 'trial', 'postgres-0', '--', 'sh', '-c'],
    'psql -qtA -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c "SELECT version_num FROM alembic_version"',
  );

test('a later version that crashes has widened the schema, and the old one passes its smoke tests on it', async () => {
  const before = await schema();
  const later = { 'platform:stack': { version: '1.1.0' } };
  await stack.configure({ ...later, 'platform:api': { extraEnvironment: { FAULT_CRASH_AT_START: '1' } } });
  const { output } = await stack.up({ fails: true, timeout: LIMIT });
  assert.match(output, /api: release \w+ rejected: start: container api .*Back on \w+ \(deployment\/api-blue\)/s);
  assert.notEqual(await schema(), before);

  await stack.configure({ 'platform:smoke': SMOKE });
  await stack.up({ timeout: LIMIT });
  // The update ends well when its Job has, which asks what E's smoke tests ask.
  const kinds = (await stack.export()).map(({ urn }) => urn.split('::').at(-1));
  assert.ok(kinds.includes('smoke-job'));
  assert.notEqual(await schema(), before);
});

test('destroy of the whole platform leaves nothing', leavesNothing);
