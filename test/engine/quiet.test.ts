/** A second preview of a stack plans nothing, in whatever order its configuration is written. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';
import { changing } from '../../infra/sandbox/engine/report.ts';
import { withPlanned, type Config, type PlannedStack } from './support/planned.ts';

/** Lists whose order says nothing: networks and origins are sets. */
const SETS = /^(clients|cidrs|corsOrigins|origins|trusted|[a-z]+From)$/;

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree => value !== null && typeof value === 'object' && !Array.isArray(value);

/** The same configuration with every map, and every list that is a set, written the other way round. */
function reversed<T>(value: T, key = ''): T {
  if (Array.isArray(value)) {
    const list = value.map((one: unknown) => reversed(one));
    return (SETS.test(key) ? list.toReversed() : list) as T;
  }
  if (!isTree(value)) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, reversed(inner, name)] as const);
  return Object.fromEntries(entries.toReversed()) as T;
}

const changed = async (planned: PlannedStack): Promise<string[]> =>
  changing(await planned.preview()).map(({ op, urn }) => `${op} ${urn.split('::').at(-1)!}`);

/** A set of two, so that there is an order to lose, where the stack has such a set. */
const TWO: Config = {
  'platform:network': { clients: ['10.0.0.0/15', '10.9.0.0/16'] },
};
const hasClients = (stack: string): boolean =>
  /^ {4}clients:/m.test(readFileSync(join(CHECKOUT, `Pulumi.${stack}.yaml`), 'utf8'));

/** One of each system and shape: the others differ from these by numbers, and each of them costs two plans. */
const SHAPES = ['local', 'production', 'standalone', 'architect-staging', 'tria-staging'];

for (const stack of SHAPES) {
  describe(stack, () => {
    test(`a second preview of ${stack} shows no change, with maps and sets written the other way round`, async () => {
      await withPlanned(
        stack,
        async (planned) => {
          await planned.apply();
          let texts: string[] = [];
          planned.rewrite((config) => {
            const other = reversed(config);
            texts = [JSON.stringify(config), JSON.stringify(other)];
            return other;
          });
          assert.notEqual(texts[0], texts[1]);
          assert.deepEqual(await changed(planned), []);
        },
        hasClients(stack) ? TWO : {},
      );
    });
  });
}

test('a setting that differs is a change', async () => {
  await withPlanned('local', async (planned) => {
    await planned.apply();
    planned.rewrite((config) => ({
      ...config,
      'platform:api': { ...config['platform:api'], rateLimitPerMinute: 101 },
    }));
    const steps = await changed(planned);
    assert.ok(
      steps.some((step) => /api-release$/.test(step)),
      steps.join(', '),
    );
  });
});
