/** The objects of one kind, kept as the API server has them by list and watch. */
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Get } from './api.ts';
import type { Metadata } from './objects.ts';

interface Listed<T> {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly T[];
}

interface Event<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T & { readonly metadata: { readonly resourceVersion: string }; readonly message?: string };
}

export interface Timing {
  /** Milliseconds until a silent list counts as dead. */
  readonly list: number;
  /** Seconds after which the API server ends a watch by itself, which shows that it is there: a quiet one says nothing. */
  readonly lifetime: number;
  /** Milliseconds until a silent watch counts as dead: more than its lifetime. */
  readonly watch: number;
  /** Milliseconds between a loss and the next list: the first, and the most it grows to by doubling. */
  readonly retry: readonly [first: number, most: number];
}

const TIMING: Timing = { list: 30_000, lifetime: 45, watch: 60_000, retry: [250, 1000] };

async function text(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** The lines of a body that goes on. A connection that breaks throws; a last line without an end is no line. */
async function* lines(response: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of response.setEncoding('utf8')) {
    const parts = (rest + (chunk as string)).split('\n');
    rest = parts.pop()!;
    yield* parts.filter((part) => part !== '');
  }
}

/**
 * Follows one collection for ever. While the API server is away the last picture stays: `objects` is replaced by a whole
 * new list or by single events, and is never empty for want of an answer.
 */
export class Watch<T extends { readonly metadata: Metadata }> {
  readonly path: string;
  /** Undefined until the first list has come. */
  objects: ReadonlyMap<string, T> | undefined;
  resourceVersion = '';
  /** Why the collection is not followed at the moment. */
  lost: string | undefined = 'not listed yet';

  readonly #get: Get;
  readonly #changed: () => void;
  readonly #timing: Timing;
  #retry: number;

  /** @param changed called after every change of `objects` or `lost` */
  constructor(path: string, get: Get, changed: () => void, timing: Timing = TIMING) {
    this.path = path;
    this.#get = get;
    this.#changed = changed;
    this.#timing = timing;
    this.#retry = timing.retry[0];
  }

  async follow(signal?: AbortSignal): Promise<void> {
    while (!signal?.aborted) {
      try {
        await this.#list();
        while (!signal?.aborted) await this.#watch();
      } catch (error) {
        // Also the ordinary end of an old watch (410 Gone): whatever it was, a new list sets it right.
        this.lost = error instanceof Error ? error.message : String(error);
        this.#changed();
        await sleep(this.#retry);
        this.#retry = Math.min(this.#retry * 2, this.#timing.retry[1]);
      }
    }
  }

  async #list(): Promise<void> {
    const list = JSON.parse(await text(await this.#get(this.path, this.#timing.list))) as Listed<T>;
    this.objects = new Map(list.items.map((object) => [this.#keyOf(object), object]));
    this.resourceVersion = list.metadata.resourceVersion;
    this.lost = undefined;
    this.#changed();
  }

  /** Until the API server ends it, which is no loss: the next one goes on where this one ended. */
  async #watch(): Promise<void> {
    const { watch, lifetime } = this.#timing;
    const query = `watch=1&allowWatchBookmarks=true&timeoutSeconds=${lifetime}&resourceVersion=${this.resourceVersion}`;
    const began = Date.now();
    for await (const line of lines(await this.#get(`${this.path}?${query}`, watch))) {
      const { type, object } = JSON.parse(line) as Event<T>;
      if (type === 'ERROR') throw new Error(`${this.path}: ${object.message ?? 'the watch ended with an error'}`);
      this.resourceVersion = object.metadata.resourceVersion;
      this.#retry = this.#timing.retry[0];
      if (type === 'BOOKMARK') continue;
      const objects = new Map(this.objects);
      if (type === 'DELETED') objects.delete(this.#keyOf(object));
      else objects.set(this.#keyOf(object), object);
      this.objects = objects;
      this.#changed();
    }
    // One that ends at once, again and again, must not become a busy loop.
    if (Date.now() - began < this.#retry) await sleep(this.#retry);
  }

  #keyOf({ metadata }: T): string {
    return `${metadata.namespace ?? ''}/${metadata.name}`;
  }
}
