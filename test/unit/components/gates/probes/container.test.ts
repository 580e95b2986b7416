import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { container, judge, type Inspected } from '../../../../../components/gates/probes/container.ts';
import type { Attempt } from '../../../../../components/gates/probe.ts';
import { unframed } from '../../../../../components/gates/docker.ts';

const inspected = (state: Partial<Inspected['State']>, restarts = 0, subject = 's1'): Inspected => ({
  Id: 'x',
  RestartCount: restarts,
  State: { Status: 'running', ExitCode: 0, OOMKilled: false, ...state },
  Config: { Labels: { 'platform/subject': subject } },
});
const health = (Status: string, Output = ''): Partial<Inspected['State']> => ({
  Health: { Status, Log: [{ Output }] },
});

for (const [what, seen, verdict, reason] of [
  ['a healthy one passes', inspected(health('healthy')), 'pass', undefined],
  ['one that starts decides nothing yet', inspected(health('starting', 'refused')), 'inconclusive', /refused/],
  ['one that starts over and over fails', inspected(health('starting'), 5), 'fail', /5 restarts/],
  ['an unhealthy one fails with its answer', inspected(health('unhealthy', 'HTTP 503\n')), 'fail', /said: HTTP 503$/],
  ['one without a check cannot be told', inspected({}), 'error', /no health check/],
  ['one that ended may come back', inspected({ Status: 'exited', ExitCode: 1 }), 'inconclusive', /ended with 1/],
  ['one that ends again and again fails', inspected({ Status: 'restarting', ExitCode: 1 }, 5), 'fail', /5 restarts/],
  ['memory is named', inspected({ Status: 'exited', OOMKilled: true }, 5), 'fail', /kernel for its memory/],
  ['another version is not judged', inspected(health('healthy'), 0, 's0'), 'error', /not the subject.*s0; wanted s1/],
] as const) {
  test(what, () => {
    const reading = judge('api', seen, 's1');
    assert.equal(reading.verdict, verdict);
    if (reason === undefined) assert.deepEqual(reading.reasons, []);
    else assert.match(reading.reasons.join(), reason);
  });
}

const frame = (stream: number, text: string): Buffer => {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
};

test('both streams of an output are read in their order', () => {
  const whole = Buffer.concat([frame(1, 'one\n'), frame(2, 'zwölf\n'), frame(1, 'three\n')]);
  assert.equal(unframed(whole), 'one\nzwölf\nthree\n');
  // The daemon may end in the middle of a frame.
  assert.equal(unframed(whole.subarray(0, whole.length - 8)), 'one\nzwölf\n');
});

/** Asks a daemon that answers so, at a socket of its own. */
async function asked(answers: Readonly<Record<string, readonly [number, Buffer]>>) {
  const folder = mkdtempSync(join(tmpdir(), 'daemon-'));
  const socket = join(folder, 'docker.sock');
  const server = createServer((request, response) => {
    const [status, body] = answers[new URL(request.url!, 'http://docker').pathname] ?? [500, Buffer.from('unexpected')];
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  try {
    const attempt = { number: 0, signal: new AbortController().signal, subject: 's1' } as Attempt;
    return await container({ cluster: {}, host: { address: `unix://${socket}` }, container: 'api' }, attempt);
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
}

test('an unhealthy container says its last lines', async () => {
  const { verdict, reasons } = await asked({
    '/v1.41/containers/api/json': [200, Buffer.from(JSON.stringify(inspected(health('unhealthy', 'no'))))],
    '/v1.41/containers/api/logs': [200, Buffer.concat([frame(1, 'begins\n'), frame(2, 'cannot reach the store\n')])],
  });
  assert.equal(verdict, 'fail');
  assert.equal(reasons.at(-1), 'the last lines of api:\nbegins\ncannot reach the store');
});

test('a container that is not there is no verdict on it', async () => {
  const missing = Buffer.from(JSON.stringify({ message: 'No such container: api' }));
  const { verdict, reasons } = await asked({ '/v1.41/containers/api/json': [404, missing] });
  assert.deepEqual([verdict, reasons], ['error', ['there is no container api']]);
});

test('what else the daemon says is told in its words', async () => {
  const trouble = Buffer.from(JSON.stringify({ message: 'the disk is full' }));
  await assert.rejects(
    asked({ '/v1.41/containers/api/json': [500, trouble] }),
    /containers\/api\/json: 500 the disk is full/,
  );
});
