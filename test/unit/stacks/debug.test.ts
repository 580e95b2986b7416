import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutAnswer } from '../../../stacks/debug.ts';

test('an answer of the engine is cut out of a debug message, however many lines it has', () => {
  const message = 'RegisterResource RPC finished: resource:password[random]; err: null, resp: urn,obj,\nhunter2,,';
  assert.equal(withoutAnswer(message), 'RegisterResource RPC finished: resource:password[random]; err: null');
});

test('any other debug message stays as it is', () => {
  for (const message of ['Registering resource: t=random', 'a resp: b', 'preparing, resp: none']) {
    assert.equal(withoutAnswer(message), message);
  }
});
