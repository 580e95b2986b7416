/** Requests to the API server with a client certificate, as much as watching needs. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';

/**
 * Opens `path` and gives the response, its body still unread.
 *
 * @param silence after so many milliseconds without a byte the connection counts as dead: the request, or the reading of
 *   its body, throws
 * @throws on every status but 200
 */
export type Get = (path: string, silence: number) => Promise<IncomingMessage>;

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: { server: string; 'certificate-authority-data': string } }[];
  readonly users: readonly { readonly user: { 'client-certificate-data': string; 'client-key-data': string } }[];
}

/** @param file a kubeconfig in JSON, with one cluster and one user, certificates embedded */
export function apiOf(file: string): Get {
  const { clusters, users } = JSON.parse(readFileSync(file, 'utf8')) as Kubeconfig;
  const [{ cluster }, { user }] = [clusters[0]!, users[0]!];
  const decode = (data: string): Buffer => Buffer.from(data, 'base64');
  const options = {
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
    // A connection of its own for each request: one that died is never handed to the next.
    agent: false,
  };
  return (path, silence) =>
    new Promise((resolve, reject) => {
      let body: IncomingMessage | undefined;
      const call = request(new URL(path, cluster.server), options, (response) => {
        if (response.statusCode === 200) {
          body = response;
          resolve(response);
        } else {
          response.resume();
          reject(new Error(`${path}: HTTP ${response.statusCode ?? 0}`));
        }
      });
      call.setTimeout(silence, () => {
        const error = new Error(`${path}: nothing came for ${silence / 1000} s`);
        // Whoever reads the body is told; before there is one, whoever waits for it.
        if (body) body.destroy(error);
        else call.destroy(error);
      });
      call.on('error', reject).end();
    });
}
