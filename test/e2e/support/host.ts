/** What a sandbox could leave on the host, as one listing: links, routes, packet filter, mounts, control groups, settings. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodePackages } from '../../../infra/sandbox/build/index.ts';
import { hierarchiesIn } from '../../../infra/sandbox/host/cgroups.ts';
import { run } from '../../../infra/sandbox/host/run.ts';

/** Settings of the kernel that move by themselves. */
const MOVING =
  /random\/|quota\/|ns_last_pid|nf_conntrack_count|dentry|inode|file-nr|pty\/nr|aio-nr|sched_domain|pid_max|seccomp|max_lock_depth/;

function settings(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return settings(path);
    if (MOVING.test(path)) return [];
    try {
      return [`setting ${path} ${readFileSync(path, 'utf8').trim()}`];
    } catch {
      // Some can only be written, some only be read where a device is.
      return [];
    }
  });
}

/** @param others names of sandboxes that are none of the test's business; what mentions them is left out */
export async function listing(others: ReadonlySet<string>): Promise<string[]> {
  const packages = await nodePackages();
  const libraries = join(packages, 'usr/lib/x86_64-linux-gnu');
  const mountinfo = readFileSync('/proc/self/mountinfo', 'utf8');
  const lines = (kind: string, text: string): string[] => text.split('\n').map((line) => `${kind} ${line.trim()}`);
  const groups = await run(['find', ...hierarchiesIn(mountinfo), '-type', 'd']);
  const all = [
    ...lines('link', await run(['sh', '-c', 'ip -o link | cut -d" " -f2'])),
    ...lines('route', await run(['ip', 'route', 'show', 'table', 'all'])),
    ...lines('rule', await run(['ip', 'rule'])),
    ...lines(
      'filter',
      await run([join(packages, 'usr/sbin/nft'), 'list', 'ruleset'], { env: { LD_LIBRARY_PATH: libraries } }),
    ),
    ...lines('mount', mountinfo),
    ...lines('group', groups),
    ...lines('file', readdirSync('/run/lock').join('\n')),
    ...['kernel', 'vm', 'net', 'fs', 'user'].flatMap((part) => settings(join('/proc/sys', part))),
  ];
  const foreign = [...others].map((name) => new RegExp(`\\b${name}\\b`));
  return all.filter((line) => !foreign.some((name) => name.test(line))).sort();
}

/** Names of the sandboxes on this host right now. */
export async function sandboxes(): Promise<Set<string>> {
  return new Set([...(await run(['ip', '-o', 'link'])).matchAll(/ (sbx\d+)[@:]/g)].map(([, name]) => name!));
}
