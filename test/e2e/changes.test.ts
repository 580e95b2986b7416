import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { make, pods, type Pod } from './support/platform.ts';
import { own, type Settings } from './support/stacks.ts';

const LIMIT = 300_000;

const stack = await own();

// Whatever failed on the way: those who come next find the stack as it was.
let takenBack = false;
after(async () => {
  if (!takenBack) await make('up');
});

const uids = (all: ReadonlyMap<string, readonly Pod[]>): Record<string, string> =>
  Object.fromEntries(
    [...all].map(([component, members]): [string, string] => [
      component,
      members
        .filter(({ status }) => status.phase === 'Running')
        .map(({ metadata }) => metadata.uid)
        .toSorted()
        .join(),
    ]),
  );

const rolled = async (settings: Settings): Promise<string[]> => {
  const before = uids(await pods());
  // A short look for restarts, because it is not what is asked here.
  await stack.configure({ ...settings, 'platform:gates': { restartWindow: '1s' } });
  await stack.up({ timeout: LIMIT });
  const now = uids(await pods());
  return Object.keys(now)
    .filter((component) => before[component] !== now[component])
    .toSorted();
};

test('a second up with the same settings rolls no pod', async () => {
  assert.deepEqual(await rolled({}), []);
});

// Each stands on the one before, and all is put back at once.
let changed: Settings = {};
for (const [component, setting, settings] of [
  ['redis', 'redis.maxMemory', { 'platform:redis': { maxMemory: '48Mi' } }],
  ['postgres', 'postgres.slowQueryMilliseconds', { 'platform:postgres': { slowQueryMilliseconds: 750 } }],
  ['api', 'api.rateLimitPerMinute', { 'platform:api': { rateLimitPerMinute: 101 } }],
] as const) {
  test(`a changed ${setting} rolls the pods of ${component}, which read it, and no others`, async () => {
    changed = { ...changed, ...settings };
    assert.deepEqual(await rolled(changed), [component]);
  });
}

test('a changed secret rolls the pods that read it: the API, through its annotation', async () => {
  await stack.pulumi(['config', 'set', '--secret', 'platform:sentryDsn', 'https://key@sentry.example.com/1']);
  const before = uids(await pods());
  await stack.up({ timeout: LIMIT });
  const now = uids(await pods());
  assert.deepEqual(
    Object.keys(now).filter((component) => before[component] !== now[component]),
    ['api'],
  );
});

test('make up takes all of it back, and rolls whom it concerned', async () => {
  const before = uids(await pods());
  await make('up');
  takenBack = true;
  const now = uids(await pods());
  assert.deepEqual(
    Object.keys(now)
      .filter((component) => before[component] !== now[component])
      .toSorted(),
    ['api', 'postgres', 'redis'],
  );
});
