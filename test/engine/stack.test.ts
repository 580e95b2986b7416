/** What the plans of the platform's stacks hold: order, secrecy, the cluster they go to. All of a plan: graphs.test.ts. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { STACKS } from '../unit/stacks/support/raw.ts';
import { engine, type Plan } from './support/engine.ts';
import {
  newStack,
  plannedFromNothing,
  UNKNOWN,
  withPlanned,
  type NewResource,
  type NewStack,
} from './support/planned.ts';

const plans = new Map<string, NewStack>();
const statesOf = (stack: string): readonly NewResource[] => plans.get(stack)!.resources;
before(async () => {
  for (const stack of STACKS) plans.set(stack, await plannedFromNothing(stack));
});

const nameOf = (urn: string): string => urn.slice(urn.lastIndexOf('::') + 2);

/** Everything that a resource waits for, however far back, by name. */
function waitsFor(states: readonly NewResource[], name: string): Set<string> {
  const byName = new Map(states.map((state) => [nameOf(state.urn), state]));
  const seen = new Set<string>();
  const walk = (at: string): void => {
    for (const urn of byName.get(at)?.dependencies ?? []) {
      const next = nameOf(urn);
      if (seen.has(next)) continue;
      seen.add(next);
      walk(next);
    }
  };
  walk(name);
  return seen;
}

/** Of the plugins that this machine has, on no cluster at all. */
async function planOfTheMachine(stack: string): Promise<Plan> {
  const test = await engine({ stack, env: { KUBECONFIG: '/dev/null' } });
  try {
    return await test.preview();
  } finally {
    test.remove();
  }
}

test('the plugins of this machine plan local without a cluster and without a credential, and as those that repeat do', async () => {
  const { steps, changeSummary } = await planOfTheMachine('local');
  assert.deepEqual(changeSummary, plans.get('local')!.changeSummary);
  const [theirs, ours] = [steps, statesOf('local')].map((all) => all.map(({ urn }) => urn).toSorted());
  assert.deepEqual(theirs, ours);
  // A kubeconfig is in no plan: the cluster is known by its identifier.
  const cluster = steps.find(({ newState }) => newState?.type === 'pulumi:providers:kubernetes')!.newState!;
  assert.equal(cluster.inputs!['kubeconfig'], '');
  assert.doesNotMatch(JSON.stringify(steps), /dev\/null/);
  assert.equal(cluster.inputs!['clusterIdentifier'], 'local');
});

test('a plan shows no generated value and no secret', () => {
  for (const stack of STACKS) {
    const secrets = statesOf(stack).filter(({ type }) => type === 'kubernetes:core/v1:Secret');
    assert.ok(secrets.length >= 5, stack);
    // On a cluster that is still to be made nothing of them is known.
    const shown = stack === 'local' || stack === 'rehearsal' ? ['[secret]'] : ['[secret]', UNKNOWN];
    for (const { inputs, urn } of secrets) assert.ok(shown.includes(String(inputs['stringData'])), urn);
  }
});

test('the state will hold A’s order: each group waits for the gates of the group before it', () => {
  const states = statesOf('local');
  const job = states.find(({ type, urn }) => type === 'kubernetes:batch/v1:Job' && nameOf(urn).startsWith('migrate-'))!;
  const content = nameOf(job.urn).replace('migrate-', '');
  const chain: [later: string, earlier: string[]][] = [
    ['guard-namespace', ['images']],
    ['fingerprint-key', ['images']],
    ['postgres-set', ['guard-deny-all', 'guard-namespace', 'images']],
    ['database-ready', ['postgres-set']],
    [nameOf(job.urn), ['database-ready', 'database-version']],
    [`tables-${content}`, [nameOf(job.urn)]],
    ['redis-set', ['database-ready', 'database-version']],
    ['minio-set', ['database-ready', 'database-version']],
    // Nothing is changed before the API is at rest on what it was, and nothing of it before its schema is there.
    // Both sides stand before, with no pods: only the release gives them any.
    ['api-prepare', ['redis-set', 'minio-set', 'api-runner', 'api-record', 'api-blue', 'api-green', 'api-service']],
    ['pre-release-backup-job', ['api-prepare']],
    [nameOf(job.urn), ['pre-release-backup-job']],
    [
      'api-release',
      [`tables-${content}`, `tables-count-${content}`, 'api-blue', 'api-green', 'api-service', 'api-members'],
    ],
    ['healthy', ['api-release']],
    ['bucket-local-reports', ['healthy']],
    ['endpoint-health', ['bucket-local-documents', 'bucket-local-reports']],
    [
      'smoke-cors',
      ['endpoint-health', 'endpoint-database', 'endpoint-redis', 'endpoint-minio', 'redis-ping', 'buckets'],
    ],
    ['no-restarts', ['smoke-cors', 'smoke-companies', 'smoke-redis-stats', 'smoke-documents']],
  ];
  for (const [later, earlier] of chain) {
    const found = waitsFor(states, later);
    assert.ok(found.size > 0, `${later} is in the plan`);
    for (const name of earlier) assert.ok(found.has(name), `${later} waits for ${name}`);
  }
});

test('every resource of the platform waits for the image to be there, and goes to the stack’s own cluster', () => {
  const states = statesOf('local');
  const own = states.filter(({ type }) => type.startsWith('kubernetes:') || type.startsWith('random:'));
  assert.ok(own.length > 40);
  for (const { urn, provider } of own) {
    assert.ok(waitsFor(states, nameOf(urn)).has('images'), nameOf(urn));
    if (urn.includes('kubernetes:')) assert.match(provider ?? '', /pulumi:providers:kubernetes::cluster::/);
  }
});

test('the same settings in another order are the same plan', async () => {
  const turned = { 'platform:postgres': { maxConnections: 60, memory: '512Mi', database: 'corporate_intel_local' } };
  const strip = (resources: readonly NewResource[]): string[] =>
    resources
      .map(({ urn, inputs, dependencies = [] }) => JSON.stringify([urn, inputs, dependencies.toSorted()]))
      .toSorted();
  const other = await withPlanned('local', async (planned) => newStack(await planned.preview()), turned);
  const differing = strip(other.resources).filter((one, index) => one !== strip(statesOf('local'))[index]);
  assert.deepEqual(differing, []);
});
