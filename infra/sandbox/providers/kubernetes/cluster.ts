/** The API server over HTTPS: one pool of kept-alive connections, JSON in and out, refusals as errors of one class. */
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Access } from './kubeconfig.ts';
import type { KubeObject } from './objects.ts';

/** What the API server refused, in its own words. */
export class ApiError extends Error {
  readonly code: number;

  constructor(code: number, message: string | undefined) {
    super(message ?? `the API server answered ${code}`);
    this.code = code;
  }
}

export type Query = Readonly<Record<string, string | boolean | undefined>>;

interface Served {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

const CONNECTIONS = 32;
const SILENCE_MS = 60_000;
const RECONNECTS = 10;
const RECONNECT_MS = 500;

const rootOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

export class Cluster {
  readonly #access: Access;
  readonly #agent: https.Agent;
  readonly #served = new Map<string, Promise<readonly Served[]>>();

  constructor(access: Access) {
    this.#access = access;
    const { ca, cert, key, servername, insecure } = access;
    this.#agent = new https.Agent({
      keepAlive: true,
      maxSockets: CONNECTIONS,
      rejectUnauthorized: !insecure,
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
      ...(servername !== undefined && { servername }),
    });
  }

  async request<T>(
    method: string,
    path: string,
    query: Query = {},
    body?: unknown,
    type = 'application/json',
  ): Promise<T> {
    const { server, token } = this.#access;
    const url = new URL(server.pathname.replace(/\/$/, '') + path, server);
    for (const [key, value] of Object.entries(query)) {
      if (value !== undefined && value !== false) url.searchParams.set(key, String(value));
    }
    const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers = {
      accept: 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      // Node leaves the length out on a DELETE, and the body would be read as the connection's next request.
      ...(content && { 'content-type': type, 'content-length': content.length }),
    };
    const send = () => this.#send(url, { method, headers }, content);
    const { code, text } = await (method === 'GET' ? persistently(send) : send());
    if (code >= 200 && code < 300) return JSON.parse(text) as T;
    throw new ApiError(code, refusal(text));
  }

  #send(url: URL, options: https.RequestOptions, content?: Buffer): Promise<{ code: number; text: string }> {
    return new Promise((resolve, reject) => {
      const sent = https.request(url, { ...options, agent: this.#agent, timeout: SILENCE_MS }, (answer) => {
        const parts: Buffer[] = [];
        answer
          .on('data', (part: Buffer) => parts.push(part))
          .on('error', reject)
          .on('end', () => resolve({ code: answer.statusCode ?? 0, text: Buffer.concat(parts).toString() }));
      });
      sent
        .on('timeout', () => sent.destroy(new Error(`no answer from ${url.host} within ${SILENCE_MS / 1000} s`)))
        .on('error', reject)
        .end(content);
    });
  }

  /** How the server serves a kind. One that is not there yet is asked for again the next time. */
  async #find(apiVersion: string, kind: string): Promise<Served> {
    let list = this.#served.get(apiVersion);
    if (!list) {
      list = this.request<{ resources: Served[] }>('GET', rootOf(apiVersion)).then(({ resources }) => resources);
      this.#served.set(apiVersion, list);
    }
    const resources = await list.catch((error: unknown) => {
      this.#served.delete(apiVersion);
      throw error;
    });
    const found = resources.find((served) => served.kind === kind && !served.name.includes('/'));
    if (found) return found;
    this.#served.delete(apiVersion);
    throw new ApiError(404, `no matches for kind ${kind} in ${apiVersion}; is its CustomResourceDefinition installed?`);
  }

  async namespaced({ apiVersion, kind }: KubeObject): Promise<boolean> {
    return (await this.#find(apiVersion, kind)).namespaced;
  }

  async #path(object: KubeObject, named = true): Promise<string> {
    const { name, namespaced } = await this.#find(object.apiVersion, object.kind);
    const space = namespaced ? `/namespaces/${object.metadata.namespace ?? 'default'}` : '';
    return `${rootOf(object.apiVersion)}${space}/${name}${named ? `/${object.metadata.name!}` : ''}`;
  }

  async get(object: KubeObject): Promise<KubeObject> {
    return this.request('GET', await this.#path(object));
  }

  async create(object: KubeObject, query: Query): Promise<KubeObject> {
    return this.request('POST', await this.#path(object, false), query, object);
  }

  async replace(object: KubeObject, query: Query): Promise<KubeObject> {
    return this.request('PUT', await this.#path(object), query, object);
  }

  async apply(object: KubeObject, query: Query): Promise<KubeObject> {
    return this.request('PATCH', await this.#path(object), query, object, 'application/apply-patch+yaml');
  }

  async patch(object: KubeObject, steps: readonly unknown[]): Promise<KubeObject> {
    return this.request('PATCH', await this.#path(object), {}, steps, 'application/json-patch+json');
  }

  async remove(object: KubeObject, options: unknown): Promise<void> {
    await this.request('DELETE', await this.#path(object), {}, options);
  }

  async list<T>(path: string, labelSelector: string): Promise<readonly T[]> {
    return (await this.request<{ items?: T[] }>('GET', path, { labelSelector })).items ?? [];
  }
}

/** Tries again what only asks: an API server that is restarted comes back within seconds. */
async function persistently<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === RECONNECTS) throw error;
      await sleep(RECONNECT_MS);
    }
  }
}

/** The message of a `Status`, or whatever else was answered. */
function refusal(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { message?: string }).message;
  } catch {
    // Not from the API server itself: a proxy, or a server that is starting.
    return text.trim() || undefined;
  }
}
