import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compile } from '../../../../../infra/sandbox/enforcer/compile.ts';
import { allowed } from './support/evaluator.ts';
import { Ruleset } from './support/packets.ts';
import { OUTSIDE, PORTS, RANGE, worlds } from './support/worlds.ts';

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const;
const runs = { numRuns: 100 };

test('every connection in a random world passes the compiled table exactly when the API’s words allow it', () => {
  let passed = 0;
  let dropped = 0;
  fc.assert(
    fc.property(worlds, (world) => {
      const table = new Ruleset(compile(world, RANGE));
      const ends = [...world.pods, ...OUTSIDE];
      for (const from of ends) {
        for (const to of ends) {
          for (const port of [...PORTS, 9]) {
            for (const protocol of PROTOCOLS) {
              const expected = allowed(world, { from, to, protocol, port });
              const ip = (end: typeof from) => (typeof end === 'string' ? end : end.status!.podIP!);
              const packet = { from: ip(from), to: ip(to), protocol: protocol.toLowerCase() as 'tcp', port };
              assert.equal(table.passes(packet), expected, JSON.stringify(packet));
              if (expected) passed++;
              else dropped++;
            }
          }
        }
      }
    }),
    runs,
  );
  // Worlds in which nothing is ever denied, or nothing ever allowed, would prove nothing.
  assert.ok(Math.min(passed, dropped) > 0.15 * (passed + dropped), `${passed} passed, ${dropped} were dropped`);
});

test('the order in which pods, namespaces and policies are listed changes nothing in the table', () => {
  const shuffled = worlds.chain((world) =>
    fc.tuple(
      fc.constant(world),
      fc.record({
        pods: fc.shuffledSubarray([...world.pods], { minLength: world.pods.length }),
        namespaces: fc.shuffledSubarray([...world.namespaces], { minLength: world.namespaces.length }),
        policies: fc.shuffledSubarray([...world.policies], { minLength: world.policies.length }),
      }),
    ),
  );
  fc.assert(
    fc.property(shuffled, ([world, other]) => {
      assert.equal(compile(other, RANGE), compile(world, RANGE));
    }),
    runs,
  );
});

test('nor does the order of rules, peers, ports, exceptions and values within a policy', () => {
  const reversed = (value: unknown): unknown => (Array.isArray(value) ? value.toReversed() : value);
  fc.assert(
    fc.property(worlds, (world) => {
      const other = JSON.parse(JSON.stringify(world.policies), (_, value) => reversed(value));
      assert.equal(compile({ ...world, policies: other }, RANGE), compile(world, RANGE));
    }),
    runs,
  );
});

test('no name, label or other free text of an object gets into the table', () => {
  fc.assert(
    fc.property(worlds, fc.stringMatching(/^[g-z;{}"\n ]{6,12}$/), (world, text) => {
      const changed = JSON.parse(
        JSON.stringify(world, (key, value: unknown) =>
          key === 'cidr' || key === 'podIP' || key === 'protocol' || key === 'port' ? `${String(value)}${text}` : value,
        ),
      );
      assert.ok(!compile(changed, RANGE).includes(text));
    }),
    runs,
  );
});
