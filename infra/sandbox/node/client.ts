/** A few requests to an instance's API server and kubelet, without a client library: it runs inside the instance too. */
import { readFileSync } from 'node:fs';
import { request } from 'node:https';

export interface Client {
  /** The parsed body. Throws on anything but 2xx, on silence for longer than `timeout` ms, and if nobody listens. */
  get<T>(path: string, timeout?: number): Promise<T>;
  patch(path: string, body: unknown): Promise<void>;
}

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
}

/** @param server instead of the kubeconfig's own: a kubelet, which knows the same authority */
export function clientOf(kubeconfigFile: string, server?: string): Client {
  const { clusters, users } = JSON.parse(readFileSync(kubeconfigFile, 'utf8')) as Kubeconfig;
  const decode = (data: string): Buffer => Buffer.from(data, 'base64');
  const { cluster } = clusters[0]!;
  const { user } = users[0]!;
  const tls = {
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
  };
  const ask = (method: string, path: string, timeout: number, body?: unknown): Promise<string> =>
    new Promise((resolve, reject) => {
      const headers = body === undefined ? {} : { 'content-type': 'application/strategic-merge-patch+json' };
      const url = new URL(path, server ?? cluster.server);
      const call = request(url, { ...tls, method, headers, signal: AbortSignal.timeout(timeout) }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (more: string) => (text += more));
        response.on('error', reject);
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) resolve(text);
          else reject(new Error(`${method} ${url.href}: ${status} ${text.slice(0, 300)}`));
        });
      });
      call.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
  return {
    async get<T>(path: string, timeout = 2000): Promise<T> {
      const text = await ask('GET', path, timeout);
      return (text.startsWith('{') ? JSON.parse(text) : text) as T;
    },
    async patch(path, body) {
      await ask('PATCH', path, 5000, body);
    },
  };
}
