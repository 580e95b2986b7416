import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { make, pods, type Pod } from './support/platform.ts';
import { own, type Settings } from './support/stacks.ts';

const LIMIT = 300_000;

const stack = await own();

// Whatever failed on the way: those who come next find the stack as it was.
after(async () => {
  await make('up');
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

for (const [component, setting, settings] of [
  ['redis', 'redis.maxMemory', { 'platform:redis': { maxMemory: '48Mi' } }],
  ['postgres', 'postgres.slowQueryMilliseconds', { 'platform:postgres': { slowQueryMilliseconds: 750 } }],
] as const) {
  test(`a changed ${setting} rolls the pods of ${component}, which read it, and no others`, async () => {
    assert.deepEqual(await rolled(settings), [component]);
    assert.deepEqual(await rolled({}), [component], 'going back');
  });
}

// Each of these is a release, a minute long: they build on each other, and all is put back at once.
const LIMITED: Settings = { 'platform:api': { rateLimitPerMinute: 101 } };

test('a changed api.rateLimitPerMinute rolls the pods of api, which read it, and no others', async () => {
  assert.deepEqual(await rolled(LIMITED), ['api']);
});

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

test('make up takes both back, and rolls nothing but the API again', async () => {
  const before = uids(await pods());
  await make('up');
  const now = uids(await pods());
  assert.deepEqual(
    Object.keys(now).filter((component) => before[component] !== now[component]),
    ['api'],
  );
});
