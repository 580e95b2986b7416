/** Every requirement that infrastructure models shows in the plans of staging and production, at the place the table names. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';
import { LATER, OUTSIDE, REQUIREMENTS, TABLE, wanted, World } from '../coverage/index.ts';
import { manifestsIn, plannedResources, type PlannedResource } from './support/planned.ts';

const STACKS = ['staging', 'production'] as const;
const plans = new Map<string, readonly PlannedResource[]>();
const covered = new Set(TABLE.flatMap(({ ids }) => ids));
const listed = (lists: Readonly<Record<string, readonly string[]>>): string[] => Object.values(lists).flat();

/** Requirements that stand in no list, in several, or that there are not. */
function misplaced(tables: {
  covered: ReadonlySet<string>;
  later: readonly string[];
  outside: readonly string[];
}): string[] {
  const places = [...tables.covered, ...tables.later, ...tables.outside];
  const times = new Map<string, number>();
  for (const id of places) times.set(id, (times.get(id) ?? 0) + 1);
  return [
    ...wanted().flatMap((id) => (times.has(id) ? [] : [`${id} stands nowhere`])),
    ...[...times].flatMap(([id, count]) => (count > 1 ? [`${id} stands ${count} times`] : [])),
    ...[...times.keys()].flatMap((id) => (id in REQUIREMENTS ? [] : [`${id} is no requirement`])),
  ];
}

const tables = { covered, later: listed(LATER), outside: listed(OUTSIDE) };

test('every requirement of A, D and E is covered, comes later, or is no infrastructure’s, and only one of these', () => {
  const { later, outside } = tables;
  console.log(`    ${covered.size} covered by ${TABLE.length} rows, ${later.length} later, ${outside.length} outside`);
  assert.deepEqual(misplaced(tables), []);
});

test('a requirement that stands nowhere, twice, or does not exist, is found', () => {
  assert.deepEqual(misplaced({ ...tables, covered: new Set([...covered].filter((id) => id !== 'A-ENV-35')) }), [
    'A-ENV-35 stands nowhere',
  ]);
  assert.deepEqual(misplaced({ ...tables, outside: [...tables.outside, 'A-ENV-35'] }), ['A-ENV-35 stands 2 times']);
  assert.deepEqual(misplaced({ ...tables, outside: [...tables.outside, 'A-ENV-36'] }), ['A-ENV-36 is no requirement']);
});

const SOURCE = join(CHECKOUT, '../shared/reference/requirements.md');
test(
  'the list of requirements is that of the document',
  existsSync(SOURCE) ? {} : { skip: 'the document of the requirements is not on this machine' },
  () => {
    const read = new Map<string, string>();
    for (const [, id, cell] of readFileSync(SOURCE, 'utf8').matchAll(/^\| ([ADE]-[A-Z0-9]+-\d+) \| ([^|]*)\|/gm)) {
      if (!read.has(id!)) read.set(id!, cell!.trim());
    }
    assert.deepEqual([...read.keys()].toSorted(), Object.keys(REQUIREMENTS).toSorted());
    // Some tables have another column there; those ids are all resources or gates.
    const kinds = [...read].filter(([, kind]) => /^[RGTPF](\/[RGTPF])?$/.test(kind));
    assert.ok(kinds.length > 250);
    for (const [id, kind] of kinds) assert.equal(REQUIREMENTS[id], kind, id);
  },
);

for (const stack of STACKS) {
  describe(stack, () => {
    let world: World;
    before(async () => {
      const resources = await plannedResources(stack);
      plans.set(stack, resources);
      world = new World(resources);
    });

    test(`${stack} holds at every place of the table what the requirement says`, () => {
      const rows = TABLE.filter((row) => row.stack === stack);
      const problems = rows.flatMap((row) => world.problem(row) ?? []);
      console.log(`    ${rows.length - problems.length} of ${rows.length} rows of ${stack} hold`);
      assert.ok(rows.length > 80);
      assert.deepEqual(problems, []);
    });

    test(`no Secret of ${stack} stands in anything but Secrets`, () => {
      const resources = plans.get(stack)!;
      const secrets = manifestsIn(resources).filter(({ kind }) => kind === 'Secret');
      const values = secrets.flatMap(({ data = {}, stringData = {} }) => [
        ...Object.values(data as Record<string, string>).map((text) => Buffer.from(text, 'base64').toString()),
        ...Object.values(stringData as Record<string, string>),
      ]);
      // Short ones and names of users are words of the language too.
      const telling = values.filter((value) => value.length >= 20 && !/\s/.test(value));
      assert.ok(telling.length >= 5);
      for (const object of manifestsIn(resources).filter(({ kind }) => kind !== 'Secret')) {
        const text = JSON.stringify(object);
        assert.ok(!telling.some((value) => text.includes(value)), `${object.kind} ${object.metadata.name}`);
      }
    });

    test(`a wrong value in the plan of ${stack} is found at its place, whichever row it belongs to`, () => {
      const resources = plans.get(stack)!;
      const row = TABLE.find(({ stack: of, ids }) => of === stack && ids.includes('A-GATE-9'))!;
      assert.equal(world.problem(row), undefined);
      const planted = resources.map((one) =>
        one.type.endsWith(':RolloutGate') ? { ...one, inputs: { ...one.inputs, atLeastReady: 3 } } : one,
      );
      assert.match(
        new World(planted).problem(row)!,
        /^A-GATE-9: .*, Gate A-GATE-9, atLeastReady: found \[3.*wanted at least 4$/,
      );
      // A table whose rows hold for an empty plan would be no table.
      const nothing = new World([]);
      const idle = TABLE.filter(({ stack: of }) => of === stack).filter((one) => nothing.problem(one) === undefined);
      assert.ok(idle.length < 8, idle.map(({ ids, path }) => `${ids.join(', ')} ${path}`).join('; '));
    });
  });
}
