/**
 * What holds data, on the real engine: which changes leave it where it is, which are refused and in what words, and what
 * protection keeps. No cluster: plugins that repeat what they are given plan as the official ones do.
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { engine, type EngineTest, type Plan, type StateResource } from './support/engine.ts';
import { configOf, shelfProgram, type ShelfConfig } from './support/shelf.ts';

const made: EngineTest[] = [];
after(() => made.forEach((one) => one.remove()));

/** A store as it stands, deployed by plugins that repeat what they are given. */
async function deployed(config: ShelfConfig): Promise<EngineTest> {
  const stack = await engine({ source: shelfProgram(), plugins: 'echo', config: configOf(config) });
  made.push(stack);
  await stack.up();
  return stack;
}

const HOLDS_DATA = /[:$]kubernetes:(apps\/v1:StatefulSet|core\/v1:(PersistentVolumeClaim|Namespace))::/;
const nameOf = (urn: string): string => urn.split('::').at(-1)!;
/** What a plan does with the resources of these types, by name; those that stay as they are left out. */
const steps = ({ steps: all }: Plan, types = HOLDS_DATA): Record<string, string> =>
  Object.fromEntries(
    all.filter(({ op, urn }) => op !== 'same' && types.test(urn)).map(({ op, urn }) => [nameOf(urn), op]),
  );

const LAID = {
  store: { storage: '10Gi', storageClass: 'gp3', replicas: 3, fixed: { shards: 3 } },
} as const satisfies ShelfConfig;
const laid = (change: Record<string, unknown>): ShelfConfig => ({ store: { ...LAID.store, ...change } });

describe('a store that stands', async () => {
  const stack = await deployed(LAID);
  const planned = async (config: ShelfConfig): Promise<Plan> => {
    await stack.configure(configOf(config));
    return stack.preview();
  };

  test('is planned without a change when nothing changed', async () => {
    const { changeSummary } = await planned(LAID);
    assert.deepEqual(Object.keys(changeSummary), ['same']);
  });

  const CHANGES: Readonly<Record<string, ShelfConfig>> = {
    'another image': { ...LAID, container: { image: 'registry.k8s.io/pause:3.9' } },
    'another environment variable': { ...LAID, container: { env: [{ name: 'TZ', value: 'UTC' }] } },
    'other resources': { ...LAID, container: { resources: { limits: { cpu: '2', memory: '64Mi' } } } },
    'other labels': laid({ partOf: 'mall' }),
    'more members': laid({ replicas: 5 }),
    'everything else that may be stated, all of it at once': {
      ...laid({
        grace: 60,
        startDeadline: '10m',
        sidecars: [{ name: 'exporter', image: 'exporter:1' }],
        initContainers: [{ name: 'first', image: 'first:1' }],
        memberPorts: { gossip: 7946 },
        clientSelector: { role: 'leader' },
        annotations: { scrape: 'yes' },
        role: [{ apiGroups: [''], resources: ['endpoints'], verbs: ['get'] }],
        fixed: { shards: 3, slots: 16384 },
      }),
      container: { args: ['--verbose'], readinessProbe: { exec: { command: ['true'] } } },
      guard: { podSecurityVersion: 'v1.35' },
    },
  };
  for (const [what, config] of Object.entries(CHANGES)) {
    test(`takes ${what} in place: no set, volume or namespace is replaced or deleted`, async () => {
      const ops = steps(await planned(config));
      assert.equal(ops['shelf-set'], 'update');
      const others = Object.entries(ops).filter(([, op]) => op !== 'update');
      // Members that join bring volumes of their own.
      const joining = what === 'more members' ? ['shelf-data-3', 'shelf-data-4'].map((name) => [name, 'create']) : [];
      assert.deepEqual(others.toSorted(), joining);
    });
  }

  test('grows in place: its claims change, and the set is not touched', async () => {
    const plan = await planned(laid({ storage: '20Gi' }));
    assert.deepEqual(steps(plan), { 'shelf-data-0': 'update', 'shelf-data-1': 'update', 'shelf-data-2': 'update' });
  });

  test('gives members that join later a volume of the new size, before they start', async () => {
    const grown = await deployed(laid({ storage: '10Gi' }));
    await grown.configure(configOf(laid({ storage: '20Gi' })));
    await grown.up();
    await grown.configure(configOf(laid({ storage: '20Gi', replicas: 4 })));
    const plan = await grown.preview();
    assert.deepEqual(steps(plan), { 'shelf-data-3': 'create', 'shelf-set': 'update' });
    const order = plan.steps.map(({ urn }) => nameOf(urn));
    assert.ok(order.indexOf('shelf-data-3') < order.indexOf('shelf-set'));
    const fourth = plan.steps.find(({ urn }) => nameOf(urn) === 'shelf-data-3')!.newState!.inputs!;
    assert.deepEqual((fourth['spec'] as { resources: unknown }).resources, { requests: { storage: '20Gi' } });
  });

  const REFUSED: Readonly<Record<string, { readonly config: ShelfConfig; readonly says: string }>> = {
    'another namespace': {
      config: laid({ namespace: 'mall' }),
      says: 'shelf.namespace: found mall; wanted shop, as when its data were laid down',
    },
    'another storage class': {
      config: laid({ storageClass: 'gp2' }),
      says: 'shelf.storageClass: found gp2; wanted gp3, as when its data were laid down',
    },
    'no storage class': {
      config: { store: { ...LAID.store, storageClass: undefined } },
      says: 'shelf.storageClass: found the default; wanted gp3, as when its data were laid down',
    },
    'another start order': {
      config: laid({ parallel: true }),
      says: 'shelf.podManagementPolicy: found Parallel; wanted OrderedReady, as when its data were laid down',
    },
    'another topology': {
      config: laid({ fixed: { shards: 5 } }),
      says: 'shelf.shards: found 5; wanted 3, as when its data were laid down',
    },
    'a smaller volume': {
      config: laid({ storage: '5Gi' }),
      says: 'shelf.storage: found 5Gi; wanted 10Gi or more: a volume cannot shrink',
    },
    'another name': {
      config: { ...LAID, name: 'rack', formerly: 'shelf' },
      says: 'rack.name: found rack; wanted shelf, as when its data were laid down',
    },
  };
  for (const [what, { config, says }] of Object.entries(REFUSED)) {
    test(`refuses ${what} while the plan is made, in one message that says how to do it safely`, async () => {
      const remedy = 'nothing was changed: put it back, or move the data first (docs/runbooks/move-data.md)';
      await assert.rejects(planned(config), (error: Error) => {
        const [, ...lines] = error.message.trim().split('\n');
        assert.equal(lines.length, 1, error.message);
        assert.ok(lines[0]!.endsWith(` has a problem: ${says}; ${remedy}`), lines[0]);
        return true;
      });
    });
  }

  test('refuses it also where nobody makes a plan first, and deletes nothing', async () => {
    const before = await stack.export();
    await stack.configure(configOf(laid({ storageClass: 'gp2', storage: '20Gi' })));
    const { output } = await stack.up({ fails: true });
    assert.match(output, /shelf\.storageClass: found gp2; wanted gp3/);
    const holding = (all: typeof before) => all.filter(({ urn }) => HOLDS_DATA.test(urn));
    assert.deepEqual(holding(await stack.export()), holding(before));
  });
});

describe('what is protected', async () => {
  const PROTECTED: ShelfConfig = { store: { ...LAID.store, protect: true }, guard: { protect: true } };
  const stack = await deployed(PROTECTED);
  const KEPT = [
    'guard-namespace',
    'shelf-auth',
    'shelf-data-0',
    'shelf-data-1',
    'shelf-data-2',
    'shelf-password',
    'shelf-set',
  ];

  test('is the namespace, the set, its claims, and the password that opens them', async () => {
    const all = (await stack.export()) as (StateResource & { readonly protect?: boolean })[];
    assert.deepEqual(
      all
        .filter(({ protect }) => protect)
        .map(({ urn }) => nameOf(urn))
        .toSorted(),
      KEPT,
    );
  });

  test('is not destroyed: the engine refuses, names what it is about, and deletes nothing at all', async () => {
    const before = await stack.export();
    const { output } = await stack.pulumi(['destroy', '--yes'], { fails: true });
    assert.match(output, /cannot be deleted[\s\S]*protected/);
    assert.ok(
      KEPT.some((name) => output.includes(name)),
      output,
    );
    assert.deepEqual(await stack.export(), before);
  });

  test('stays where somebody destroys without a plan, which takes what nothing else rests on', async () => {
    await stack.destroy({ fails: true });
    const left = new Set((await stack.export()).map(({ urn }) => nameOf(urn)));
    assert.deepEqual(
      KEPT.filter((name) => !left.has(name)),
      [],
    );
    await stack.up();
  });

  test('is not lost with a line of the program either: a store under another name, a member less', async () => {
    const before = await stack.export();
    for (const change of [{ ...PROTECTED, name: 'rack' }, laid({ protect: true, replicas: 2 })]) {
      await stack.configure(configOf({ ...PROTECTED, ...change }));
      await assert.rejects(stack.preview(), /protect/);
      await stack.configure(configOf(PROTECTED));
    }
    assert.deepEqual(await stack.export(), before);
  });

  test('goes on purpose: unprotected by its name, destroyed by its name, it may be laid down anew in another way', async () => {
    const urnOf = async (name: string) => (await stack.export()).find(({ urn }) => nameOf(urn) === name)!.urn;
    for (const name of KEPT.filter((kept) => kept.startsWith('shelf'))) {
      await stack.pulumi(['state', 'unprotect', await urnOf(name), '--yes']);
    }
    await stack.destroy({ args: ['--target', await urnOf('shelf'), '--target-dependents'] });
    const left = (await stack.export()).map(({ urn }) => nameOf(urn));
    assert.deepEqual(
      left.filter((name) => name.startsWith('shelf')),
      [],
    );
    assert.ok(left.includes('guard-namespace'));
    await stack.configure(
      configOf({ ...PROTECTED, store: { ...PROTECTED.store, storage: '5Gi', storageClass: 'gp2' } }),
    );
    await stack.up();
  });
});

test('what is not protected goes with its stack', async () => {
  const stack = await deployed(LAID);
  await stack.destroy();
  assert.deepEqual(await stack.export(), []);
});
