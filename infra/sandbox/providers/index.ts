/** The fallback plugins as the engine installs them: one archive each, with the launcher at its root. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { artifact, keyOf } from '../host/cache.ts';
import { run } from '../host/run.ts';

/** The files of one folder here, by their path below this one. */
const sourcesBelow = (folder: string): string[] =>
  readdirSync(join(import.meta.dirname, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(import.meta.dirname, join(entry.parentPath, entry.name)))
    .toSorted();

/**
 * The archive of a fallback plugin, packed once per content.
 *
 * @returns its path, or nothing when there is no fallback of that name
 */
export async function fallbackArchive(name: string): Promise<string | undefined> {
  const here = import.meta.dirname;
  const launcher = `pulumi-resource-${name}`;
  if (!existsSync(join(here, launcher))) return undefined;
  // Unpacked, the sources have no package.json above them that would call them ES modules.
  const files = [launcher, 'package.json', ...sourcesBelow(name), ...sourcesBelow('shared')];
  const key = keyOf(...files.flatMap((file) => [file, readFileSync(join(here, file), 'utf8')]));
  const built = await artifact(`plugin-${name}`, key, async (folder) => {
    await run(['tar', '-czf', join(folder, 'plugin.tar.gz'), '-C', here, ...files]);
  });
  return join(built, 'plugin.tar.gz');
}
