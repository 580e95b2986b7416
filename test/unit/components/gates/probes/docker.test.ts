import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../../../../../components/gates/probes/docker.ts';

test('a daemon is compared by its numbers, not as text', () => {
  for (const version of ['20.10.24+dfsg1', '20.11.0', '24.0.7', '100.1.0']) {
    assert.equal(judge(version, '20.10').verdict, 'pass', version);
  }
  for (const version of ['20.9.1', '19.03.15', '3.10.0'])
    assert.equal(judge(version, '20.10').verdict, 'fail', version);
  assert.deepEqual(judge('19.03.15', '20.10').reasons, ['Docker is 19.03.15; wanted 20.10 or later']);
});

test('a daemon that tells no version decides nothing', () => {
  for (const version of [undefined, '', 'dev']) assert.equal(judge(version, '20.10').verdict, 'inconclusive');
});
