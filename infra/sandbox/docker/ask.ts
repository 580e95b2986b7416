/** A few requests to a daemon's API over its socket, for those who start it and those who look at it in tests. */
import { createReadStream } from 'node:fs';
import { request } from 'node:http';
import { pipeline } from 'node:stream/promises';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * One request to the API at a Unix socket.
 *
 * @param body an object is sent as JSON; `{ file }` sends a file as it is
 * @throws where nobody listens, or on silence for longer than `timeout` (default 10 s)
 */
export function ask(
  socket: string,
  method: string,
  path: string,
  body?: object | { readonly file: string },
  timeout = 10_000,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const file = body !== undefined && 'file' in body ? body.file : undefined;
    const headers =
      body === undefined ? {} : { 'content-type': file === undefined ? 'application/json' : 'application/x-tar' };
    const call = request({ socketPath: socket, method, path, headers, timeout }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more: string) => (text += more));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    call.on('timeout', () => call.destroy(new Error(`${method} ${path}: no answer within ${timeout / 1000} s`)));
    call.on('error', reject);
    if (file !== undefined) pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), call).catch(reject);
    else call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** The parsed answer. Throws on anything but 2xx, with what the daemon says. */
export async function get<T>(socket: string, path: string): Promise<T> {
  const { status, body } = await ask(socket, 'GET', path);
  if (status < 200 || status > 299) throw new Error(`GET ${path}: ${status} ${body.slice(0, 300)}`);
  return JSON.parse(body) as T;
}
