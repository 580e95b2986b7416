/** One client of the API, with a cookie jar of one cookie. Travels into the cluster: Node's own modules only. */

import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds that an answer may take. */
const LIMIT = 5000;

export interface Answer {
  readonly status: number;
  /** What the body says, where it is JSON; else its text. */
  readonly body: unknown;
  readonly cookies: readonly string[];
}

export class Client {
  readonly #url: string;
  /** `name=value`, once somebody has signed in. */
  #cookie: string | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  async ask(method: string, path: string, content?: unknown): Promise<Answer> {
    const response = await fetch(new URL(path, this.#url), {
      method,
      redirect: 'manual',
      headers: {
        // A connection that is kept is one that may be closed just now.
        connection: 'close',
        ...(content !== undefined && { 'content-type': 'application/json' }),
        ...(this.#cookie !== undefined && { cookie: this.#cookie }),
      },
      ...(content !== undefined && { body: JSON.stringify(content) }),
      signal: AbortSignal.timeout(LIMIT),
    });
    const text = await response.text();
    const cookies = response.headers.getSetCookie();
    for (const cookie of cookies) this.#cookie = cookie.split(';')[0];
    return { status: response.status, body: parsed(text), cookies };
  }

  /**
   * Waits until anybody answers: what a pod may reach, and the names it asks for, follow it by a moment. Who never answers fails
   * every test.
   */
  async reached(within: number): Promise<void> {
    for (const end = Date.now() + within; Date.now() < end;) {
      try {
        await this.ask('GET', '/health');
        return;
      } catch {
        await sleep(200);
      }
    }
  }

  /** A client that nobody has signed in. */
  stranger(): Client {
    return new Client(this.#url);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** A field of an answer. */
export const field = (body: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown> | null | undefined)?.[key], body);
