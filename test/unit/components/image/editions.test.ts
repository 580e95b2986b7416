import assert from 'node:assert/strict';
import { test } from 'node:test';
import { released, staged } from '../../../../components/image/index.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

test('a build for staging has the tag of its time, the tag that follows, and A’s build argument (A-IMG-1, A-IMG-2)', () => {
  assert.deepEqual(staged({ environment: 'staging', builtAt: '2026-01-31T12:05:09Z' }), {
    tags: { fixed: 'staging-20260131-120509', moving: 'staging-latest' },
    arguments: { ENVIRONMENT: 'staging' },
  });
});

test('a release has the tag of its version alone, and B’s three build arguments (B-IMG-3, B-IMG-4)', () => {
  assert.deepEqual(released({ version: '3.2.0', builtAt: '2026-01-31T12:05:09Z', commit: COMMIT }), {
    tags: { fixed: '3.2.0' },
    arguments: { VERSION: '3.2.0', BUILD_TIME: '2026-01-31T12:05:09Z', GIT_COMMIT: COMMIT },
  });
});

for (const builtAt of [
  '',
  'now',
  '2026-01-31',
  '2026-01-31T12:05:09',
  '2026-01-31T12:05:09.123Z',
  '2026-13-31T12:05:09Z',
]) {
  test(`"${builtAt}" is no time of a build`, () => {
    assert.throws(() => staged({ environment: 'staging', builtAt }), /builtAt: found .*; wanted a time in UTC/);
    assert.throws(() => released({ version: '3.2.0', builtAt, commit: COMMIT }), /builtAt: found/);
  });
}

test('everything that is wrong with a release is said at once', () => {
  assert.throws(
    () => released({ version: 'v3.2', builtAt: 'now', commit: 'HEAD' }),
    /3 problems[^]*builtAt: [^]*commit: found "HEAD"[^]*git rev-parse HEAD[^]*version: found "v3\.2"/,
  );
});

test('an environment that no tag can begin with is refused', () => {
  for (const environment of ['', 'Staging', '-x', 'a b', 'a/b']) {
    assert.throws(() => staged({ environment, builtAt: '2026-01-31T12:05:09Z' }), /environment: found/);
  }
});
