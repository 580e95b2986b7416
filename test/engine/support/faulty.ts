/** Real servers on the loopback interface that are well, or ill in one way each, and the certificates for those with TLS. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer as createTcp, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../infra/sandbox/host/run.ts';

const open = new Set<{ server: Server; sockets: Set<Socket> }>();

/** Starts a server on a free port; {@link closeAll} ends it. */
export async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined); // The other side may leave as it likes.
    socket.on('close', () => sockets.delete(socket));
  });
  // A handshake that the client refuses is what some of the tests are about.
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  open.add({ server, sockets });
  return (server.address() as AddressInfo).port;
}

/** Connections that are still open, over all servers. */
export const connections = (): number => [...open].reduce((sum, { sockets }) => sum + sockets.size, 0);

export async function closeAll(): Promise<void> {
  for (const { server, sockets } of open) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
  open.clear();
}

/** A port on which nothing listens: it was free a moment ago. */
export async function refusing(): Promise<number> {
  const server = createTcp();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const tcp = (treat: (socket: Socket) => void): Promise<number> => listen(createTcp(treat));

/** What can be wrong below any protocol. */
export const BROKEN = {
  refused: refusing,
  reset: () => tcp((socket) => void socket.once('data', () => socket.resetAndDestroy())),
  closed: () => tcp((socket) => void socket.once('data', () => socket.end())),
  hung: () => tcp((socket) => void socket.resume()),
  'other protocol': () => tcp((socket) => void socket.once('data', () => socket.end('220 mail.example.com ESMTP\r\n'))),
} as const;

export const http = (answer: RequestListener): Promise<number> => listen(createHttp(answer));

export interface Certified {
  readonly key: string;
  readonly cert: string;
}

export const https = (certified: Certified, answer: RequestListener): Promise<number> =>
  listen(createHttps(certified, answer));

/** An authority that nobody trusts yet, and certificates of hers. */
export async function certificates(): Promise<{
  readonly authority: string;
  readonly good: Certified;
  readonly expired: Certified;
  readonly otherName: Certified;
  readonly selfSigned: Certified;
}> {
  const folder = mkdtempSync(join(tmpdir(), 'platform-tls-'));
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): Promise<string> => run(['openssl', ...args], { cwd: folder });
  const read = (name: string): Certified => ({
    key: readFileSync(at(`${name}.key`), 'utf8'),
    cert: readFileSync(at(`${name}.crt`), 'utf8'),
  });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const alone = (name: string): Promise<string> =>
    openssl(
      ...['req', '-x509', ...curve, '-keyout', `${name}.key`, '-out', `${name}.crt`, '-days', '2'],
      ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'],
    );
  const issued = async (name: string, days: string, san: string): Promise<void> => {
    await openssl('req', ...curve, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    writeFileSync(at(`${name}.ext`), `subjectAltName=${san}\n`);
    const by = ['-CA', 'authority.crt', '-CAkey', 'authority.key', '-CAcreateserial', '-extfile', `${name}.ext`];
    await openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.crt`, '-days', days, ...by);
  };
  try {
    await alone('authority');
    await alone('self');
    await issued('good', '2', 'IP:127.0.0.1');
    await issued('expired', '-1', 'IP:127.0.0.1');
    await issued('other', '2', 'DNS:other.example.com');
    return {
      authority: read('authority').cert,
      good: read('good'),
      expired: read('expired'),
      otherName: read('other'),
      selfSigned: read('self'),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
