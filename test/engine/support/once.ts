/**
 * What several test files look at and none of them changes, made once a run: the plans of the stacks. `node test/run.ts test`
 * names a folder for it in `PLATFORM_PLANS` and removes it at the end; a file that is run alone makes its own, in its process.
 */
import { globSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyOf } from '../../../infra/sandbox/host/cache.ts';
import { locked } from '../../../infra/sandbox/host/lock.ts';
import { CHECKOUT } from '../../../infra/sandbox/host/paths.ts';

/** Everything that a plan is made from: another content is another plan. */
const SOURCES = ['Pulumi*.yaml', 'index.mjs', 'package-lock.json', '{components,infra,stacks}/**/*'] as const;

let treeKey: string | undefined;
function keyOfTree(): string {
  treeKey ??= keyOf(
    ...globSync(SOURCES, { cwd: CHECKOUT, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted()
      .flatMap((file) => [file, readFileSync(file, 'utf8')]),
  );
  return treeKey;
}

const made = new Map<string, Promise<unknown>>();

async function fromFolder<T>(folder: string, name: string, make: () => Promise<T>): Promise<T> {
  const file = join(folder, `${name}-${keyOfTree()}.json`);
  mkdirSync(folder, { recursive: true });
  const read = (): T => JSON.parse(readFileSync(file, 'utf8')) as T;
  if (existsSync(file)) return read();
  // Two files of tests run at a time: the second waits for what the first is making.
  return locked(`${file}.lock`, async () => {
    if (existsSync(file)) return read();
    const content = await make();
    writeFileSync(`${file}.unfinished`, JSON.stringify(content), { mode: 0o600 });
    renameSync(`${file}.unfinished`, file);
    return content;
  });
}

/**
 * What `make` gives, made once a run.
 *
 * @param name of it, as the name of a file; what it gives has to be plain JSON
 */
export function oncePerRun<T>(name: string, make: () => Promise<T>): Promise<T> {
  const folder = process.env.PLATFORM_PLANS;
  const found = made.get(name) ?? (folder === undefined || folder === '' ? make() : fromFolder(folder, name, make));
  made.set(name, found);
  return found as Promise<T>;
}
