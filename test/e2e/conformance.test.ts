/**
 * The fallback plugins against the official ones: one program over every kind the platform uses, each state written by
 * one plugin and carried on by the other, both ways round, on a live cluster.
 *
 * Two stacks go through the same forms at the same time. In every step the plugins change places:
 *
 *     step      stack "first"   stack "second"
 *     made      official        fallback
 *     updated   fallback        official
 *     replaced  official        fallback
 *     destroy   fallback        official
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { KubeConfig, KubernetesObjectApi } from '@kubernetes/client-node';
import { engineEnv } from '../../infra/sandbox/engine/index.ts';
import { engine, type EngineTest, type Outcome, type Plan, type StateResource } from '../engine/support/engine.ts';
import { KINDS, OBJECTS, program, type Form } from '../engine/support/kinds.ts';
import { platform } from './support/platform.ts';

type Plugin = 'official' | 'fallback';
const other = (plugin: Plugin): Plugin => (plugin === 'official' ? 'fallback' : 'official');

const { kubeconfig } = platform;
const NAMES = [...OBJECTS, 'RandomPassword', 'RandomBytes'];
const AWAITED = KINDS.filter(({ broken }) => broken).map(({ kind }) => kind);

/** One stack, and the homes with either plugin. */
interface Side {
  readonly stack: EngineTest;
  readonly namespace: string;
  readonly homes: Readonly<Record<Plugin, Record<string, string>>>;
}

const suffix = process.pid.toString(36);

async function side(name: string): Promise<Side> {
  const namespace = `conformance-${name}-${suffix}`;
  const stack = await engine({
    source: program(),
    stack: name,
    config: { 'test:namespace': namespace, 'test:form': 'made' },
    kubeconfig,
  });
  const home = async (plugins: 'any' | 'fallback'): Promise<Record<string, string>> => {
    const { PULUMI_HOME } = await engineEnv({ state: join(stack.state, plugins), plugins });
    return { PULUMI_HOME: PULUMI_HOME! };
  };
  return { stack, namespace, homes: { official: await home('any'), fallback: await home('fallback') } };
}

/** Whether the official plugins were found. They are not part of this project, and cannot be had everywhere. */
function isOfficial({ PULUMI_HOME: home }: Record<string, string>): boolean {
  return readdirSync(join(home!, 'plugins'))
    .filter((name) => /^resource-(kubernetes|random)-v/.test(name) && !name.endsWith('.lock'))
    .every((name) => {
      const mark = join(home!, 'plugins', name, '.platform-source');
      return !existsSync(mark) || !readFileSync(mark, 'utf8').startsWith('fallback');
    });
}

const client = (() => {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return KubernetesObjectApi.makeApiClient(config);
})();

const short = (urn: string): string => urn.split('::').at(-1)!;
const ours = (resource: { type: string }): boolean => resource.type.startsWith('kubernetes:');

/** What the server sets on its own, and differs between any two objects. */
const SERVER_SET = new Set([
  ...[
    'uid',
    'resourceVersion',
    'creationTimestamp',
    'managedFields',
    'status',
    'generation',
    'clusterIP',
    'clusterIPs',
  ],
  ...['controller-uid', 'batch.kubernetes.io/controller-uid'],
]);

/** An object as both plugins must leave it. A headless Service keeps its address: it is asked for. */
function scrubbed(object: unknown, namespace: string): unknown {
  const text = JSON.stringify(object, (key, value: unknown) =>
    SERVER_SET.has(key) && value !== 'None' ? undefined : value,
  );
  return JSON.parse(text.replaceAll(namespace, 'NAMESPACE'));
}

async function live({ stack, namespace }: Side): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const { urn, type, outputs } of (await stack.export()).filter(ours)) {
    if (type.startsWith('pulumi:')) continue;
    const { apiVersion, kind, metadata } = outputs as { apiVersion: string; kind: string; metadata: { name: string } };
    found[short(urn)] = scrubbed(await client.read({ apiVersion, kind, metadata }), namespace);
  }
  return found;
}

interface Step {
  /** What each stack's plugin did, by resource. */
  readonly done: readonly [Operations, Operations];
  /** What there is afterwards. */
  readonly live: readonly [Record<string, unknown>, Record<string, unknown>];
  /** What the plugin that did not do it would still change. */
  readonly quiet: readonly [Plan, Plan];
}

/** What the engine does with each resource. The halves of a replacement are not counted on their own. */
type Operations = Readonly<Record<string, string>>;

function operations({ events }: Outcome): Operations {
  const steps = events.flatMap(({ resourcePreEvent }) => resourcePreEvent ?? []) as {
    metadata: { op: string; urn: string };
  }[];
  return Object.fromEntries(
    steps
      .filter(({ metadata: { op } }) => !/^(create-replacement|delete-replaced)$/.test(op))
      .map(({ metadata: { op, urn } }) => [short(urn), op]),
  );
}

let sides: [Side, Side];
const steps: Partial<Record<Form, Step>> = {};
let broken: { states: readonly (readonly StateResource[])[]; retries: readonly Plan[] } | undefined;
let left: readonly unknown[] | undefined;
/** What ended the steps early. Claims about those that were taken are still judged. */
let trouble: unknown;
let skip: string | false = false;

const both = <T>(work: (side: Side, index: 0 | 1) => Promise<T>): Promise<[T, T]> =>
  Promise.all([work(sides[0], 0), work(sides[1], 1)]);

const configure = (form: Form): Promise<unknown> =>
  both(({ stack, namespace }) => stack.configure({ 'test:namespace': namespace, 'test:form': form }));

async function take(form: Form, by: readonly [Plugin, Plugin]): Promise<void> {
  await configure(form);
  const done = await both(async ({ stack, homes }, i) => operations(await stack.up({ env: homes[by[i]] })));
  const quiet = await both(({ stack, homes }, i) => stack.preview({ env: homes[other(by[i])] }));
  steps[form] = { done, quiet, live: await both(live) };
}

const FIRST: readonly [Plugin, Plugin] = ['official', 'fallback'];
const SECOND: readonly [Plugin, Plugin] = ['fallback', 'official'];

async function takeAll(): Promise<void> {
  await take('made', FIRST);
  await take('updated', SECOND);
  await take('replaced', FIRST);
  await both(({ stack, homes }, i) => stack.destroy({ env: homes[SECOND[i]] }));

  await configure('broken');
  await both(({ stack, homes }, i) => stack.up({ env: homes[FIRST[i]], fails: true }));
  broken = {
    states: await both(({ stack }) => stack.export()),
    retries: await both(({ stack, homes }, i) => stack.preview({ env: homes[SECOND[i]] })),
  };
  await both(({ stack, homes }, i) => stack.destroy({ env: homes[SECOND[i]] }));
  const namespaces = await client.list<{ metadata: { name: string } }>('v1', 'Namespace');
  left = [
    ...namespaces.items.filter(({ metadata }) => sides.some(({ namespace }) => metadata.name.startsWith(namespace))),
    ...(await both(({ stack }) => stack.export())).flat(),
  ];
}

before(async () => {
  sides = [await side('first'), await side('second')];
  if (isOfficial(sides[0].homes.official)) await takeAll().catch((error: unknown) => (trouble = error));
  else skip = 'the official plugins are not on this machine: name their folder in PULUMI_PLUGIN_DIR';
});

after(async () => {
  for (const { stack, homes } of sides ?? []) {
    // Nothing is left to destroy unless a step above failed.
    if (!skip) await stack.destroy({ env: homes.fallback });
    stack.remove();
  }
});

/** What a step left, if it was taken. */
function taken<T>(result: T | undefined): T {
  if (result === undefined) throw new Error('the steps ended before this one', { cause: trouble });
  return result;
}

/** What stays, in the plan of the plugin that had no part in the last step. */
const changesIn = (plan: Plan): Record<string, number> =>
  Object.fromEntries(Object.entries(plan.changeSummary).filter(([kind]) => kind !== 'same'));

const claims = (title: string, names: readonly string[], claim: (name: string) => void): void => {
  describe(title, () => {
    for (const name of names) {
      test(name, (context) => {
        if (skip) context.skip(skip);
        else claim(name);
      });
    }
  });
};

for (const form of ['made', 'updated', 'replaced'] as const) {
  claims(`${form}: both plugins leave the same object`, OBJECTS, (name) => {
    const [a, b] = taken(steps[form]).live;
    assert.ok(a[name], `${name} is not there`);
    assert.deepEqual(a[name], b[name]);
  });
  for (const i of [0, 1] as const) {
    const by = { made: FIRST, updated: SECOND, replaced: FIRST }[form][i];
    claims(`${form} by the ${by} plugin: the ${other(by)} one has nothing to change`, NAMES, (name) => {
      const plan = taken(steps[form]).quiet[i];
      const changed = plan.steps.filter((step) => short(step.urn) === name && step.op !== 'same');
      assert.deepEqual(
        changed.map(({ op }) => op),
        [],
      );
      assert.deepEqual(changesIn(plan), {});
    });
  }
}

claims('both plugins change an object for what it can take', OBJECTS, (name) => {
  for (const done of taken(steps.updated).done) assert.equal(done[name], 'update');
});

claims('both plugins make a new object for a change of what is immutable', NAMES, (name) => {
  for (const done of taken(steps.replaced).done) assert.equal(done[name], 'replace');
});

claims('an await that fails leaves the object in the state, with the reason', AWAITED, (name) => {
  for (const state of taken(broken).states) {
    const resource = state.find(({ urn, type }) => short(urn) === name && ours({ type }));
    assert.ok(resource, `${name} is in the state`);
    assert.ok((resource.initErrors ?? []).length > 0, `${name} has initErrors`);
  }
});

claims('after a failed await the other plugin plans to try again', AWAITED, (name) => {
  for (const { steps } of taken(broken).retries) {
    const planned = steps.filter(({ urn }) => short(urn) === name).map(({ op }) => op);
    assert.ok(planned.includes('update') || planned.includes('replace'), `found ${planned.join(', ')}`);
  }
});

describe('destroyed by the other plugin', () => {
  test('nothing is left in the cluster or in the state', (context) => {
    if (skip) context.skip(skip);
    else assert.deepEqual(taken(left), []);
  });
});
