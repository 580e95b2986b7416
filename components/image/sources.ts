/** What an image is made of, as one hash: every file that the build can see, the recipe, and what it is told. */
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, posix } from 'node:path';

/** A pattern of `.dockerignore` as an expression over paths from the context's root; below a folder that it names, too. */
function expression(pattern: string): RegExp {
  const text = posix.normalize(pattern).replace(/^\/+/, '').replace(/\/+$/, '');
  const parts = text.split(/(\*\*\/?|\*|\?)/).map((part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    return part === '?' ? '[^/]' : part.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}(?:/.*)?$`);
}

/** Whether `.dockerignore` keeps a path from the build; the last line that fits decides. */
export function ignores(text: string): (path: string) => boolean {
  const rules = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => (line.startsWith('!') ? { out: false, at: line.slice(1) } : { out: true, at: line }))
    .map(({ out, at }) => ({ out, fits: expression(at.trim()) }));
  return (path) => rules.findLast(({ fits }) => fits.test(path))?.out ?? false;
}

/** Paths from the context's root of what the build can see, in order. */
export function visible(context: string): string[] {
  const file = join(context, '.dockerignore');
  const ignored = ignores(existsSync(file) ? readFileSync(file, 'utf8') : '');
  return readdirSync(context, { recursive: true, encoding: 'utf8' })
    .filter((path) => !lstatSync(join(context, path)).isDirectory() && !ignored(path))
    .toSorted();
}

/**
 * The hash. The same files give the same one on every machine: names, contents, who may execute; not times, not owners.
 *
 * @param told whatever else decides: the recipe's text, arguments, stage, platform
 */
export function sourcesOf(context: string, told: readonly string[]): string {
  const hash = createHash('sha256');
  const add = (part: string | Buffer): void => {
    hash.update(`${part.length}:`).update(part);
  };
  for (const part of told) add(part);
  for (const path of visible(context)) {
    const file = join(context, path);
    const stat = lstatSync(file);
    add(path);
    add(stat.isSymbolicLink() ? `-> ${readlinkSync(file)}` : (stat.mode & 0o111) === 0 ? 'file' : 'program');
    if (stat.isFile()) add(readFileSync(file));
  }
  return hash.digest('hex');
}
