/** The proxy, as a rollover needs it: told to read its files again, and asked which of its workers still finish what they began. */
import { setTimeout as sleep } from 'node:timers/promises';
import { unframed, type DockerClient } from '../gates/index.ts';
import { orNothing } from './fence.ts';

/** nginx's processes by number; the title says whether one takes requests or only finishes them. */
export interface Workers {
  readonly serving: readonly number[];
  readonly leaving: readonly number[];
}

/** Milliseconds for a reload to be taken up. Seen: 50 to 300. */
const RELOADS = 10_000;

/** One line a process: its number, and how it calls itself. */
const LIST = `for d in /proc/[0-9]*; do printf '%s ' "\${d#/proc/}"; tr '\\0' ' ' < "$d/cmdline" 2> /dev/null; echo; done`;

/** What {@link LIST} printed. Pure. */
export function workersIn(text: string): Workers {
  const numbers = (title: RegExp): number[] =>
    text.split('\n').flatMap((line) => {
      const [, number, name = ''] = /^(\d+) (.*)$/.exec(line) ?? [];
      return number !== undefined && title.test(name) ? [Number(number)] : [];
    });
  return {
    serving: numbers(/^nginx: worker process\s*$/),
    leaving: numbers(/^nginx: worker process is shutting down/),
  };
}

/** Whether the proxy's container is there and runs. */
export async function runs(client: DockerClient, container: string): Promise<boolean> {
  const seen = await orNothing(client.json<{ State: { Running: boolean } }>('GET', `/containers/${container}/json`));
  return seen?.State.Running === true;
}

/** Runs a command in a container. @throws with what it printed, when it fails */
async function inside(client: DockerClient, container: string, command: readonly string[]): Promise<string> {
  const { Id } = await client.json<{ Id: string }>('POST', `/containers/${container}/exec`, {
    body: { AttachStdout: true, AttachStderr: true, Cmd: command },
  });
  const output = unframed(await client.bytes('POST', `/exec/${Id}/start`, { body: { Detach: false, Tty: false } }));
  const { ExitCode } = await client.json<{ ExitCode: number }>('GET', `/exec/${Id}/json`);
  if (ExitCode !== 0) {
    throw new Error(`${command.join(' ')} in ${container} ended with ${ExitCode}: ${output.trim().slice(-300)}`);
  }
  return output;
}

export const workers = async (client: DockerClient, container: string): Promise<Workers> =>
  workersIn(await inside(client, container, ['sh', '-c', LIST]));

/**
 * Has the proxy read its files, and waits until no worker of before takes requests any more.
 *
 * @throws with nginx's own words when it refuses what it reads: then it goes on with what it had
 */
export async function reload(client: DockerClient, container: string): Promise<void> {
  await inside(client, container, ['nginx', '-t', '-q']);
  const before = new Set((await workers(client, container)).serving);
  await inside(client, container, ['nginx', '-s', 'reload']);
  const end = Date.now() + RELOADS;
  for (;;) {
    const { serving } = await workers(client, container);
    if (serving.length > 0 && !serving.some((number) => before.has(number))) return;
    if (Date.now() > end) throw new Error(`${container} has not taken up its new configuration in ${RELOADS / 1000} s`);
    await sleep(100);
  }
}
