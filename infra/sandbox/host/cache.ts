/**
 * The cache of built and unpacked things: one folder an artifact, named after what it was made from. A folder is either
 * whole or absent, so an interrupted build is simply begun again (the compilers' own caches keep what was compiled).
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { locked } from './lock.ts';
import { CACHE } from './paths.ts';
import { step } from './progress.ts';

/** A short name for what an artifact depends on: versions, the contents of its sources, its build flags. */
export function keyOf(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return hash.digest('hex').slice(0, 12);
}

/** Where an artifact lies, or will. */
export const folderOf = (name: string, key: string): string => join(CACHE, `${name}-${key}`);

/** A file to lock for something of this name, whatever checkout asks. */
export function lockFile(name: string): string {
  const locks = join(CACHE, '.locks');
  mkdirSync(locks, { recursive: true });
  return join(locks, name);
}

/**
 * The folder of an artifact, built first if it is not there.
 *
 * @param name what it is, for people: `kube`, `image-postgres`
 * @param key what it depends on, from {@link keyOf}; another key is another folder
 * @param build fills the empty folder it is given; what it throws leaves nothing behind
 */
export async function artifact(name: string, key: string, build: (dir: string) => Promise<void>): Promise<string> {
  const dir = folderOf(name, key);
  if (existsSync(dir)) return dir;
  return locked(lockFile(`${name}-${key}`), async () => {
    if (existsSync(dir)) return dir;
    const unfinished = `${dir}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished);
    try {
      await step(`build ${name}`, () => build(unfinished));
    } catch (error) {
      rmSync(unfinished, { recursive: true, force: true });
      throw error;
    }
    renameSync(unfinished, dir);
    return dir;
  });
}
