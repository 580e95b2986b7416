/** The deployed platform that the end-to-end tests look at: `make test`'s own, or else the one of this checkout. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Deployed } from '../../../infra/sandbox/deploy.ts';
import { CHECKOUT, STATE } from '../../../infra/sandbox/host/paths.ts';
import { run } from '../../../infra/sandbox/host/run.ts';

const file = process.env.PLATFORM_E2E ?? join(STATE, 'platform.json');

export const platform = JSON.parse(readFileSync(file, 'utf8')) as Deployed;

/** The environment under which `make` and its verbs mean this platform. */
export const env = { PLATFORM_SANDBOX: platform.state, PLATFORM_E2E: file };

export const make = (verb: string, ...variables: readonly string[]): Promise<string> =>
  run(['make', '--silent', '--no-print-directory', verb, ...variables], { cwd: CHECKOUT, env });

/** The environment of `make env`: this platform's engine, cluster and backend. */
export async function shell(): Promise<Record<string, string>> {
  const exports = await make('env');
  const names = [...exports.matchAll(/^export (\w+)=/gm)].map((hit) => hit[1]!);
  const values = await run([
    'bash',
    '-c',
    `${exports}\nfor name in ${names.join(' ')}; do printf '%s\\0' "\${!name}"; done`,
  ]);
  return Object.fromEntries(names.map((name, index) => [name, values.split('\0')[index]!]));
}

let cached: Promise<Record<string, string>> | undefined;

/** Runs a command in the shell that `make env` gives. */
export async function inShell(command: readonly string[], timeout = 240_000): Promise<string> {
  cached ??= shell();
  return run(command, { cwd: CHECKOUT, env: await cached, timeout });
}

export const kubectl = (...args: readonly string[]): Promise<string> => inShell(['kubectl', ...args]);

/** Live objects as JSON. */
export async function live<T>(...args: readonly string[]): Promise<T> {
  return JSON.parse(await kubectl('get', ...args, '--output=json')) as T;
}

export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels: Record<string, string>;
    readonly annotations?: Record<string, string>;
    readonly deletionTimestamp?: string;
  };
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly containerStatuses?: readonly { readonly restartCount: number; readonly ready: boolean }[];
  };
}

/** The pods of the platform that are not leaving, by the name of their component. */
export async function pods(namespace = platform.namespace): Promise<Map<string, Pod[]>> {
  const { items } = await live<{ items: Pod[] }>('pods', '--namespace', namespace);
  return Map.groupBy(
    items.filter((pod) => pod.metadata.deletionTimestamp === undefined),
    (pod) => pod.metadata.labels['app.kubernetes.io/name'] ?? pod.metadata.name,
  );
}
