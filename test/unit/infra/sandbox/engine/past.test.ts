import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from 'js-yaml';
import { around, changes, configurationOf, type Update } from '../../../../../infra/sandbox/engine/past.ts';

const BEGIN = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number): string => new Date(BEGIN + seconds * 1000).toISOString();
const update = (from: number, to: number, version: string, over: Partial<Update> = {}): Update => ({
  ...{ kind: 'update', startTime: at(from), endTime: at(to) },
  config: { 'platform:stack': { value: '{}', objectValue: { version } } },
  ...over,
});
const versions = (found: readonly Update[]): unknown[] =>
  found.map(({ config }) => (config['platform:stack']!.objectValue as { version: string }).version);

test('a version’s configuration is looked for first in the update in which it came live, then in its neighbours, each once', () => {
  const history = [
    ...[update(300, 320, '3'), update(200, 240, '2'), update(150, 160, '1'), update(100, 120, '1')],
    update(221, 222, '9', { kind: 'destroy' }),
  ];
  assert.deepEqual(versions(around(history, BEGIN + 235_000)), ['2', '3', '1']);
  assert.deepEqual(versions(around(history, BEGIN + 110_000)), ['1', '2', '3']);
  // Ended within its last second: the history knows no parts of one.
  assert.equal(versions(around(history, BEGIN + 240_900))[0], '2');
  // Its engine was killed: the update that adopted it comes first where it is nearer.
  assert.equal(versions(around(history, BEGIN + 295_000))[0], '3');
  assert.equal(
    around(
      Array.from({ length: 9 }, (_, i) => update(i, i, String(i))),
      BEGIN,
    ).length,
    6,
  );
});

const TODAY = `
encryptionsalt: v1:salt
config:
  platform:stack: { version: 2.0.0 }
  platform:password: { secure: v1:today }
  platform:new: 1
`;

test('the configuration of then has its own values, and today’s secrets and what opens them', () => {
  const then = update(0, 1, '1.0.0');
  const config = { ...then.config, 'platform:password': { secret: true }, 'platform:count': { value: '3' } };
  assert.deepEqual(load(configurationOf({ ...then, config }, TODAY)), {
    encryptionsalt: 'v1:salt',
    config: {
      'platform:stack': { version: '1.0.0' },
      'platform:password': { secure: 'v1:today' },
      'platform:count': '3',
    },
  });
  const gone = { ...then, config: { 'platform:token': { secret: true } } };
  assert.throws(() => configurationOf(gone, TODAY), /had the secret platform:token, and today's has not; set it/);
});

test('what is to be committed is told setting by setting, and no secret is in it', () => {
  const then = `
config:
  platform:stack: { version: 1.0.0, hosts: [a] }
  platform:password: { secure: v1:before }
  platform:new: "1"
`;
  assert.deepEqual(changes(TODAY, then), [
    'platform:stack.hosts: nothing → ["a"]',
    'platform:stack.version: "2.0.0" → "1.0.0"',
  ]);
  assert.deepEqual(changes(TODAY, TODAY), []);
});
