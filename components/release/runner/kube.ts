/** The Kubernetes API in the few calls that a release needs: small enough to travel, and shared with the provider. */
import http from 'node:http';
import https from 'node:https';
import { readFileSync } from 'node:fs';
import type { Operation } from './record.ts';

/** An answer that is not a success. */
export class ApiError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

/** Where the server is, and what each request carries: asked anew every time, because tokens are exchanged. */
export interface Access {
  readonly server: string;
  options(): Promise<https.RequestOptions>;
}

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** As the pod's own account. */
export function fromPod(): Access {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = process.env;
  const agent = new https.Agent({ keepAlive: true });
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    options: () =>
      Promise.resolve({
        agent,
        ca: readFileSync(`${ACCOUNT}/ca.crt`),
        headers: { authorization: `Bearer ${readFileSync(`${ACCOUNT}/token`, 'utf8')}` },
      }),
  };
}

/** Milliseconds for one answer. A patch that waits for webhooks may take seconds. */
const ANSWER = 10_000;

export class Kube {
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  get<T>(path: string): Promise<T> {
    return this.#request<T>('GET', path);
  }

  /** Applies all operations or none. @throws ApiError 422 when a `test` does not hold, and when the result is invalid */
  patch<T>(path: string, operations: readonly Operation[], dryRun = false): Promise<T> {
    return this.#request<T>('PATCH', `${path}?fieldManager=release${dryRun ? '&dryRun=All' : ''}`, operations);
  }

  async #request<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { server } = this.#access;
    const { headers, ...options } = await this.#access.options();
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const { request } = server.startsWith('https:') ? https : http;
    return new Promise((resolve, reject) => {
      const sent = request(
        `${server}${path}`,
        {
          ...options,
          method,
          timeout: ANSWER,
          headers: {
            ...(headers as http.OutgoingHttpHeaders | undefined),
            accept: 'application/json',
            ...(payload !== undefined && {
              'content-type': 'application/json-patch+json',
              'content-length': Buffer.byteLength(payload),
            }),
          },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => (text += chunk));
          response.on('error', reject);
          response.on('end', () => {
            const { statusCode = 0 } = response;
            if (statusCode < 400) resolve(JSON.parse(text) as T);
            else reject(new ApiError(statusCode, `${method} ${path}: ${statusCode} ${reasonIn(text)}`));
          });
        },
      );
      sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer in ${ANSWER / 1000} s`)));
      sent.on('error', reject);
      sent.end(payload);
    });
  }
}

function reasonIn(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text.slice(0, 300);
  }
}
