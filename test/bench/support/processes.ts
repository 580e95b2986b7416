/** Which processes an engine has, and who of them outlives it. */
import { readdirSync, readFileSync } from 'node:fs';

interface Entry {
  readonly pid: number;
  readonly parent: number;
  /** When it was started, in ticks: a number that is used again is another process. */
  readonly started: string;
  readonly command: string;
}

function entry(pid: number): Entry | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { pid, parent: Number(fields[1]), started: fields[19]!, command };
  } catch {
    return undefined; // It has just ended.
  }
}

const all = (): Entry[] =>
  readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (entry(Number(name)) ?? []) : []));

export type Descendant = Entry;

/** All that a process has started, and what these have. */
export function below(pid: number): Descendant[] {
  const entries = all();
  const found: Entry[] = [];
  for (let line = [pid]; line.length > 0;) {
    const next = entries.filter(({ parent }) => line.includes(parent));
    found.push(...next);
    line = next.map((one) => one.pid);
  }
  return found;
}

export const isAlive = ({ pid, started }: Descendant): boolean => entry(pid)?.started === started;

/** What a person would call it. */
export function kindOf({ command }: Descendant): string {
  if (/dynamic-provider|pulumi-resource-pulumi-nodejs/.test(command)) return 'provider host';
  if (/hosts\/language\.ts/.test(command)) return 'language host';
  if (/cmd\/run/.test(command)) return 'program';
  return /pulumi-resource-[a-z]+/.exec(command)?.[0] ?? command.slice(0, 40);
}

/** Processes of the app whose environment says that they are this version. */
export function appsOf(version: string): number[] {
  return all().flatMap(({ pid, command }) => {
    if (!command.endsWith('/app/app.mjs')) return [];
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      return environment.includes(`VERSION=${version}`) ? [pid] : [];
    } catch {
      return [];
    }
  });
}

/**
 * From now on every process of the app in this version answers with errors alone, those that are still to start too.
 *
 * @returns ends that for those that start later
 */
export function turnBad(version: string): () => void {
  const turn = (): void => {
    for (const pid of appsOf(version)) {
      try {
        // The first process of a container does not get a signal that it does not listen to yet: it is told again.
        process.kill(pid, 'SIGUSR2');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  };
  turn();
  const timer = setInterval(turn, 250);
  return () => clearInterval(timer);
}
