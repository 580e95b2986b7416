import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { instances, instant, measure } from '../../../../../components/release/runner/prometheus.ts';
import type { Reading } from '../../../../../components/release/runner/samples.ts';

const AT = 1_700_000_000_500;

/** A server in Prometheus' place, for as long as the work takes. */
async function answering<T>(listener: RequestListener, work: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const says = (body: unknown, status = 200): Promise<Reading> =>
  answering(
    (_, response) => void response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body)),
    (url) => instant({ url, timeout: 5000 }, 'up', AT),
  );
const vector = (...values: readonly string[]) => ({
  status: 'success',
  data: { resultType: 'vector', result: values.map((text) => ({ metric: {}, value: [AT / 1000, text] })) },
});

test('one series, or one scalar, is a value; what is no finite number stays what it is', async () => {
  assert.deepEqual(await says(vector('0.25')), { kind: 'value', value: 0.25 });
  assert.deepEqual(await says({ status: 'success', data: { resultType: 'scalar', result: [1, '7'] } }), {
    ...{ kind: 'value', value: 7 },
  });
  assert.deepEqual(await says(vector('NaN')), { kind: 'value', value: NaN });
  assert.deepEqual(await says(vector('-Inf')), { kind: 'value', value: -Infinity });
  assert.deepEqual(await says(vector('+Inf')), { kind: 'value', value: Infinity });
});

test('no series and several series are told apart from a value', async () => {
  assert.deepEqual(await says(vector()), { kind: 'no-data' });
  assert.deepEqual(await says(vector('1', '1')), { kind: 'ambiguous', series: 2 });
});

test('an answer that is none is unreachable, with the reason', async () => {
  const refused = { status: 'error', errorType: 'bad_data', error: 'parse error: unexpected end' };
  const cases: readonly (readonly [body: unknown, status: number, reason: RegExp])[] = [
    [refused, 400, /^HTTP 400: parse error: unexpected end$/],
    ['<h1>Bad Gateway</h1>', 502, /^HTTP 502: <h1>Bad Gateway<\/h1>$/],
    ['', 200, /JSON/],
    [null, 200, /^its answer is no result/],
    [{ ...vector('1'), status: 'error' }, 200, /^its answer is no result/],
    [
      { status: 'success', data: { resultType: 'matrix', result: [] } },
      200,
      /^the query gives a matrix; wanted one number$/,
    ],
    [{ status: 'success', data: { resultType: 'vector', result: [{}] } }, 200, /^its answer is no value/],
    [vector(''), 200, /^its answer is no value/],
    [`"${'x'.repeat(300_000)}"`, 200, /^the answer is longer than 262144 bytes$/],
  ];
  for (const [body, status, reason] of cases) {
    const reading = await says(body, status);
    assert.equal(reading.kind, 'unreachable');
    assert.match((reading as { reason: string }).reason, reason);
    assert.ok((reading as { reason: string }).reason.length <= 200);
  }
});

test('nobody there, silence, and an answer that never ends are unreachable, each within its time', async () => {
  const nobody = await answering(
    () => undefined,
    (url) => Promise.resolve(url),
  );
  const gone = await instant({ url: nobody, timeout: 500 }, 'up', AT);
  assert.match((gone as { reason: string }).reason, /^ECONNREFUSED: /);
  const began = performance.now();
  const silent = await answering(
    () => undefined,
    (url) => instant({ url, timeout: 300 }, 'up', AT),
  );
  assert.deepEqual(silent, { kind: 'unreachable', reason: 'no answer in 300 ms' });
  const endless = await answering(
    (_, response) => {
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    },
    (url) => instant({ url, timeout: 300 }, 'up', AT),
  );
  assert.deepEqual(endless, { kind: 'unreachable', reason: 'no answer in 300 ms' });
  assert.ok(performance.now() - began < 2000);
});

test('a look asks both queries for the same moment, behind whatever path Prometheus has', async () => {
  const asked: string[] = [];
  const rule = {
    name: 'errors',
    query: 'a{b="c d",instance=~"$candidate"} / 2',
    most: 0.05,
    requests: 'count(a)',
    minimum: 50,
  };
  const sample = await answering(
    (request, response) => {
      const { pathname, searchParams } = new URL(request.url!, 'http://x');
      asked.push(`${pathname} ${searchParams.get('query')!} ${searchParams.get('time')!}`);
      response.end(JSON.stringify(vector(searchParams.get('query')!.endsWith('/ 2') ? '0.5' : '80')));
    },
    (url) => measure({ url: `${url}/prometheus/` }, rule, { at: AT, hosts: ['10.0.0.7', '10.0.0.12'] }),
  );
  assert.deepEqual(asked.toSorted(), [
    '/prometheus/api/v1/query a{b="c d",instance=~"(10[.]0[.]0[.]12|10[.]0[.]0[.]7):[0-9]+"} / 2 1700000000.5',
    '/prometheus/api/v1/query count(a) 1700000000.5',
  ]);
  assert.deepEqual(sample, {
    ...{ kind: 'metric', at: AT, name: 'errors' },
    ...{ value: { kind: 'value', value: 0.5 }, requests: { kind: 'value', value: 80 } },
  });
});

test('the pods on trial are fitted by their addresses on any port, others and nobody by nothing', () => {
  const fits = (hosts: readonly string[], instance: string): boolean =>
    new RegExp(`^(?:${instances(hosts)})$`).test(instance);
  const hosts = ['10.0.0.1', 'fd00::1'];
  for (const good of ['10.0.0.1:8000', '10.0.0.1:9', '[fd00::1]:8000']) assert.ok(fits(hosts, good), good);
  for (const bad of ['10.0.0.11:8000', '110.0.0.1:8000', '10x0.0.1:80', '10.0.0.1', '[fd00::12]:8000']) {
    assert.ok(!fits(hosts, bad), bad);
  }
  assert.ok(!fits([], '10.0.0.1:8000'));
});
