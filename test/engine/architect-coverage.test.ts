/** Every requirement of B that infrastructure models shows in the plans of its stacks, at the place the table names. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';
import { ARCHITECT_LATER, ARCHITECT_OUTSIDE, ARCHITECT_REQUIREMENTS, ARCHITECT_TABLE } from '../coverage/architect.ts';
import { World } from '../coverage/index.ts';
import { plannedResources, type PlannedResource } from './support/planned.ts';

const listed = (lists: Readonly<Record<string, readonly string[]>>): string[] => Object.values(lists).flat();

/** Requirements that stand in no list, in several, or that there are not. */
function misplaced(covered: ReadonlySet<string>): string[] {
  const places = [...covered, ...listed(ARCHITECT_LATER), ...listed(ARCHITECT_OUTSIDE)];
  const wanted = Object.keys(ARCHITECT_REQUIREMENTS).filter((id) => /[RGT]/.test(ARCHITECT_REQUIREMENTS[id]!));
  return [
    ...wanted.filter((id) => !places.includes(id)).map((id) => `${id} stands nowhere`),
    ...places.filter((id, at) => places.indexOf(id) !== at).map((id) => `${id} stands twice`),
    ...places.filter((id) => !(id in ARCHITECT_REQUIREMENTS)).map((id) => `${id} is no requirement`),
  ];
}

const covered = new Set(ARCHITECT_TABLE.flatMap(({ ids }) => ids));

test('every requirement of B is covered, comes later, or is no infrastructure’s, and only one of these', () => {
  console.log(`    ${covered.size} covered by ${ARCHITECT_TABLE.length} rows`);
  assert.deepEqual(misplaced(covered), []);
});

test('a requirement that stands nowhere, twice, or does not exist, is found', () => {
  const without = new Set([...covered].filter((id) => id !== 'B-ENV-29'));
  assert.deepEqual(misplaced(without), ['B-ENV-29 stands nowhere']);
  assert.deepEqual(misplaced(new Set([...covered, 'B-ALERT-1'])), ['B-ALERT-1 stands twice']);
  assert.deepEqual(misplaced(new Set([...covered, 'B-ENV-30'])), ['B-ENV-30 is no requirement']);
});

const SOURCE = join(CHECKOUT, '../shared/reference/requirements.md');
test(
  'the list of requirements is that of the document',
  existsSync(SOURCE) ? {} : { skip: 'the document of the requirements is not on this machine' },
  () => {
    const read = new Set([...readFileSync(SOURCE, 'utf8').matchAll(/^\| (B-[A-Z0-9]+-\d+) \|/gm)].map(([, id]) => id!));
    assert.deepEqual([...read].toSorted(), Object.keys(ARCHITECT_REQUIREMENTS).toSorted());
  },
);

for (const stack of ['architect-staging', 'architect-production']) {
  describe(stack, () => {
    const own = ARCHITECT_TABLE.filter((row) => row.stack === stack);
    let resources: readonly PlannedResource[] = [];
    before(async () => {
      resources = await plannedResources(stack);
    });

    test(`${stack} holds at every place of the table what the requirement says`, () => {
      const world = new World(resources);
      const problems = own.flatMap((row) => world.problem(row) ?? []);
      console.log(`    ${own.length - problems.length} of ${own.length} rows of ${stack} hold`);
      assert.ok(own.length > 30);
      assert.deepEqual(problems, []);
    });

    test(`a wrong value in the plan of ${stack} is found at its place, and an empty plan meets no row`, () => {
      const row = own.find(({ ids }) => ids.includes('B-K8S-8'))!;
      const planted = resources.map((one) =>
        one.inputs.kind === 'Service' && one.inputs.metadata.name === 'architect-api'
          ? { ...one, inputs: { ...one.inputs, spec: { ...one.inputs.spec, type: 'ClusterIP' } } }
          : one,
      );
      assert.match(new World(planted).problem(row)!, /^B-K8S-8: .*found \["ClusterIP"\]; wanted "LoadBalancer"$/);
      const nothing = new World([]);
      assert.deepEqual(
        own.filter((one) => nothing.problem(one) === undefined),
        [],
      );
    });
  });
}
