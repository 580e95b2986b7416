/** The Docker API of a host, over its socket or over SSH, as the docker command itself goes there. */
import { spawn } from 'node:child_process';
import { request, type IncomingMessage, type RequestOptions } from 'node:http';
import { Duplex } from 'node:stream';
import { sshOptions, type DockerHostRef } from '../core/index.ts';

/** An answer that is no success, in the daemon's own words. */
export class DockerSaid extends Error {
  readonly status: number;

  constructor(what: string, status: number, said: string) {
    super(`${what}: ${status} ${said}`);
    this.name = 'DockerSaid';
    this.status = status;
  }
}

export interface DockerCall {
  /** Sent as JSON, or as it is where it is bytes (a tar archive). */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds. @default 30 000 */
  readonly timeout?: number;
}

/** Requests to one host. Each goes over a connection of its own, so that nothing is left open. */
export interface DockerClient {
  /** The body of a success as it is. @throws DockerSaid on any other answer; what the connection says, where there is none */
  bytes(method: string, path: string, call?: DockerCall): Promise<Buffer>;
  /** The same, parsed; `undefined` for an empty body. */
  json<T>(method: string, path: string, call?: DockerCall): Promise<T>;
}

/** The API version that is spoken: Docker 20.10's, which every later daemon understands. */
const VERSION = '/v1.41';

export function dockerClient(host: DockerHostRef): DockerClient {
  const way = wayTo(host);
  const bytes: DockerClient['bytes'] = async (method, path, { body, signal, timeout = 30_000 } = {}) => {
    const raw = Buffer.isBuffer(body);
    const options: RequestOptions = {
      ...way(),
      ...{ method, path: `${VERSION}${path}`, timeout, agent: false },
      headers: {
        host: 'docker',
        connection: 'close',
        ...(body !== undefined && { 'content-type': raw ? 'application/x-tar' : 'application/json' }),
      },
      ...(signal && { signal }),
    };
    const { status, answer } = await new Promise<{ status: number; answer: Buffer }>((resolve, reject) => {
      const call = request(options, (response: IncomingMessage) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, answer: Buffer.concat(parts) }));
      });
      call.on('timeout', () => call.destroy(new Error(`${method} ${path}: no answer within ${timeout / 1000} s`)));
      call.on('error', reject);
      call.end(body === undefined ? undefined : raw ? body : JSON.stringify(body));
    });
    if (status < 200 || status > 299) throw new DockerSaid(`${method} ${path}`, status, said(answer.toString()));
    return answer;
  };
  return {
    bytes,
    async json<T>(method: string, path: string, call?: DockerCall): Promise<T> {
      const text = (await bytes(method, path, call)).toString();
      return (text === '' ? undefined : JSON.parse(text)) as T;
    },
  };
}

/** The daemon's message out of its JSON, or what else it said. */
function said(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text.slice(0, 300);
  }
}

function wayTo(host: DockerHostRef): () => RequestOptions {
  if (host.address.startsWith('unix://')) {
    const socketPath = host.address.slice('unix://'.length);
    return () => ({ socketPath });
  }
  const { username, hostname, port } = new URL(host.address);
  const command = [...sshOptions(host), ...(port ? ['-p', port] : []), '--', `${username}@${hostname}`];
  return () => ({ createConnection: () => throughSsh([...command, 'docker', 'system', 'dial-stdio']) });
}

/** A connection whose two ends are a command's. What the command complains about is the connection's error. */
function throughSsh(command: readonly string[]): Duplex {
  const child = spawn('ssh', command, { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-500)));
  const connection = Duplex.from({ writable: child.stdin, readable: child.stdout });
  child.on('error', (error) => connection.destroy(error));
  child.on('exit', (code) => {
    if (code !== 0) connection.destroy(new Error(`ssh ended with ${code ?? 'a signal'}: ${complaint.trim()}`));
  });
  connection.on('close', () => child.kill());
  return connection;
}

const HEADER = 8;

/** The lines of a container's output, taken out of the frames in which the daemon mixes its two streams. */
export function unframed(output: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; at + HEADER <= output.length;) {
    const length = output.readUInt32BE(at + 4);
    parts.push(output.subarray(at + HEADER, at + HEADER + length));
    at += HEADER + length;
  }
  return Buffer.concat(parts).toString();
}
