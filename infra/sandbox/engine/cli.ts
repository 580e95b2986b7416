/** The Pulumi CLI: the user's own where it is complete, else the one built from its Go module. */
import { execFileSync } from 'node:child_process';
import { constants, copyFileSync, existsSync, linkSync, realpathSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { artifact, keyOf } from '../host/cache.ts';
import versions from '../build/versions.ts';
import { CACHE, CHECKOUT, SOURCES } from '../host/paths.ts';
import { say } from '../host/progress.ts';

const HOSTS = ['pulumi-language-nodejs', 'pulumi-resource-pulumi-nodejs', 'pulumi-analyzer-policy'] as const;

/** The first file of this name on a search path. */
const onPath = (name: string, path: string): string | undefined =>
  path
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(existsSync);

const real = (path: string): string => (existsSync(path) ? realpathSync(path) : path);

const numbers = (version: string): number[] => version.replace(/^v/, '').split(/[.-]/).slice(0, 3).map(Number);

/** Whether a version is at least another one; anything that is no version is not. */
export function isAtLeast(version: string, least: string): boolean {
  const [a, b] = [numbers(version), numbers(least)];
  const at = a.findIndex((part, index) => part !== b[index]);
  return at === -1 || a[at]! > b[at]!;
}

/**
 * The folder of a `pulumi` on the search path that has its own language host, beside it or on the same path. One that we
 * made does not count: it may belong to another checkout. Neither does one that is older than the SDK of this project,
 * because an older engine overlooks what the SDK asks of it.
 */
export function completeCli(path: string): string | undefined {
  const pulumi = onPath('pulumi', path);
  if (pulumi === undefined || realpathSync(pulumi).startsWith(`${real(CACHE)}/`)) return undefined;
  const host = 'pulumi-language-nodejs';
  if (!existsSync(join(dirname(realpathSync(pulumi)), host)) && onPath(host, path) === undefined) return undefined;
  const version = execFileSync(pulumi, ['version'], { encoding: 'utf8' }).trim();
  if (isAtLeast(version, versions.pulumi)) return dirname(pulumi);
  say(`  ${pulumi} is ${version}, older than ${versions.pulumi}: this project uses one of its own`);
  return undefined;
}

/**
 * A folder that holds the built CLI with our hosts beside it. The engine warns, at every command, of a host that lies
 * anywhere else than beside the file it was started from, symbolic links resolved; hence the hard link.
 */
export function bundle(pulumi: string): Promise<string> {
  return artifact('engine', keyOf(pulumi, CHECKOUT), (folder) => {
    try {
      linkSync(pulumi, join(folder, 'pulumi'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
      copyFileSync(pulumi, join(folder, 'pulumi'), constants.COPYFILE_FICLONE);
    }
    for (const host of HOSTS) symlinkSync(join(SOURCES, 'engine/hosts', host), join(folder, host));
    return Promise.resolve();
  });
}
