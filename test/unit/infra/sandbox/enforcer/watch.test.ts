import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Watch, type Timing } from '../../../../../infra/sandbox/enforcer/watch.ts';
import { ApiServer, type Thing } from './support/api-server.ts';

const TIMING = { list: 200, watch: 200, lifetime: 290, retry: [5, 20] } as const;

/** A watch that follows a server which listed `first`, with its watch open. */
async function following(context: TestContext, first: string[], timing: Timing = TIMING) {
  const server = await new ApiServer().start();
  server.items = first;
  const stop = new AbortController();
  context.after(() => {
    stop.abort();
    server.stop();
  });
  let changes = 0;
  const changed = (): void => {
    changes++;
  };
  const watch = new Watch<Thing>('/things', server.get, changed, timing);
  void watch.follow(stop.signal);
  const until = async (what: string, holds: () => boolean): Promise<void> => {
    const deadline = Date.now() + 3000;
    while (!holds()) {
      await sleep(2);
      assert.ok(Date.now() < deadline, `not within 3 s: ${what}; asked ${server.asked.join(' ')}; lost: ${watch.lost}`);
    }
  };
  const watches = () => server.asked.filter((query) => query.includes('watch=1')).length;
  const lists = () => server.asked.length - watches();
  const names = () => [...(watch.objects?.values() ?? [])].map(({ metadata }) => metadata.name).join(' ');
  await until('the first watch', () => watches() === 1);
  await sleep(10);
  return { server, watch, until, watches, lists, names, changes: () => changes };
}

test('events are applied to the list they follow, and each is announced', async (context) => {
  const { server, names, until, changes } = await following(context, ['a', 'b']);
  assert.equal(names(), 'a b');
  const before = changes();
  server.event('ADDED', 'c');
  server.event('DELETED', 'a');
  await until('both events', () => names() === 'b c');
  assert.equal(changes(), before + 2);
});

test('an event that arrives in pieces is read whole, and one that never ends is not read', async (context) => {
  const { server, names, until } = await following(context, []);
  const line = JSON.stringify({ type: 'ADDED', object: { metadata: { name: 'ä', resourceVersion: '9' } } });
  server.raw(line.slice(0, 20));
  await sleep(20);
  assert.equal(names(), '');
  server.raw(`${line.slice(20)}\n${line.slice(0, 30)}`);
  await until('the whole event', () => names() === 'ä');
});

test('a watch that ends in the ordinary way goes on from the last version, a bookmark’s too, without a new list', async (context) => {
  const { server, lists, watches, until } = await following(context, ['a']);
  server.event('BOOKMARK', '');
  await sleep(20);
  server.end();
  await until('the second watch', () => watches() === 2);
  assert.equal(lists(), 1);
  assert.match(server.asked.at(-1)!, /resourceVersion=2$/);
});

test('410 Gone leads to a new list, which shows what was missed', async (context) => {
  const patient = { ...TIMING, watch: 10_000 };
  const { server, names, lists, until } = await following(context, ['a'], patient);
  server.items = ['b'];
  server.raw('{"type":"ERROR","object":{"metadata":{},"code":410,"message":"too old resource version"}}\n');
  await until('the new list', () => names() === 'b');
  assert.equal(lists(), 2);
});

test('while the API server is away the last picture stays, and the loss is told; back again, it is followed', async (context) => {
  const { server, watch, names, until } = await following(context, ['a']);
  server.down = true;
  server.cut();
  await until('the loss', () => /HTTP 503/.test(watch.lost ?? ''));
  assert.equal(names(), 'a');
  server.items = ['b'];
  server.down = false;
  await until('the new list', () => names() === 'b');
  assert.equal(watch.lost, undefined);
});

test('a connection that is open but silent counts as dead, and what was missed meanwhile is seen', async (context) => {
  const { server, names, until } = await following(context, ['a']);
  server.items = ['b'];
  await until('a new list by itself', () => names() === 'b');
});

test('an API server that is away is not asked in a busy loop', async (context) => {
  const { server } = await following(context, []);
  server.down = true;
  server.cut();
  const before = server.asked.length;
  await sleep(200);
  assert.ok(server.asked.length - before < 20, `${server.asked.length - before} requests in 200 ms`);
});
