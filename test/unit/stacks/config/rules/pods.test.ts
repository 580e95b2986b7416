import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../../../../../stacks/config/load.ts';
import { changed, groupsOf, rawOf } from '../../support/raw.ts';

const production = groupsOf('production');
const said = (path: string, value: unknown): string => {
  try {
    parse(rawOf(changed(production, path, value)), 'test');
    return 'nothing';
  } catch (error) {
    return (error as Error).message;
  }
};

const refused: [path: string, value: unknown, reason: RegExp][] = [
  ['api.scaling.max', 5, /api\.scaling\.max: found 5; wanted more than api\.replicas, the fewest, which is 5/],
  ['api.maxUnavailable', 5, /api\.maxUnavailable: found 5; wanted fewer than all of api\.replicas 5/],
  ['api.maxUnavailable', '99%', /api\.maxUnavailable: found 99%; wanted fewer than all of api\.replicas 5/],
  ['api.maxUnavailable', '100%', /api\.maxUnavailable: found "100%"; wanted a whole number from 1 to 99, or a share/],
  ['api.memory.request', '8Gi', /api\.memory\.request: found "8Gi"; wanted at most api\.memory\.limit, which is "4Gi"/],
  ['api.processes', 32, /api\.pool\.size: found 8; wanted at least api\.processes 32/],
  ['rabbitmq', undefined, /workers: found workers without a queue; wanted nothing while rabbitmq is left out/],
];

for (const [path, value, reason] of refused) {
  const groups = path === 'api.processes' ? changed(production, 'api.pool', { size: 8, overflow: 0 }) : production;
  test(`${path} ${JSON.stringify(value)} is weighed against what it has to fit`, () => {
    assert.throws(() => parse(rawOf(changed(groups, path, value)), 'test'), { message: reason });
  });
}

test('no worker and nobody to add one is refused', () => {
  const alone = changed(changed(production, 'workers.scaling', undefined), 'workers.maxUnavailable', undefined);
  assert.throws(() => parse(rawOf(changed(alone, 'workers.replicas', 0)), 'test'), {
    message: /workers\.replicas: found 0; wanted at least 1 without workers\.scaling/,
  });
});

test('the connections of every pod there may be at the height of a rollout are counted, workers included', () => {
  const direct = changed(production, 'postgres.pooler', undefined);
  assert.throws(() => parse(rawOf(direct), 'test'), {
    message:
      /\(api\.scaling\.max 50 \+ 13 while rolling\) × \(api\.pool\.size 40 \+ api\.pool\.overflow 20\) \+ \(workers\.scaling\.max 20 \+ 5 while rolling\) × workers\.concurrency \d+ \+ postgres\.reservedConnections/,
  });
});

test('production itself breaks no rule', () => {
  assert.equal(said('api.replicas', 5), 'nothing');
});
