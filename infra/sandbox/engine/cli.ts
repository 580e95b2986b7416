/** The Pulumi CLI: the user's own where it is complete, else the one built from its Go module. */
import { constants, copyFileSync, existsSync, linkSync, realpathSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { artifact, keyOf } from '../host/cache.ts';
import { CACHE, CHECKOUT, SOURCES } from '../host/paths.ts';

const HOSTS = ['pulumi-language-nodejs', 'pulumi-resource-pulumi-nodejs', 'pulumi-analyzer-policy'] as const;

/** The first file of this name on a search path. */
const onPath = (name: string, path: string): string | undefined =>
  path
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(existsSync);

/**
 * The folder of a `pulumi` on the search path that has its own language host, beside it or on the same path. One that we
 * made does not count: it may belong to another checkout.
 */
export function completeCli(path: string): string | undefined {
  const pulumi = onPath('pulumi', path);
  if (pulumi === undefined || realpathSync(pulumi).startsWith(`${CACHE}/`)) return undefined;
  const host = 'pulumi-language-nodejs';
  return existsSync(join(dirname(realpathSync(pulumi)), host)) || onPath(host, path) !== undefined
    ? dirname(pulumi)
    : undefined;
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
