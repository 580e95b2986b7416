/**
 * The provider plugins of one instance. Each is looked for on its own, in this order:
 *
 * 1. what the user's Pulumi home already has;
 * 2. `$PULUMI_PLUGIN_DIR`, a folder of `pulumi-resource-<name>` files. It comes before the download, because whoever names
 *    a folder means it, and waiting for a download that cannot succeed would cost every machine that needs the folder;
 * 3. the download that any `pulumi` would make;
 * 4. the fallback in `infra/sandbox/providers/`.
 *
 * Whatever is found is put into the instance's own Pulumi home, never on PATH: there it would shadow the user's plugins.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CommandFailed, run } from '../host/run.ts';
import { say } from '../host/progress.ts';
import { CHECKOUT } from '../host/paths.ts';
import { fallbackArchive } from '../providers/index.ts';

/** How long a download may take. A machine without a way out fails sooner than that. */
const DOWNLOAD_MS = 120_000;

/** Where a plugin came from. The fallbacks serve the sandbox only. */
export type Source = 'home' | 'folder' | 'download' | 'fallback' | 'none';

export interface Wanted {
  readonly name: string;
  readonly version: string;
  /** No stack that is looked at uses it: taken where it is on this machine, else left out. */
  readonly optional: boolean;
}

export interface Lookup {
  /** The Pulumi home of the instance. */
  readonly home: string;
  /** The environment in which `pulumi` runs. */
  readonly env: Record<string, string>;
  /** The user's own Pulumi home. */
  readonly userHome?: string;
  /** `$PULUMI_PLUGIN_DIR` */
  readonly folder?: string | undefined;
  /** Take the fallbacks whatever else there is; `PLATFORM_PLUGINS=fallback`. */
  readonly forced?: boolean;
  /** Makes the download; another one in tests. */
  readonly download?: (plugin: Wanted, env: Record<string, string>) => Promise<void>;
}

/** Plugins that only some stacks use. What no stack here uses is looked for on this machine, and neither downloaded nor made. */
const SOME_STACKS: readonly string[] = ['aws', 'docker'];

/**
 * The plugins that the program's packages ask for, in the versions of those packages.
 *
 * @param needed which of those that only some stacks use are needed this time
 */
export function wantedPlugins(needed: readonly string[] = []): Wanted[] {
  return ['kubernetes', 'random', ...SOME_STACKS].map((name) => {
    const manifest = join(CHECKOUT, 'node_modules/@pulumi', name, 'package.json');
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
    return { name, version, optional: SOME_STACKS.includes(name) && !needed.includes(name) };
  });
}

const folderOf = (home: string, { name, version }: Wanted): string =>
  join(home, 'plugins', `resource-${name}-v${version}`);

const MARK = '.platform-source';

/** Puts links to these files where the engine looks for an installed plugin. */
function link(target: string, files: readonly (readonly [name: string, path: string])[], source: string): void {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const [name, path] of files) symlinkSync(path, join(target, name));
  writeFileSync(join(target, MARK), source);
}

async function download({ name, version }: Wanted, env: Record<string, string>): Promise<void> {
  await run(['pulumi', 'plugin', 'install', 'resource', name, version, '--non-interactive'], {
    env,
    timeout: DOWNLOAD_MS,
  });
}

/** Finds one plugin and installs it into the instance's home, unless it is there from an equally good place already. */
export async function installPlugin(wanted: Wanted, lookup: Lookup): Promise<Source> {
  const target = folderOf(lookup.home, wanted);
  const file = `pulumi-resource-${wanted.name}`;
  const mark = existsSync(join(target, MARK)) ? readFileSync(join(target, MARK), 'utf8') : '';

  if (!lookup.forced) {
    const theirs = folderOf(lookup.userHome ?? join(homedir(), '.pulumi'), wanted);
    if (theirs !== target && existsSync(join(theirs, file))) {
      const files = readdirSync(theirs).map((name) => [name, join(theirs, name)] as const);
      if (mark !== `home ${theirs}`) link(target, files, `home ${theirs}`);
      return 'home';
    }
    const named = lookup.folder ? join(lookup.folder, file) : undefined;
    if (named !== undefined && existsSync(named)) {
      if (mark !== `folder ${named}`) link(target, [[file, named]], `folder ${named}`);
      return 'folder';
    }
    // What an earlier command found stays, also where this one names no folder: plugins are not swapped unasked.
    if (existsSync(join(target, file)) && !mark.startsWith('fallback')) {
      return mark === '' ? 'download' : (mark.split(' ')[0] as Source);
    }
  }

  if (wanted.optional) return 'none';
  const archive = await fallbackArchive(wanted.name);
  // A download that failed is not tried again at every command; `make down` forgets it.
  if (archive !== undefined && mark === `fallback ${archive}`) return 'fallback';
  if (!lookup.forced && !mark.startsWith('fallback')) {
    try {
      rmSync(target, { recursive: true, force: true });
      await (lookup.download ?? download)(wanted, lookup.env);
      return 'download';
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      say(`  the official ${wanted.name} plugin ${wanted.version} cannot be downloaded from this machine`);
    }
  }
  if (archive === undefined) {
    throw new Error(
      `there is no ${wanted.name} plugin ${wanted.version}: put ${file} into a folder and name it in PULUMI_PLUGIN_DIR`,
    );
  }
  rmSync(target, { recursive: true, force: true });
  await run(
    ['pulumi', 'plugin', 'install', 'resource', wanted.name, wanted.version, '--file', archive, '--non-interactive'],
    { env: lookup.env },
  );
  chmodSync(join(target, file), 0o755);
  writeFileSync(join(target, MARK), `fallback ${archive}`);
  const use = SOME_STACKS.includes(wanted.name)
    ? 'which only plans and refuses everything else'
    : 'for the sandbox only';
  say(`  using this project's own small ${wanted.name} plugin, ${use}`);
  return 'fallback';
}

/** Installs every plugin the program asks for. @param needed see {@link wantedPlugins} */
export async function installPlugins(lookup: Lookup, needed?: readonly string[]): Promise<Record<string, Source>> {
  const sources: Record<string, Source> = {};
  for (const wanted of wantedPlugins(needed)) sources[wanted.name] = await installPlugin(wanted, lookup);
  return sources;
}
