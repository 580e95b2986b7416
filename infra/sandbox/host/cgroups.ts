/** The control groups that hold an instance: one folder of its name in each hierarchy of the host. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Mount points out of `/proc/self/mountinfo`: cgroup v1's hierarchies, or the single one of v2 where there are none. */
export function hierarchiesIn(mountinfo: string): string[] {
  const mounts = mountinfo.split('\n').flatMap((line) => {
    const [before, after] = line.split(' - ');
    const [, , , root, point] = (before ?? '').split(' ');
    const type = after?.split(' ')[0];
    return point?.startsWith('/sys/fs/cgroup') && root === '/' ? [{ point, type }] : [];
  });
  const v1 = mounts.filter(({ type }) => type === 'cgroup');
  return (v1.length ? v1 : mounts.filter(({ type }) => type === 'cgroup2')).map(({ point }) => point);
}

const hierarchies = (): string[] => hierarchiesIn(readFileSync('/proc/self/mountinfo', 'utf8'));
const isV2 = (hierarchy: string): boolean => existsSync(join(hierarchy, 'cgroup.controllers'));

/** What one process weighs against others, by cgroup v1 and by v2. */
const ONE_PROCESS = { 'cpu.shares': 1024, 'cpu.weight': 100 } as const;

/**
 * Makes the groups, and gives for each the file that a process writes its number to in order to join.
 *
 * On v2 (untested here) processes live in a leaf below the instance's group, because a group with processes cannot hand
 * controllers on.
 *
 * @param weight how many processes of the host all of the instance counts for, where there is not enough processor for all
 */
export function makeGroups(name: string, weight = 1): string[] {
  return hierarchies().map((hierarchy) => {
    const group = join(hierarchy, name);
    const leaf = isV2(hierarchy) ? join(group, 'init') : group;
    mkdirSync(leaf, { recursive: true });
    for (const [file, one] of Object.entries(ONE_PROCESS)) {
      if (existsSync(join(group, file))) writeFileSync(join(group, file), String(one * weight));
    }
    // A cpuset without processors or memory takes nobody in.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (!isV2(hierarchy) && existsSync(join(group, file))) {
        writeFileSync(join(group, file), readFileSync(join(hierarchy, file)));
        writeFileSync(join(group, 'cgroup.clone_children'), '1');
      }
    }
    return join(leaf, 'cgroup.procs');
  });
}

/**
 * Makes a group that has the processor only while nobody else wants it; {@link clearGroups} ends it.
 *
 * @returns its folder; none where the host lets no such group be made: by cgroup v2, which is untested here, or without root
 */
export function makeIdleGroup(name: string): string | undefined {
  const hierarchy = hierarchies().find((folder) => existsSync(join(folder, 'cpu.shares')));
  if (hierarchy === undefined) return undefined;
  const group = join(hierarchy, name);
  try {
    mkdirSync(group, { recursive: true });
    // Older kernels have no idle groups; 2 is the least there, of 1024 that everybody else has.
    const [file, value] = existsSync(join(group, 'cpu.idle')) ? ['cpu.idle', '1'] : ['cpu.shares', '2'];
    writeFileSync(join(group, file), value);
    return group;
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code!)) return undefined;
    throw error;
  }
}

function groupsBelow(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch (error) {
    // Groups of pods come and go while we look.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return [...names.flatMap((name) => groupsBelow(join(folder, name))), folder];
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENODEV', 'ESRCH'].includes((error as NodeJS.ErrnoException).code!)) return '';
    throw error;
  }
}

export interface Process {
  readonly pid: number;
  readonly arguments: readonly string[];
  /** Its number in the innermost process namespace, and how many of these lie between it and the host's. */
  readonly inside: { readonly pid: number; readonly depth: number };
  /** The uid of the pod it belongs to, as its control group says. */
  readonly pod?: string;
}

const POD = /\/pod([0-9a-f-]{36})(?:\/|$)/;

/** Every live process of an instance, pods included, by the host's numbers. */
export function processesOf(name: string): Process[] {
  const pods = new Map<number, string | undefined>();
  for (const hierarchy of hierarchies()) {
    for (const group of groupsBelow(join(hierarchy, name))) {
      const pod = POD.exec(group)?.[1];
      for (const pid of readIfThere(join(group, 'cgroup.procs')).split('\n').filter(Boolean).map(Number)) {
        pods.set(pid, pods.get(pid) ?? pod);
      }
    }
  }
  return [...pods].flatMap(([pid, pod]) => {
    const status = readIfThere(`/proc/${pid}/status`);
    if (!status || /^State:\s+[ZX]/m.test(status)) return [];
    const numbers = /^NSpid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/).map(Number) ?? [pid];
    const args = readIfThere(`/proc/${pid}/cmdline`).split('\0').slice(0, -1);
    const inside = { pid: numbers.at(-1)!, depth: numbers.length - 1 };
    return [{ pid, arguments: args, inside, ...(pod !== undefined && { pod }) }];
  });
}

/** The process with which an instance lives and dies. */
export const firstOf = (processes: readonly Process[]): Process | undefined =>
  processes.find(({ inside }) => inside.pid === 1 && inside.depth === 1);

/** Kills every process of an instance, and removes its groups. Throws if one of them outlives it for ten seconds. */
export async function clearGroups(name: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const left = processesOf(name);
    // The first one takes the others along; what is not below it (a half-started launch) is killed one by one.
    for (const { pid } of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
    const busy: string[] = [];
    for (const group of hierarchies().flatMap((hierarchy) => groupsBelow(join(hierarchy, name)))) {
      try {
        rmdirSync(group);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') busy.push(group);
      }
    }
    if (!left.length && !busy.length) return;
    if (Date.now() > deadline) {
      throw new Error(
        `${name} does not end: processes ${left.map(({ pid }) => pid).join(' ') || 'none'}, groups ${busy.join(' ')}`,
      );
    }
    await sleep(50);
  }
}
