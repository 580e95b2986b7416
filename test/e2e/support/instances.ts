/** Questions to instances of the sandbox that the tests bring up for themselves. */
import { request } from 'node:https';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstOf, processesOf, type Process } from '../../../infra/sandbox/host/cgroups.ts';
import { run } from '../../../infra/sandbox/host/run.ts';
import type { Instance } from '../../../infra/sandbox/instance.ts';
import { inside } from '../../../infra/sandbox/node/addons.ts';

export const kubectl = (
  { programs, kubeconfig }: Pick<Instance, 'programs' | 'kubeconfig'>,
  args: readonly string[],
  input?: object,
): Promise<string> =>
  run([join(programs, 'kubectl'), `--kubeconfig=${kubeconfig}`, ...args], {
    timeout: 120_000,
    ...(input && { input: JSON.stringify(input) }),
  });

/** Runs a command on the node. */
export const onNode = ({ addresses }: Instance, ...command: readonly string[]): Promise<string> =>
  run(inside(addresses, command));

/** The live processes whose program, or whose first arguments, match. */
export function find({ addresses }: Instance, what: RegExp): Process[] {
  return processesOf(addresses.name).filter(({ arguments: args }) => what.test(args.slice(0, 3).join(' ')));
}

export const first = ({ addresses }: Instance): Process | undefined => firstOf(processesOf(addresses.name));

/** The addresses somebody listens on for TCP in the node's network namespace, as `address:port`. */
export async function listeners(instance: Instance): Promise<string[]> {
  const table = await onNode(instance, 'cat', '/proc/net/tcp', '/proc/net/tcp6');
  return table.split('\n').flatMap((line) => {
    const [, local, , state] = line.trim().split(/\s+/);
    const [address, port] = (local ?? '').split(':');
    if (state !== '0A' || !address || !port) return [];
    const bytes = address.match(/../g)!.map((byte) => Number.parseInt(byte, 16));
    const text = bytes.length === 4 ? bytes.toReversed().join('.') : `[${address}]`;
    return [`${text}:${Number.parseInt(port, 16)}`];
  });
}

export interface Credentials {
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** The status that a server of the instance answers, its certificate checked against the instance's authority. */
export function statusOf({ state }: Instance, url: string, { token, cert, key }: Credentials = {}): Promise<number> {
  const options = {
    ca: readFileSync(join(state, 'pki/ca.crt')),
    ...(cert && { cert: readFileSync(cert) }),
    ...(key && { key: readFileSync(key) }),
    ...(token && { headers: { authorization: `Bearer ${token}` } }),
    timeout: 5000,
  };
  return new Promise((resolve, reject) => {
    request(url, options, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}
