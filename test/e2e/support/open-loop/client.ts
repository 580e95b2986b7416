/**
 * A program of its own in a client's place: sends by a schedule that never waits for answers, and writes down what became of
 * each request. Its first argument is the JSON of {@link Schedule}. It ends when its input does, after the last answer.
 *
 * It writes into a file, not into a pipe: whoever started it may be busy for a long time, and a full pipe would make the
 * schedule wait for them.
 */
import { createWriteStream } from 'node:fs';
import { Agent as PlainAgent, request as plain, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as SecureAgent, request as secure } from 'node:https';
import type { Schedule } from './schedule.ts';

const schedule = JSON.parse(process.argv[2]!) as Schedule;
const { url, address, rate, connections, clients, timeout, status, header, headers, ca, file } = schedule;
const target = new URL(url);
const tls = target.protocol === 'https:';
const out = createWriteStream(file, { flags: 'a' });

/** Each agent stands for one client with a connection of its own; one that is busy opens another rather than wait. */
const agents = Array.from({ length: clients }, () =>
  tls
    ? new SecureAgent({ keepAlive: true, scheduling: 'fifo' })
    : new PlainAgent({ keepAlive: true, scheduling: 'fifo' }),
);
const options: RequestOptions & { servername?: string; ca?: string } = {
  ...{ host: address ?? target.hostname, port: target.port || (tls ? 443 : 80), path: target.pathname + target.search },
  ...(tls && { servername: target.hostname, ...(ca !== undefined && { ca }) }),
  headers: { host: target.host, ...headers },
};

const now = (): number => performance.timeOrigin + performance.now();
let flying = 0;
let sent = 0;
let over = false;

/** Tells which connection a failure belongs to: a kept one may have been closed by the server in the same moment. */
const named = (error: NodeJS.ErrnoException, kept: boolean): string =>
  `${error.code ?? error.message}${kept ? ' on a kept connection' : ''}`;

function send(due: number): void {
  const agent = connections === 'kept' ? agents[sent % clients]! : false;
  sent++;
  flying++;
  const lag = now() - due;
  let done = false;
  const settle = (code: number, failure: string, version = ''): void => {
    if (done) return;
    done = true;
    clearTimeout(timer);
    out.write(
      `${JSON.stringify([Number(due.toFixed(1)), Number((now() - due).toFixed(2)), Number(lag.toFixed(2)), code, failure, version])}\n`,
    );
    flying--;
    if (over && flying === 0) end();
  };
  const asked = (tls ? secure : plain)({ ...options, agent }, (response: IncomingMessage) => {
    const code = response.statusCode!;
    const version = String(response.headers[header] ?? '');
    response.resume();
    response.on('end', () => settle(code, code === status ? '' : `HTTP ${code}`, version));
    response.on('error', () => settle(code, 'cut short', version));
  });
  // The whole exchange counts, from when it was due; but nobody is given less time because we were late.
  const timer = setTimeout(() => {
    settle(0, 'timeout');
    asked.destroy();
  }, timeout);
  asked.on('error', (error) => settle(0, named(error, asked.reusedSocket))).end();
}

function end(): void {
  clearInterval(ticking);
  out.end(`${JSON.stringify({ sent })}\n`, () => process.exit(0));
}

const began = now();
const tick = (): void => {
  for (; !over;) {
    const due = began + (sent * 1000) / rate;
    if (due > now()) return;
    send(due);
  }
};
const ticking = setInterval(tick, 2);
tick();
process.stdout.write('sending\n');
// Also when whoever started us is killed: an input that nobody holds any more ends.
process.stdin.resume().on('close', () => {
  over = true;
  if (flying === 0) end();
});
