import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../../../../../components/gates/probes/redis.ts';

test('the reply must be the one, and hold the part, that were named', () => {
  assert.equal(judge('PONG', { command: 'PING', expect: { reply: 'PONG' } }).verdict, 'pass');
  assert.deepEqual(judge('pong', { command: 'PING', expect: { reply: 'PONG' } }).reasons, [
    'PING replied pong; wanted PONG',
  ]);
  const info = { command: ['INFO', 'stats'], expect: { contains: 'total_connections_received:' } } as const;
  assert.equal(judge('# Stats\r\ntotal_connections_received:5\r\n', info).verdict, 'pass');
  assert.deepEqual(judge('# Stats', info).reasons, ['INFO stats replied without total_connections_received:']);
});
