import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Logs, type LogsArgs } from '../../../../infra/logs/index.ts';
import { named, planned } from '../../support/mocks.ts';
import { protectedIn } from '../support/protection.ts';

const ARGS: LogsArgs = {
  keyArn: 'arn:k',
  groups: {
    flow: { groupName: '/shop/flow', retention: 30 },
    control: { groupName: '/aws/eks/shop/cluster', retention: 90 },
  },
};
const build = (change: Partial<LogsArgs> = {}, options = {}) => new Logs('logs', { ...ARGS, ...change }, options);

test('each group is encrypted with the stated key and kept for the stated days', async () => {
  const made = await planned(() => build());
  assert.deepEqual(named(made, 'logs-flow').inputs, { name: '/shop/flow', retentionInDays: 30, kmsKeyId: 'arn:k' });
  assert.deepEqual(named(made, 'logs-control').inputs, {
    name: '/aws/eks/shop/cluster',
    retentionInDays: 90,
    kmsKeyId: 'arn:k',
  });
});

test('logs are protected unless somebody says otherwise', async () => {
  assert.deepEqual(await protectedIn((options) => build({}, options)), ['logs-control', 'logs-flow']);
  assert.deepEqual(await protectedIn((options) => build({ protect: false }, options)), []);
});

test('the order of the groups changes nothing', async () => {
  const reversed = Object.fromEntries(Object.entries(ARGS.groups).toReversed());
  const [one, other] = [await planned(() => build()), await planned(() => build({ groups: reversed }))];
  assert.deepEqual(one, other);
});

test('a retention that CloudWatch does not know, and a name of AWS’s, are refused', async () => {
  const groups = { flow: { groupName: 'aws/x y', retention: 31 as 30 } };
  await assert.rejects(
    planned(() => build({ groups })),
    (error: Error) => {
      assert.match(error.message, /LogsArgs\.groups\.flow\.retention: found 31; wanted .* 14, 30, 60/);
      assert.match(error.message, /LogsArgs\.groups\.flow\.groupName: found "aws\/x y"/);
      return true;
    },
  );
});
