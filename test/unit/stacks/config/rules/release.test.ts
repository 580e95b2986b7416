import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain, InputRefused } from '../../../../../components/core/index.ts';
import { parse } from '../../../../../stacks/config/load.ts';
import { groupsOf, rawOf } from '../../support/raw.ts';

const staging = groupsOf('staging');

/** What is said about staging with these settings of releases. */
function said(release: Readonly<Record<string, unknown>>): string[] {
  try {
    parse(rawOf({ ...staging, release }), 'staging');
    return [];
  } catch (error) {
    if (!(error instanceof InputRefused)) throw error;
    return error.problems.map(explain);
  }
}

test('a deadline leaves room for what each strategy may take: pods that start, every window, and every hold', () => {
  const times = { ready: '100s', candidate: '10s', window: '20s', soak: '30s', analysis: { hold: '5s' } };
  // 100 + 30 + 5; with a side of its own 10 + 5 on top; and 20 + 5 for each step.
  for (const [strategy, needed] of [
    ['rolling', 135],
    ['blueGreen', 175],
    ['canary', 225],
  ] as const) {
    assert.deepEqual(said({ ...times, strategy, deadline: `${needed + 1}s` }), [], strategy);
    const found = said({ ...times, strategy, deadline: `${needed}s` });
    assert.equal(found.length, 1, strategy);
    assert.match(
      found[0]!,
      new RegExp(`^release\\.deadline: found "${needed}s"; wanted more than the ${needed} s that `),
    );
  }
  assert.deepEqual(said({ ...times, strategy: 'canary', steps: [50, 100], deadline: '201s' }), []);
});
