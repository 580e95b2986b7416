import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { counters, judge, load, p95, type Sample } from '../../../../../components/gates/probes/load.ts';
import type { Attempt } from '../../../../../components/gates/probe.ts';
import type { LoadQuestion } from '../../../../../components/gates/questions.ts';

const HITS = { path: '/metrics', hits: 'lookups{result="hit"}', misses: 'lookups{result="miss"}', above: 50 };
const LIMITS: LoadQuestion['expect'] = { errorsBelow: 5, p95Below: '10s' };
const many = (count: number, ok: boolean, ms = 10): Sample[] => Array.from({ length: count }, () => ({ ms, ok }));
const cache = (hits: number, misses: number) => ({ before: { hits: 5, misses: 5 }, after: { hits, misses } });

test('fewer failures than the limit pass, as many fail', () => {
  assert.equal(judge({ expect: LIMITS }, [...many(96, true), ...many(4, false)]).verdict, 'pass');
  const { verdict, reasons, seen } = judge({ expect: LIMITS }, [...many(95, true), ...many(5, false)]);
  assert.deepEqual([verdict, reasons], ['fail', ['5 % of 100 requests failed; wanted less than 5 %']]);
  assert.equal(seen, '100 requests, 5 % errors, p95 10 ms');
});

test('the 95th percentile is that of the answers that came, by the nearest rank', () => {
  assert.equal(p95([]), NaN);
  assert.equal(p95([7]), 7);
  assert.equal(p95(Array.from({ length: 20 }, (_, at) => at + 1)), 19);
  const slow = [...many(94, true), ...many(6, true, 10_000)];
  assert.deepEqual(judge({ expect: LIMITS }, slow).reasons, ['the 95th percentile is 10000 ms; wanted less than 10s']);
  assert.equal(judge({ expect: LIMITS }, [...many(96, true), ...many(4, true, 10_000)]).verdict, 'pass');
});

test('no request decides nothing, and none that succeeded is a failure', () => {
  assert.equal(judge({ expect: LIMITS }, []).verdict, 'inconclusive');
  assert.deepEqual(judge({ expect: LIMITS }, many(3, false)).reasons, ['no request succeeded']);
});

test('the share of hits is that of the growth, and half is not more than half', () => {
  const expect = { ...LIMITS, hits: HITS };
  assert.equal(judge({ expect }, many(9, true), cache(14, 6)).verdict, 'pass');
  assert.deepEqual(judge({ expect }, many(9, true), cache(10, 10)).reasons, [
    '50 % of the lookups were in the cache; wanted more than 50 %',
  ]);
});

test('a counter that is missing, stands still or went back tells no share', () => {
  const expect = { ...LIMITS, hits: HITS };
  for (const [hits, misses] of [
    [NaN, 6],
    [5, 5],
    [2, 9],
  ] as const) {
    assert.equal(judge({ expect }, many(9, true), cache(hits, misses)).verdict, 'inconclusive');
  }
  assert.equal(judge({ expect }, many(9, true)).verdict, 'error');
  assert.equal(judge({ expect }, [...many(9, true), ...many(9, false)], cache(NaN, 6)).verdict, 'fail');
});

test('counters are read by the whole name of their series', () => {
  const text = '# TYPE lookups counter\nlookups{result="hit"} 3.0\nlookups{result="hit",old="1"} 9\n';
  assert.deepEqual(counters(text, HITS), { hits: 3, misses: NaN });
});

/** Answers every other question with 500 once told to. */
async function served(failing: boolean): Promise<{ server: Server; url: string; bodies: Set<string> }> {
  let asked = 0;
  const bodies = new Set<string>();
  const server = createServer((request, response) => {
    if (request.url === '/metrics')
      return response.end(`${HITS.hits} ${asked}\n${HITS.misses} ${asked === 0 ? 0 : 1}\n`);
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    return request.on('end', () => {
      bodies.add(body);
      response.statusCode = failing && asked++ % 2 === 0 ? 500 : 200;
      if (!failing) asked++;
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies };
}

for (const failing of [false, true]) {
  test(`a load really is made, and ${failing ? 'its failures are met' : 'passes where all is well'}`, async () => {
    const { server, url, bodies } = await served(failing);
    try {
      const question: LoadQuestion = {
        ...{ cluster: {}, target: { url }, method: 'POST', path: '/ask', bodies: ['a', 'b'], users: 4 },
        ...{ duration: '300ms', expect: { ...LIMITS, hits: HITS } },
      };
      const attempt = { number: 0, signal: AbortSignal.timeout(10_000) } as Attempt;
      const { verdict, seen } = await load(question, attempt);
      assert.equal(verdict, failing ? 'fail' : 'pass', seen);
      assert.deepEqual([...bodies].toSorted(), ['a', 'b']);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
}
