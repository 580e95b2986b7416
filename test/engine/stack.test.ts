import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STACKS } from '../unit/stacks/support/raw.ts';
import { engine, type Plan, type StateResource } from './support/engine.ts';

type Planned = StateResource & { readonly dependencies?: readonly string[]; readonly parent?: string };

/** The plan of a stack that has nothing yet, on no cluster at all. */
async function planOf(stack: string, config: Record<string, unknown> = {}): Promise<Plan> {
  const test = await engine({ stack, config, env: { KUBECONFIG: '/dev/null' } });
  try {
    return await test.preview();
  } finally {
    test.remove();
  }
}

const nameOf = (urn: string): string => urn.slice(urn.lastIndexOf('::') + 2);
const statesOf = (plan: Plan): Planned[] => plan.steps.map(({ newState }) => newState as Planned);

/** Everything that a resource waits for, however far back, by name. */
function waitsFor(states: readonly Planned[], name: string): Set<string> {
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

/** How many resources a stack is. Whoever adds one knows that it costs a step of every update. */
const SIZES: Record<string, number> = { local: 112, staging: 327, production: 425, rehearsal: 362 };

const plans = new Map<string, Plan>();
for (const stack of STACKS) {
  test(`the whole of ${stack} can be planned without a cluster and without a credential`, async () => {
    const plan = await planOf(stack);
    plans.set(stack, plan);
    assert.deepEqual(plan.changeSummary, { create: SIZES[stack] });
  });
}

test('a plan shows no generated value and no secret', () => {
  for (const [stack, plan] of plans) {
    const secrets = statesOf(plan).filter(({ type }) => type === 'kubernetes:core/v1:Secret');
    assert.ok(secrets.length >= 5, stack);
    for (const { inputs, urn } of secrets) assert.equal(inputs!['stringData'], '[secret]', urn);
  }
});

test('the state will hold A’s order: each group waits for the gates of the group before it', () => {
  const states = statesOf(plans.get('local')!);
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
    ['api-prepare', ['redis-set', 'minio-set', 'api-runner', 'api-record']],
    ['pre-release-backup-job', ['api-prepare']],
    [nameOf(job.urn), ['pre-release-backup-job']],
    ['api-blue', [`tables-${content}`, `tables-count-${content}`]],
    ['api-release', ['api-blue', 'api-green', 'api-service', 'api-members']],
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
  const states = statesOf(plans.get('local')!);
  const own = states.filter(({ type }) => type.startsWith('kubernetes:') || type.startsWith('random:'));
  assert.ok(own.length > 40);
  for (const { urn, provider } of own as (Planned & { provider?: string })[]) {
    assert.ok(waitsFor(states, nameOf(urn)).has('images'), nameOf(urn));
    if (urn.includes('kubernetes:')) assert.match(provider ?? '', /pulumi:providers:kubernetes::cluster::/);
  }
});

test('a kubeconfig is in no plan: the cluster is known by its identifier', () => {
  const cluster = statesOf(plans.get('local')!).find(({ type }) => type === 'pulumi:providers:kubernetes')!;
  assert.equal(cluster.inputs!['kubeconfig'], '');
  assert.doesNotMatch(JSON.stringify(plans.get('local')), /dev\/null/);
  assert.equal(cluster.inputs!['clusterIdentifier'], 'local');
});

test('the same settings in another order are the same plan', async () => {
  const turned = { 'platform:postgres': { maxConnections: 60, memory: '512Mi', database: 'corporate_intel_local' } };
  const strip = (plan: Plan): unknown =>
    plan.steps
      .map(({ op, urn, newState }) => ({
        op,
        urn,
        inputs: newState?.inputs,
        waits: (newState as Planned).dependencies?.toSorted(),
      }))
      .toSorted((a, b) => (a.urn < b.urn ? -1 : 1));
  assert.deepEqual(strip(await planOf('local', turned)), strip(plans.get('local')!));
});
