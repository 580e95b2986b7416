import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wrongAnswer } from '../../../../components/image/prove.ts';

for (const output of ['3.2.0', 'architect-api 3.2.0\n', 'version: v3.2.0 (commit abc)', '{"version":"3.2.0"}']) {
  test(`${JSON.stringify(output)} says 3.2.0`, () => assert.equal(wrongAnswer(0, output, '3.2.0'), undefined));
}

for (const output of ['', '3.2.1', '13.2.0', '3.2.0-rc.1', '3.2.0.1', 'architect-api dev']) {
  test(`${JSON.stringify(output)} does not say 3.2.0`, () => assert.match(wrongAnswer(0, output, '3.2.0')!, /^said: /));
}

test('a program that fails says nothing, whatever it prints', () => {
  assert.match(wrongAnswer(1, '3.2.0', '3.2.0')!, /^ended with 1 and said: 3\.2\.0$/);
});
