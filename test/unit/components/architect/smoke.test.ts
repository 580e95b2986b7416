/** What travels into the cluster, and how the smoke tests judge. The tests themselves: test/e2e/architect-api.test.ts. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { expect, judged, Wrong } from '../../../../components/architect/smoke/checks.ts';
import { Client } from '../../../../components/architect/smoke/client.ts';
import { smokeTests } from '../../../../components/architect/smoke/tests.ts';
import { smokeFiles } from '../../../../components/architect/tried.ts';

describe('B’s smoke tests', () => {
  const { tests } = smokeTests({ client: new Client('http://127.0.0.1:9'), cookie: { secure: true, httpOnly: true } });

  test('there are twenty, by B’s numbers and in B’s five groups', () => {
    assert.deepEqual(
      tests.map(({ id }) => id),
      Array.from({ length: 20 }, (_, index) => `B-SMOKE-${index + 1}`),
    );
    assert.deepEqual(
      [...new Set(tests.map(({ group }) => group))],
      ['Authentication', 'Events', 'Errors', 'Notifications', 'Health'],
    );
  });

  test('against nobody all of them fail, and each says why', async () => {
    const verdicts = await judged(tests);
    assert.deepEqual(
      verdicts.filter(({ passed, why }) => passed || why === undefined),
      [],
    );
  });
});

test('a test that throws has failed with its words, and the next one is run all the same', async () => {
  const test = (id: `B-SMOKE-${number}`, run: () => Promise<void>) =>
    ({ id, group: 'Health', claim: '', run }) as const;
  const verdicts = await judged([
    test('B-SMOKE-1', () => Promise.reject(new Wrong('no'))),
    test('B-SMOKE-2', () => Promise.resolve()),
  ]);
  assert.deepEqual(
    verdicts.map(({ passed, why }) => [passed, why]),
    [
      [false, 'no'],
      [true, undefined],
    ],
  );
  assert.throws(() => expect(false, 'so', { seen: 1 }), /wanted so; seen \{"seen":1\}/);
});

test('what travels imports Node’s own modules and its siblings, nothing else', () => {
  const files = smokeFiles();
  assert.ok('main.ts' in files && 'tests.ts' in files);
  for (const [file, text] of Object.entries(files)) {
    for (const [, from] of text.matchAll(/^import [^;]*?from '([^']+)'/gm)) {
      assert.ok(from!.startsWith('node:') || from!.slice(2) in files, `${file} imports ${from!}`);
    }
  }
});
