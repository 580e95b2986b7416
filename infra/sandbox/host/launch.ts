/** Starts the first process of an instance in namespaces of its own, found again by its control groups. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { firstOf, makeGroups, processesOf, type Process } from './cgroups.ts';
import { SOURCES } from './paths.ts';

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
 * Starts `script` (of this sandbox's sources) as the first process of new namespaces: network, mounts, processes, control
 * groups, IPC, names. It lives on without its caller. What ran under this name before must have been stopped.
 *
 * @param name of the control groups
 * @param state the folder that the instance may write to; the script's output is in its `log/init.log`
 * @param env all of its environment besides PATH, STATE and SOURCES: nothing of the caller's, which may hold credentials
 * @param weight how many processes of the host it counts for, where there is not enough processor for all
 */
export async function launch(
  name: string,
  state: string,
  script: string,
  env: Readonly<Record<string, string>>,
  weight = 1,
): Promise<Process> {
  for (const folder of ['root', 'var', 'log']) mkdirSync(join(state, folder), { recursive: true });
  const log = join(state, 'log/init.log');
  const output = openSync(log, 'w');
  const namespaces = ['--net', '--mount', '--pid', '--cgroup', '--ipc', '--uts'];
  // The shell joins the groups before it becomes `unshare`, so that everything from here on is found in them.
  const joining = `for group in ${makeGroups(name, weight).join(' ')}; do echo $$ > "$group" || exit 1; done; exec "$@"`;
  const child = spawn(
    'sh',
    ['-c', joining, 'sh', 'unshare', ...namespaces, '--fork', '--kill-child', 'bash', join(SOURCES, script)],
    {
      detached: true,
      stdio: ['ignore', output, output],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', STATE: state, SOURCES, ...env },
    },
  );
  child.unref();
  closeSync(output);
  return within(5000, 'the first process did not start', log, () => firstOf(processesOf(name)));
}
