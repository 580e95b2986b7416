/** A client of the edge that sends what it is told to, byte for byte, and reads what comes. */
import { request as plain, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as secure, type Agent } from 'node:https';
import { connect, type PeerCertificate, type SecureVersion, type TLSSocket } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where an edge answers, and for which host. */
export interface Door {
  readonly address: string;
  readonly http: number;
  readonly https: number;
  readonly host: string;
  /** Whom its certificate has to be signed by; without it nobody checks. */
  readonly ca?: string;
}

export interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** @default false */
  readonly tls?: boolean;
  /** Keeps and shares connections. Without it each request has a connection of its own. */
  readonly agent?: Agent;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Names and values one after the other, as they came: a doubled header is seen here. */
  readonly raw: readonly string[];
  readonly body: string;
}

/** Sends one request. Rejects where no answer comes within 20 s. */
export async function ask(
  door: Door,
  { method = 'GET', path = '/', headers, body = '', tls = false, agent }: Ask = {},
): Promise<Answer> {
  const options = {
    ...{ host: door.address, port: tls ? door.https : door.http, method, path, timeout: 20_000 },
    ...{ servername: door.host, ca: door.ca, rejectUnauthorized: door.ca !== undefined, agent: agent ?? false },
    headers: {
      ...{ host: door.host, 'user-agent': 'platform-tests/1.0', accept: '*/*' },
      ...(body !== '' && { 'content-length': String(Buffer.byteLength(body)) }),
      ...headers,
    },
  } as const;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = (tls ? secure : plain)(options, resolve);
    sent.on('error', reject).on('timeout', () => sent.destroy(new Error('no answer within 20 s')));
    sent.end(body);
  });
  let text = '';
  for await (const part of response.setEncoding('utf8')) text += part as string;
  return { status: response.statusCode ?? 0, headers: response.headers, raw: response.rawHeaders, body: text };
}

/** The certificate of a handshake, or why there was none. */
export function handshake(door: Door, version?: SecureVersion, name = door.host): Promise<PeerCertificate | Error> {
  return new Promise((resolve) => {
    const socket: TLSSocket = connect(
      {
        ...{ host: door.address, port: door.https, servername: name, rejectUnauthorized: false, timeout: 10_000 },
        // OpenSSL itself would refuse what the edge has to refuse.
        ...(version && { minVersion: version, maxVersion: version, ciphers: 'DEFAULT:@SECLEVEL=0' }),
      },
      () => {
        const certificate = socket.getPeerCertificate();
        socket.destroy();
        resolve(certificate);
      },
    );
    socket.on('error', resolve).on('timeout', () => socket.destroy(new Error('no handshake within 10 s')));
  });
}

export interface Sent {
  /** Milliseconds from the beginning until the answer: on a busy machine a request leaves later than it was due. */
  readonly at: number;
  /** 0 where no answer came. */
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/** Sends at a rate that does not wait for answers: a slow server gets no fewer requests. */
export async function openLoop(door: Door, perSecond: number, seconds: number, given: Ask): Promise<Sent[]> {
  const began = performance.now();
  const flying: Promise<Sent>[] = [];
  for (;;) {
    const elapsed = performance.now() - began;
    if (elapsed > seconds * 1000) break;
    while (flying.length < (elapsed / 1000) * perSecond) {
      flying.push(
        ask(door, given).then(
          ({ status, headers }) => ({ at: performance.now() - began, status, headers }),
          () => ({ at: performance.now() - began, status: 0, headers: {} }),
        ),
      );
    }
    await sleep(5);
  }
  return Promise.all(flying);
}
