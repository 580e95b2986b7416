/**
 * Every probe against every fault, over real sockets, with the real client libraries. What needs a real PostgreSQL,
 * Redis or MinIO (a wrong password, a missing table or bucket) is in test/e2e/gates.test.ts.
 */
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Credentials } from '../../components/gates/index.ts';
import type { Verdict } from '../../components/gates/judge.ts';
import { patiently, type Outcome, type Patience } from '../../components/gates/patience.ts';
import type { Probe } from '../../components/gates/probe.ts';
import { http as httpProbe } from '../../components/gates/probes/http.ts';
import { redis } from '../../components/gates/probes/redis.ts';
import { s3 } from '../../components/gates/probes/s3.ts';
import { sql } from '../../components/gates/probes/sql.ts';
import type { HttpQuestion, RedisQuestion, S3Question, SqlQuestion } from '../../components/gates/questions.ts';
import { clusterOf } from '../unit/components/gates/support/cluster.ts';
import { BROKEN, certificates, closeAll, connections, http, https } from './support/faulty.ts';

const CANARY = 'canary/p@ss"w0rd';
const cluster = clusterOf({ secrets: { 'n/s': { password: CANARY } } });
const SECRET = { namespace: 'n', name: 's', key: 'password' };

/** One try, unless a test asks for more. */
const SHORT: Patience = {
  perTry: '500ms',
  interval: '50ms',
  successes: 1,
  failureLimit: 1,
  errorLimit: 1,
  deadline: '5s',
};

const ask = <Q>(probe: Probe<Q>, question: Q, patience: Partial<Patience> = {}): Promise<Outcome> => {
  const credentials = new Credentials(cluster);
  return patiently((attempt) => probe(question, { ...attempt, cluster, credentials }), { ...SHORT, ...patience });
};

const askHttp = (url: string, over: Partial<HttpQuestion> = {}, patience?: Partial<Patience>): Promise<Outcome> =>
  ask(
    httpProbe,
    { cluster: {}, target: { url }, path: '/health', expect: { status: 200, json: { status: 'healthy' } }, ...over },
    patience,
  );

const send =
  (status: number, body: string): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  };
const well = send(200, '{"status":"healthy"}');

const on = (port: number): string => `http://127.0.0.1:${port}`;

/** The gate is shut, its reasons name the fault, and nothing of it stays open. */
function assertShut(outcome: Outcome, verdict: Verdict, reason: RegExp): void {
  assert.equal(outcome.verdict, verdict, outcome.reasons.join('; '));
  assert.match(outcome.reasons.join('; '), reason);
  assert.ok(outcome.seconds <= 1.5, `took ${outcome.seconds} s`);
  assert.ok(!JSON.stringify(outcome).includes('canary'), JSON.stringify(outcome));
}

after(closeAll);

test('an HTTP gate opens on a healthy server', async () => {
  assert.equal((await askHttp(on(await http(well)))).verdict, 'pass');
});

/** Sends as fast as it is read. */
const endless: RequestListener = (_request, response) => {
  const chunk = Buffer.alloc(65_536, 'x');
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
};

const HTTP_FAULTS: readonly (readonly [fault: string, answer: RequestListener, verdict: Verdict, reason: RegExp])[] = [
  ['a wrong status', send(503, '{"status":"healthy"}'), 'fail', /answered 503; wanted 200/],
  ['a redirect', (_q, r) => r.writeHead(302, { location: '/ok' }).end(), 'fail', /answered 302; wanted 200/],
  ['a wrong body', send(200, '{"status":"degraded"}'), 'fail', /\$\.status is degraded; wanted healthy/],
  ['a body without what is wanted', send(200, '{}'), 'fail', /\$\.status is missing/],
  ['invalid JSON', send(200, '{"status":"healthy"'), 'fail', /the body is not JSON/],
  ['no body', send(200, ''), 'fail', /the body is not JSON: it is empty/],
  [
    'a body of 2 MiB',
    send(200, JSON.stringify({ status: 'healthy', more: 'x'.repeat(2 ** 21) })),
    'fail',
    /longer than 1048576 bytes/,
  ],
  ['a body of any length', endless, 'fail', /longer than 1048576 bytes/],
  [
    'an answer slower than the try',
    (q, r) => void setTimeout(() => well(q, r), 900),
    'error',
    /no answer within 500ms/,
  ],
  ['a body that never ends', (_q, r) => void r.writeHead(200).write('{"status":'), 'error', /no answer within 500ms/],
  [
    'a body that trickles',
    (_q, r) => {
      const timer = setInterval(() => r.write(' '), 50);
      r.on('close', () => clearInterval(timer));
    },
    'error',
    /no answer within 500ms/,
  ],
  [
    'a body cut off',
    (_q, r) => void r.writeHead(200, { 'content-length': 99 }).write('{', () => r.destroy()),
    'error',
    /connection reset|aborted/,
  ],
];

for (const [fault, answer, verdict, reason] of HTTP_FAULTS) {
  test(`an HTTP gate shuts on ${fault}`, async () => {
    assertShut(await askHttp(on(await http(answer))), verdict, reason);
  });
}

test('TLS is verified: a certificate opens only when its authority, its name and its time are right', async () => {
  const { authority, good, expired, otherName, selfSigned } = await certificates();
  const url = async (certified: typeof good) => `https://127.0.0.1:${await https(certified, well)}`;
  assertShut(
    await askHttp(await url(good)),
    'fail',
    /TLS: the certificate comes from an authority that is not trusted/,
  );
  assertShut(await askHttp(await url(selfSigned)), 'fail', /TLS: the certificate is self-signed/);
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, authority]);
  try {
    assert.equal((await askHttp(await url(good))).verdict, 'pass');
    assertShut(await askHttp(await url(expired)), 'fail', /TLS: the certificate has expired/);
    assertShut(await askHttp(await url(otherName)), 'fail', /TLS: the certificate is for another name/);
  } finally {
    setDefaultCACertificates(before);
  }
  assertShut(await askHttp(`https://127.0.0.1:${await http(well)}`), 'fail', /TLS: /);
});

const SQL: Omit<SqlQuestion, 'target'> = {
  ...{ cluster: {}, database: 'd', user: 'u', password: SECRET },
  query: 'SELECT 1',
  expect: { equals: 1 },
};
const REDIS: Omit<RedisQuestion, 'target'> = {
  cluster: {},
  password: SECRET,
  command: 'PING',
  expect: { reply: 'PONG' },
};
const S3: Omit<S3Question, 'target'> = {
  ...{ cluster: {}, accessKey: SECRET, secretKey: SECRET },
  buckets: [{ name: 'reports', anonymousDownload: true }],
};

/** Each probe, on a port of this machine. */
const ON_A_PORT: Readonly<Record<string, (port: number) => Promise<Outcome>>> = {
  'An HTTP': (port) => askHttp(on(port)),
  'An SQL': (port) => ask(sql, { ...SQL, target: { host: '127.0.0.1', port } }),
  'A Redis': (port) => ask(redis, { ...REDIS, target: { host: '127.0.0.1', port } }),
  'An S3': (port) => ask(s3, { ...S3, target: { host: '127.0.0.1', port } }),
};

const REASONS: Readonly<Record<keyof typeof BROKEN, RegExp>> = {
  refused: /^connection refused/,
  reset: /^connection reset/,
  closed: /^(connection reset|Connection terminated|Connection is closed)/,
  hung: /^no answer within 500ms/,
  'other protocol': /^(Parse Error|Connection terminated|Unknown RESP type)/,
};

for (const [gate, askOn] of Object.entries(ON_A_PORT)) {
  for (const fault of Object.keys(BROKEN) as (keyof typeof BROKEN)[]) {
    test(`${gate} gate shuts on a port that is ${fault}`, async () => {
      assertShut(await askOn(await BROKEN[fault]()), 'error', REASONS[fault]);
    });
  }
}

test('a server that flaps never opens a gate that wants three passes in a row', async () => {
  let asked = 0;
  const flapping = await http((q, r) => (asked++ % 3 === 2 ? send(500, '')(q, r) : well(q, r)));
  const patience = { successes: 3, failureLimit: 'none', deadline: '600ms' } as const;
  const { verdict, reasons } = await askHttp(on(flapping), {}, patience);
  assert.notEqual(verdict, 'pass');
  assert.match(reasons.join('; '), /the deadline of 600ms has passed/);
  assert.ok(asked >= 6, `asked ${asked} times`);
});

test('a server that recovers just before the deadline opens the gate', async () => {
  const recovered = Date.now() + 700;
  const port = await http((q, r) => (Date.now() < recovered ? send(503, '')(q, r) : well(q, r)));
  const { verdict, seconds } = await askHttp(on(port), {}, { failureLimit: 'none', deadline: '800ms' });
  assert.equal(verdict, 'pass');
  assert.ok(seconds >= 0.6 && seconds <= 1, `took ${seconds} s`);
});

test('a Secret that is not there is an error that names it, for each gate that needs one', async () => {
  const missing = { ...SECRET, key: 'passwort' };
  const target = { host: '127.0.0.1', port: 1 };
  for (const outcome of [
    await ask(sql, { ...SQL, target, password: missing }),
    await ask(redis, { ...REDIS, target, password: missing }),
    await ask(s3, { ...S3, target, secretKey: missing }),
  ]) {
    assertShut(outcome, 'error', /Secret n\/s has no key "passwort"; its keys: password/);
  }
});

test('after all of this no gate has a connection open', async () => {
  await sleep(200);
  assert.equal(connections(), 0);
});
