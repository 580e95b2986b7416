/** What A and E ask of one Docker host shows in the plan of `standalone`, at the place the table names. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { World } from '../coverage/index.ts';
import { STANDALONE } from '../coverage/standalone.ts';
import { plannedResources, type PlannedResource } from './support/planned.ts';

let resources: readonly PlannedResource[];
before(async () => {
  resources = await plannedResources('standalone');
});

test('standalone holds at every place of the table what the requirement says', () => {
  const world = new World(resources);
  const problems = STANDALONE.flatMap((row) => world.problem(row) ?? []);
  console.log(`    ${STANDALONE.length - problems.length} of ${STANDALONE.length} rows of standalone hold`);
  assert.deepEqual(problems, []);
});

test('a wrong value in the plan is found at its place', () => {
  const row = STANDALONE.find(({ ids }) => ids.includes('A-GATE-6'))!;
  const planted = resources.map((one) =>
    one.name === 'redis-ping' ? { ...one, inputs: { ...one.inputs, expect: { reply: 'PING' } } } : one,
  );
  assert.match(new World(planted).problem(row)!, /^A-GATE-6: .*found \["PING"\]/);
});

test('no row holds for an empty plan', () => {
  const nothing = new World([]);
  const idle = STANDALONE.filter((row) => nothing.problem(row) === undefined);
  assert.deepEqual(idle, []);
});
