/** The load generator judged on a server that stalls, fails and breaks off on purpose. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Load, report, summary, typical, under, type Answer } from '../../e2e/support/open-loop.ts';

interface Server {
  readonly url: string;
  connections: number;
  close(): Promise<void>;
}

/** A server for as long as the test runs. */
async function serving(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const made = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`,
    connections: 0,
    close: async () => {
      server.closeAllConnections();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
  t.after(made.close);
  server.on('connection', () => made.connections++);
  return made;
}

const good = (_: IncomingMessage, response: ServerResponse): void => {
  response.writeHead(200, { 'x-version': '1' }).end('fine');
};

/** Nearly as many: a schedule starts and ends between two requests, and a busy machine wakes us late. */
const near = (count: number, wanted: number): boolean => Math.abs(count - wanted) <= wanted * 0.25;

/** Waits, and says for how many seconds in truth. */
async function waited(ms: number): Promise<number> {
  const began = performance.now();
  await sleep(ms);
  return (performance.now() - began) / 1000;
}

test('requests leave at their rate, on kept connections or on a fresh one each, and all are accounted for', async (t) => {
  const one = async (connections: 'kept' | 'fresh'): Promise<void> => {
    const server = await serving(t, good);
    const options = { url: server.url, connections };
    const [seconds, { sent, failed, versions }] = await under(options, () => waited(2000));
    assert.ok(near(sent, seconds * 100), `${sent} requests in ${seconds} s`);
    assert.deepEqual([failed, Object.keys(versions), versions['1']!.good], [0, ['1'], sent]);
    if (connections === 'fresh') assert.equal(server.connections, sent);
    else assert.ok(server.connections >= 10 && server.connections < 50, `${server.connections} connections`);
  };
  await Promise.all([one('kept'), one('fresh')]);
});

test('a server that stalls for a second is seen by all who came in that second', async (t) => {
  const waiting: (() => void)[] = [];
  let stalled = false;
  const server = await serving(t, (request, response) => {
    if (stalled) waiting.push(() => good(request, response));
    else good(request, response);
  });
  const [seconds, { sent, failed, p99 }] = await under({ url: server.url }, async (load) => {
    const before = await waited(500);
    stalled = true;
    const stall = await waited(1000);
    stalled = false;
    for (const go of waiting.splice(0)) go();
    const after = await waited(500);
    const slow = load.answers().filter(({ latency }) => latency > 100);
    // Each came 10 ms later than the one before: all but those of the last 100 ms waited for longer than that.
    assert.ok(slow.length >= (stall - 0.1) * 90, `${slow.length} slow answers in ${stall} s`);
    const longest = Math.max(...slow.map(({ latency }) => latency));
    assert.ok(longest > stall * 900, `the longest took ${longest} ms`);
    return before + stall + after;
  });
  assert.ok(near(sent, seconds * 100), `${sent} requests in ${seconds} s`);
  assert.equal(failed, 0);
  assert.ok(p99 > 900, `p99 ${p99} ms`);
});

test('a client that was held up itself makes up for it, and counts from when each request was due', async (t) => {
  const server = await serving(t, good);
  const shell = ['sh', '-c', 'exec "$@"', 'sh'];
  // The shell becomes the client: it is the same process.
  const load = await Load.start({ url: server.url, prefix: shell });
  const child = load.pid;
  const before = await waited(300);
  process.kill(child, 'SIGSTOP');
  const held = await waited(700);
  process.kill(child, 'SIGCONT');
  const seconds = before + held + (await waited(500));
  const answers = await load.stop();
  const { sent, failed, lag } = report(answers);
  assert.ok(near(sent, seconds * 100), `${sent} requests in ${seconds} s`);
  const late = answers.filter(({ latency }) => latency > 100);
  assert.ok(late.length >= (held - 0.1) * 90, `${late.length} late answers in ${held} s`);
  assert.equal(failed, 0);
  assert.ok(lag > 500, `late by ${lag} ms at p99`);
});

test('a parent that is busy does not hold up the schedule', async (t) => {
  // Nobody answers: the server would be in this process, which is the one that is busy.
  const server = await serving(t, good);
  await server.close();
  const [seconds, { sent, failures, windows }] = await under({ url: server.url, rate: 400 }, async () => {
    const began = performance.now();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
    return (performance.now() - began) / 1000;
  });
  assert.ok(near(sent, seconds * 400), `${sent} requests in ${seconds} s`);
  assert.deepEqual(failures, { ECONNREFUSED: sent });
  assert.ok(windows.every(({ p50 }) => Number.isNaN(p50)));
});

test('each kind of failure is told apart, and a version is blamed for its own', async (t) => {
  let count = 0;
  const server = await serving(t, (_, response) => {
    const kind = count++ % 5;
    if (kind === 0) response.writeHead(200, { 'x-version': 'old' }).end();
    else if (kind === 1) response.writeHead(503, { 'x-version': 'new' }).end();
    else if (kind === 2) response.writeHead(200, { 'x-version': 'new', 'content-length': 100 }).write('half');
    else if (kind === 3) response.destroy();
    if (kind === 2) setTimeout(() => response.destroy(), 20);
  });
  const options = { url: server.url, connections: 'fresh', timeout: 400, rate: 50 } as const;
  const [, { sent, failures, versions, failed, bad }] = await under(options, () => sleep(1000));
  assert.deepEqual(Object.keys(failures).toSorted(), ['ECONNRESET', 'HTTP 503', 'cut short', 'timeout']);
  for (const [kind, times] of Object.entries(failures))
    assert.ok(near(times, sent / 5), `${kind}: ${times} of ${sent}`);
  assert.deepEqual(Object.keys(versions).toSorted(), ['', 'new', 'old']);
  assert.equal(versions['old']!.failed, 0);
  assert.equal(versions['new']!.good, 0);
  assert.equal(failed, sent - versions['old']!.good);
  assert.ok(bad!.lasted > 800, `bad for ${bad!.lasted} ms`);
});

test('a connection that was kept and then closed by the server is named as such', async (t) => {
  let count = 0;
  const server = await serving(t, (request, response) => {
    if (count++ < 10) good(request, response);
    else request.socket.destroy();
  });
  const [, { failures }] = await under({ url: server.url, clients: 1, rate: 20 }, () => sleep(800));
  assert.ok(
    failures['ECONNRESET on a kept connection']! >= 1 && failures['ECONNRESET']! >= 1,
    JSON.stringify(failures),
  );
});

test('a client that cannot start says why', async () => {
  const start = Load.start({ url: 'http://127.0.0.1:1/', prefix: ['sh', '-c', 'echo no such network >&2; exit 3'] });
  await assert.rejects(start, /^Error: the client did not start: no such network/);
});

const answer = (due: number, latency: number, failure = '', version = '1'): Answer => ({
  ...{ due, latency, lag: 1, status: failure === '' ? 200 : 500, failure, version },
});

test('the report has counts, kinds, versions and percentiles of each window, and how long it was bad', () => {
  const answers = [
    ...Array.from({ length: 100 }, (_, i) => answer(1000 + i * 10, i + 1)),
    ...Array.from({ length: 100 }, (_, i) => answer(2000 + i * 10, 5, i === 10 || i === 30 ? 'HTTP 500' : '', '2')),
  ];
  const made = report(answers, 1000);
  assert.deepEqual(made, {
    ...{ sent: 200, failed: 2, failures: { 'HTTP 500': 2 }, lag: 1, p50: 5, p95: 91, p99: 99 },
    versions: {
      1: { good: 100, failed: 0, first: 1001, last: 2090 },
      2: { good: 98, failed: 2, first: 2005, last: 2995 },
    },
    windows: [
      { from: 1000, sent: 100, failed: 0, p50: 50, p95: 95, p99: 99 },
      { from: 2000, sent: 100, failed: 2, p50: 5, p95: 5, p99: 5 },
    ],
    bad: { first: 2105, last: 2305, lasted: 200 },
  });
  assert.equal(typical(made.windows), 5);
  assert.equal(
    summary(made),
    '2 of 200 requests failed (2 HTTP 500); 0.20 s from the first bad answer to the last; p50 5.0 ms, p95 91.0 ms, p99 99.0 ms; by 1 100, 2 98 (2 failed); the client late by 1.0 ms at p99',
  );
  assert.equal(report(answers.slice(0, 100)).bad, undefined);
});
