/** An API server for one collection: it lists, it streams what the test says, and it can die in every way. */
import { once } from 'node:events';
import { createServer, get as httpGet, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Get } from '../../../../../../infra/sandbox/enforcer/api.ts';

export interface Thing {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly resourceVersion?: string };
}

export class ApiServer {
  items: string[] = [];
  resourceVersion = 1;
  /** Every request's query, in order. */
  readonly asked: string[] = [];
  /** While true, every request is refused with 503. */
  down = false;
  readonly #server = createServer((request, response) => this.#answer(request, response));
  #watch: ServerResponse | undefined;
  #port = 0;

  async start(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** As the enforcer's own, without TLS. */
  readonly get: Get = (path, silence) =>
    new Promise((resolve, reject) => {
      const call = httpGet({ port: this.#port, path, agent: false }, (response) => {
        if (response.statusCode === 200) resolve(response);
        else reject(new Error(`HTTP ${response.statusCode}`));
      });
      call.setTimeout(silence, () => call.destroy(new Error('silent'))).on('error', reject);
    });

  event(type: string, name: string, more: object = {}): void {
    this.resourceVersion++;
    this.raw(
      `${JSON.stringify({ type, object: { metadata: { name, resourceVersion: `${this.resourceVersion}` }, ...more } })}\n`,
    );
  }

  raw(text: string): void {
    this.#watch!.write(text);
  }

  /** The ordinary end of a watch. */
  end(): void {
    this.#watch!.end();
  }

  /** The connection breaks in the middle. */
  cut(): void {
    this.#watch!.destroy();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const query = new URL(request.url!, 'http://api').search;
    this.asked.push(query);
    if (this.down) {
      response.writeHead(503).end();
    } else if (query) {
      this.#watch = response;
      response.writeHead(200).flushHeaders();
    } else {
      const items = this.items.map((name) => ({ metadata: { name } }));
      response.end(JSON.stringify({ metadata: { resourceVersion: `${this.resourceVersion}` }, items }));
    }
  }
}
