import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problems } from '../../../components/core/index.ts';
import { isNarrow, requireNarrow } from '../../../infra/narrow.ts';

test('stated addresses come in; the internet, half of it, and what is no block do not', () => {
  for (const one of ['203.0.113.7/32', '10.0.0.0/8', '198.51.100.0/24']) assert.ok(isNarrow(one), one);
  for (const one of ['0.0.0.0/0', '0.0.0.0/1', '128.0.0.0/1', '10.0.0.0/7', '10.1.2.3/8', 'YOUR_IP/32', '']) {
    assert.ok(!isNarrow(one), one);
  }
});

test('each entry that may not stand is named by its place, with what may come in', () => {
  const problems = new Problems();
  requireNarrow(problems, 'A.sshFrom', 'SSH', ['203.0.113.7/32', '0.0.0.0/0', 'me']);
  assert.throws(
    () => problems.throwIfAny('A'),
    ({ message }: Error) => {
      assert.match(message, /A\.sshFrom\[1\]: found "0\.0\.0\.0\/0"; wanted SSH from stated addresses/);
      assert.match(message, /A\.sshFrom\[2\]: found "me"/);
      assert.doesNotMatch(message, /sshFrom\[0\]/);
      return true;
    },
  );
});
