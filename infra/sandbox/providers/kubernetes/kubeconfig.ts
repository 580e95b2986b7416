/** Where the cluster is and how to sign in, out of a kubeconfig; and whether this plugin may touch it. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseYaml } from '../shared/proto.ts';

export interface Choice {
  /** A path, or the text itself. Default: `$KUBECONFIG`, then `~/.kube/config`. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly cluster?: string | undefined;
}

export interface Access {
  /** The name of the chosen context. */
  readonly context: string;
  readonly server: URL;
  readonly token?: string;
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly insecure: boolean;
  readonly servername?: string;
}

type Entry = Record<string, unknown>;

interface KubeConfig {
  readonly 'current-context'?: string;
  readonly contexts?: readonly { readonly name: string; readonly context: { cluster: string; user: string } }[];
  readonly clusters?: readonly { readonly name: string; readonly cluster: Entry }[];
  readonly users?: readonly { readonly name: string; readonly user: Entry }[];
}

const text = (entry: Entry, key: string): string | undefined => {
  const value = entry[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** @throws when a part that is named is not there, or signing in takes more than a token or a certificate */
export function accessOf(choice: Choice): Access {
  const source = choice.kubeconfig || process.env.KUBECONFIG?.split(':')[0] || join(homedir(), '.kube/config');
  const isFile = existsSync(source);
  if (!isFile && !/[\n{]/.test(source)) throw new Error(`there is no kubeconfig at ${source}: set KUBECONFIG`);
  const config = parseYaml(isFile ? readFileSync(source, 'utf8') : source) as KubeConfig;

  const named = <T extends { readonly name: string }>(
    list: readonly T[] | undefined,
    name: string,
    what: string,
  ): T => {
    const found = list?.find((entry) => entry.name === name);
    if (!found) throw new Error(`${isFile ? source : 'the kubeconfig'} has no ${what} named "${name}"`);
    return found;
  };
  const { name, context } = named(config.contexts, choice.context || (config['current-context'] ?? ''), 'context');
  const { cluster } = named(config.clusters, choice.cluster || context.cluster, 'cluster');
  const { user } = named(config.users, context.user, 'user');
  if (user.exec !== undefined || user['auth-provider'] !== undefined) {
    throw new Error('the fallback kubernetes plugin signs in with a token or a certificate only');
  }

  const bytes = (entry: Entry, key: string): Buffer | undefined => {
    const [data, path] = [text(entry, `${key}-data`), text(entry, key)];
    if (data !== undefined) return Buffer.from(data, 'base64');
    return path === undefined ? undefined : readFileSync(resolve(isFile ? dirname(source) : '.', path));
  };
  const tokenFile = text(user, 'tokenFile');
  const token = text(user, 'token') ?? (tokenFile && readFileSync(tokenFile, 'utf8').trim());
  const server = text(cluster, 'server');
  if (server === undefined) throw new Error(`${isFile ? source : 'the kubeconfig'} names no server for "${name}"`);
  const [ca, cert, key] = [
    bytes(cluster, 'certificate-authority'),
    bytes(user, 'client-certificate'),
    bytes(user, 'client-key'),
  ];
  const servername = text(cluster, 'tls-server-name');
  return {
    context: name,
    server: new URL(server),
    insecure: cluster['insecure-skip-tls-verify'] === true,
    ...(token && { token }),
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(servername !== undefined && { servername }),
  };
}

const SANDBOX = /^(10\.199\.\d+\.\d+|127\.\d+\.\d+\.\d+|localhost|\[::1\])$/;

/**
 * Keeps this plugin away from anybody's real cluster: it is small, and not what a production is to depend on.
 *
 * @throws unless the context is the sandbox's own, or `ALLOW_FALLBACK=1`
 */
export function refuseOthers({ context, server }: Access): void {
  if (process.env.ALLOW_FALLBACK === '1' || (context === 'sandbox' && SANDBOX.test(server.hostname))) return;
  throw new Error(
    `the fallback kubernetes plugin serves the sandbox only, not the context "${context}" at ${server.host}: ` +
      'install the official plugin (`pulumi plugin install resource kubernetes`), or set ALLOW_FALLBACK=1',
  );
}
