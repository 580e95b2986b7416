/** Starts and stops an instance on its state. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { IMAGES } from '../build/images.ts';
import { clearGroups, firstOf, makeGroups, processesOf } from '../host/cgroups.ts';
import { connect, disconnect } from '../host/link.ts';
import { SOURCES } from '../host/paths.ts';
import type { Addresses } from './addresses.ts';

/** Folders out of the cache that an instance is made of. */
export interface Parts {
  /** {@link nodePackages} */
  readonly packages: string;
  /** {@link kube} */
  readonly kube: string;
}

/** The last lines of a log, as far as there is one. */
export function endOf(log: string): string {
  if (!existsSync(log)) return 'not there';
  return readFileSync(log, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(-3)
    .map((line) => line.slice(0, 400))
    .join('\n  ');
}

/** Waits until `find` gives something; the log tells why it does not. */
async function within<T>(ms: number, what: string, log: string, find: () => T | undefined): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`${what} within ${ms / 1000} s; the end of ${log}:\n  ${endOf(log)}`);
    await sleep(20);
  }
}

/**
 * Starts the first process in namespaces of its own and connects it. Ends before the cluster is ready. What ran there
 * before must have been stopped.
 */
export async function boot(state: string, addresses: Addresses, parts: Parts): Promise<void> {
  for (const folder of ['root', 'var', 'log']) mkdirSync(join(state, folder), { recursive: true });
  const log = join(state, 'log/init.log');
  const output = openSync(log, 'w');
  const namespaces = ['--net', '--mount', '--pid', '--cgroup', '--ipc', '--uts'];
  // The shell joins the groups before it becomes `unshare`, so that everything from here on is found in them.
  const script = `for group in ${makeGroups(addresses.name).join(' ')}; do echo $$ > "$group" || exit 1; done; exec "$@"`;
  const child = spawn(
    'sh',
    ['-c', script, 'sh', 'unshare', ...namespaces, '--fork', '--kill-child', 'bash', join(SOURCES, 'node/init.sh')],
    {
      detached: true,
      stdio: ['ignore', output, output],
      // Nothing of the caller's environment: it may hold credentials.
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        STATE: state,
        SOURCES,
        PACKAGES: parts.packages,
        KUBE: parts.kube,
        NODE: process.execPath,
        PAUSE_IMAGE: IMAGES.pause,
        NODE_IP: addresses.node,
        HOST_IP: addresses.host,
        PODS: addresses.pods,
        PODS_OF_NODE: addresses.podsOfNode,
        SERVICES: addresses.services,
        DNS_IP: addresses.dns,
      },
    },
  );
  child.unref();
  closeSync(output);
  const first = await within(5000, 'the first process did not start', log, () => firstOf(processesOf(addresses.name)));
  await connect(addresses, first.pid);
}

/** Kills the first process, and with it every other; removes what the kernel leaves. Fine on what does not run. */
export async function stop(addresses: Addresses): Promise<void> {
  await clearGroups(addresses.name);
  await disconnect(addresses);
}
