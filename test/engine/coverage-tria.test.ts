/** Every requirement of the chatbot that infrastructure models shows in the plan of its stack, at the place the table names. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';
import { World } from '../coverage/index.ts';
import { LATER, OUTSIDE, REQUIREMENTS, SMALL, STAGING, TABLE } from '../coverage/tria.ts';
import { plannedResources, withPlanned, type Config, type PlannedResource } from './support/planned.ts';

const listed = (lists: Readonly<Record<string, readonly string[]>>): string[] => Object.values(lists).flat();
const covered = new Set(TABLE.flatMap(({ ids }) => ids));

test('every requirement of C is covered, comes later, or is no infrastructure’s, and only one of these', () => {
  const places = [...covered, ...listed(LATER), ...listed(OUTSIDE)];
  const wanted = Object.keys(REQUIREMENTS).filter((id) => /[RGT]/.test(REQUIREMENTS[id]!));
  console.log(`    ${covered.size} covered by ${TABLE.length} rows, ${places.length - covered.size} later or outside`);
  assert.deepEqual(places.toSorted(), wanted.toSorted());
});

const SOURCE = join(CHECKOUT, '../shared/reference/requirements.md');
test(
  'the list of requirements is that of the document',
  existsSync(SOURCE) ? {} : { skip: 'the document of the requirements is not on this machine' },
  () => {
    const read = new Set(
      [...readFileSync(SOURCE, 'utf8').matchAll(/^\| (C-[A-Z0-9]+-\d+) \|/gm)].map((hit) => hit[1]!),
    );
    assert.deepEqual([...read].toSorted(), Object.keys(REQUIREMENTS).toSorted());
  },
);

/** Staging on a small server, with what the guide leaves to choice. */
const small = ({
  'platform:frontend': _frontend,
  'platform:nginx': _nginx,
  'platform:proof': _proof,
  ...config
}: Config): Config => ({
  ...config,
  'platform:stack': { ...config['platform:stack'], profile: 'backend-only' },
  'platform:backend': { ...config['platform:backend'], migrate: true, samples: true },
});

const plans: Record<string, () => Promise<readonly PlannedResource[]>> = {
  [STAGING]: () => plannedResources('tria-staging'),
  [SMALL]: () =>
    withPlanned('tria-staging', async (planned) => {
      planned.rewrite(small);
      await planned.apply();
      return planned.resources();
    }),
};

for (const [stack, plan] of Object.entries(plans)) {
  describe(stack, () => {
    let resources: readonly PlannedResource[];
    before(async () => {
      resources = await plan();
    });

    test(`${stack} holds at every place of the table what the requirement says`, () => {
      const world = new World(resources);
      const rows = TABLE.filter((row) => row.stack === stack);
      const problems = rows.flatMap((row) => world.problem(row) ?? []);
      console.log(`    ${rows.length - problems.length} of ${rows.length} rows of ${stack} hold`);
      assert.ok(rows.length > 50);
      assert.deepEqual(problems, []);
      // A table whose rows hold for an empty plan would be no table.
      const nothing = new World([]);
      assert.deepEqual(
        rows.filter((row) => nothing.problem(row) === undefined),
        [],
      );
    });

    test(`no secret of ${stack} stands in user data, a gate, a command or a label`, () => {
      const secrets = resources.filter(({ type }) => type.endsWith(':RandomPassword')).map(({ name }) => name);
      assert.ok(secrets.length >= 4);
      const backend = resources.find(({ type, name }) => type.startsWith('docker:') && name === 'backend')!;
      const values = (backend.inputs['envs'] as string[])
        .filter((one) => /^(POSTGRES_PASSWORD|REDIS_PASSWORD|OPENAI_API_KEY)=/.test(one))
        .map((one) => one.split(/=(.*)/s)[1]!);
      assert.equal(values.length, 3);
      for (const { type, name, inputs } of resources) {
        const open = type.startsWith('docker:')
          ? { ...inputs, envs: [], uploads: [] }
          : type.endsWith(':SecretVersion') || type.endsWith(':HostSecret')
            ? {}
            : inputs;
        for (const value of values) assert.ok(!JSON.stringify(open).includes(value), `${type} ${name}`);
      }
    });
  });
}

test('a wrong value in the plan is found at its place', async () => {
  const resources = await plannedResources('tria-staging');
  const row = TABLE.find(({ stack, ids }) => stack === STAGING && ids.includes('C-OK-2'))!;
  assert.equal(new World(resources).problem(row), undefined);
  const planted = resources.map((one) =>
    one.name === 'load-sustained' ? { ...one, inputs: { ...one.inputs, users: 9 } } : one,
  );
  assert.match(new World(planted).problem(row)!, /^C-OK-2: tria-staging, Gate C-OK-2, users: found \[9\]; wanted 10$/);
});
