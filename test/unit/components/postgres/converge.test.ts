import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  converge,
  difference,
  look,
  type Clock,
  type Configuration,
  type Member,
  type Patroni,
} from '../../../../components/postgres/converge.ts';
import type { Agreed } from '../../../../components/postgres/patroni.ts';

const WANTED: Agreed = { loop_wait: 5, ttl: 20, postgresql: { use_slots: true, parameters: { work_mem: '4MB' } } };

/** Objects as JSON makes them. */
const PLAIN = { noNullPrototype: true } as const;

/** A clock that goes as fast as it is asked to. */
function fast(): Clock & { slept: number } {
  const clock = {
    slept: 0,
    now: () => clock.slept,
    sleep: (milliseconds: number) => {
      clock.slept += milliseconds;
      return Promise.resolve();
    },
  };
  return clock;
}

/** A change laid over a configuration, as Patroni does it: `null` takes away. */
function laid(over: Configuration, change: Configuration): Configuration {
  const isTree = (value: unknown): value is Configuration => typeof value === 'object' && value !== null;
  const result: Record<string, unknown> = { ...over };
  for (const [key, value] of Object.entries(change)) {
    const is = over[key];
    result[key] = isTree(value) && isTree(is) ? laid(is, value) : value;
  }
  return Object.fromEntries(Object.entries(result).filter(([, value]) => value !== null));
}

interface Options {
  /** Who needs a restart once the configuration changes. */
  readonly pending?: readonly string[];
  /** Who needs it again while the leader has not had its own. */
  readonly waitForLeader?: readonly string[];
  readonly down?: readonly string[];
}

/** A cluster of three in memory; `a` leads. */
function cluster(configuration: Configuration, { pending = [], waitForLeader = [], down = [] }: Options = {}) {
  const done: string[] = [];
  let now = configuration;
  const waiting = new Set<string>();
  const names = ['a', 'b', 'c'];
  const patroni: Patroni = {
    configuration: () => Promise.resolve(now),
    change: (change) => {
      done.push('change');
      now = laid(now, change);
      for (const name of pending) waiting.add(name);
      return Promise.resolve();
    },
    members: () =>
      Promise.resolve(
        names.map((name): Member => ({
          name,
          leads: name === 'a',
          running: !down.includes(name),
          pendingRestart: waiting.has(name),
          streams: name === 'a' ? names.slice(1).filter((one) => !down.includes(one)) : [],
        })),
      ),
    restart: (name) => {
      done.push(name);
      if (!(waitForLeader.includes(name) && waiting.has('a'))) waiting.delete(name);
      return Promise.resolve();
    },
  };
  return { patroni, done, agreed: () => now };
}

test('what is as stated is not changed, and nobody restarts', async () => {
  const { patroni, done } = cluster(WANTED);
  assert.deepEqual(await converge(patroni, WANTED, 3, fast()), []);
  assert.deepEqual(done, []);
});

test('a change that needs no restart is one change', async () => {
  const { patroni, done, agreed } = cluster({ ...WANTED, ttl: 30, stale: 1 });
  assert.deepEqual(await converge(patroni, WANTED, 3, fast()), []);
  assert.deepEqual(done, ['change']);
  assert.deepEqual(agreed(), WANTED);
});

test('members that need it restart one after the other, the leader last', async () => {
  const { patroni, done } = cluster({ ...WANTED, ttl: 30 }, { pending: ['a', 'b', 'c'] });
  assert.deepEqual(await converge(patroni, WANTED, 3, fast()), ['b', 'c', 'a']);
  assert.deepEqual(done, ['change', 'b', 'c', 'a']);
});

test('a replica that must wait for the leader restarts again after it', async () => {
  const { patroni } = cluster({ ...WANTED, ttl: 30 }, { pending: ['a', 'b', 'c'], waitForLeader: ['b', 'c'] });
  assert.deepEqual(await converge(patroni, WANTED, 3, fast()), ['b', 'c', 'a', 'b', 'c']);
});

test('members are given their round to notice before anybody asks whether they need a restart', async () => {
  const clock = fast();
  const { patroni } = cluster({ ...WANTED, ttl: 30 });
  await converge(patroni, WANTED, 3, clock);
  assert.ok(clock.slept > WANTED.loop_wait * 1000, `${clock.slept} ms`);
});

test('nobody restarts while a member is away, and in the end it is named', async () => {
  const { patroni, done } = cluster({ ...WANTED, ttl: 30 }, { pending: ['a', 'b'], down: ['c'] });
  await assert.rejects(converge(patroni, WANTED, 3, fast()), /2 of 3 members run, 1 lead, c do not follow/);
  assert.deepEqual(done, ['change']);
});

test('what keeps asking for a restart is an error, not an endless one', async () => {
  const { patroni } = cluster({ ...WANTED, ttl: 30 }, { pending: ['a', 'b'], waitForLeader: ['a', 'b'] });
  await assert.rejects(converge(patroni, WANTED, 3, fast()), /a, b still wait for a restart after 3 rounds/);
});

test('a cluster that somebody has paused stays paused', async () => {
  const { patroni, done, agreed } = cluster({ ...WANTED, pause: true });
  assert.deepEqual(await look(patroni), WANTED);
  await converge(patroni, WANTED, 3, fast());
  assert.deepEqual(done, []);
  assert.equal(agreed()['pause'], true);
});

test('the difference, laid over what is there, gives what is stated; and is empty only for that', () => {
  const value = fc.oneof(fc.integer(), fc.boolean(), fc.string());
  const tree = fc.dictionary(
    fc.constantFrom('a', 'b', 'c'),
    fc.oneof(value, fc.dictionary(fc.constantFrom('x', 'y'), value, PLAIN)),
    PLAIN,
  );
  fc.assert(
    fc.property(tree, tree, (seen, wanted) => {
      const change = difference(seen, wanted);
      assert.deepEqual(laid(seen, change), wanted);
      assert.deepEqual(Object.keys(difference(wanted, wanted)), []);
    }),
  );
});
