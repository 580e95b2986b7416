/** One question to a pod. */
import http from 'node:http';

export interface Answer {
  readonly ok: boolean;
  readonly latency: number;
  readonly seen: string;
}

/** One request on a connection of its own. Never rejects. */
export function ask(host: string, port: number, path: string, timeout: number): Promise<Answer> {
  const began = performance.now();
  return new Promise((resolve) => {
    const done = (ok: boolean, seen: string): void => {
      clearTimeout(timer);
      resolve({ ok, latency: performance.now() - began, seen });
    };
    const request = http.get({ host, port, path, agent: false }, (response) => {
      const { statusCode = 0 } = response;
      response.on('error', () => done(false, `HTTP ${statusCode}, cut off`));
      response.on('end', () => done(statusCode >= 200 && statusCode < 300, `HTTP ${statusCode}`));
      response.resume();
    });
    request.on('error', (error: NodeJS.ErrnoException) => done(false, error.code ?? error.message));
    const timer = setTimeout(() => {
      done(false, `no answer in ${timeout} ms`);
      request.destroy();
    }, timeout);
  });
}
