/** What the packages below a program say about themselves. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly pulumi?: {
    readonly resource?: boolean;
    readonly name?: string;
    readonly version?: string;
    readonly server?: string;
  };
}

/** A provider plugin that a package asks for. */
export interface RequiredPlugin {
  readonly name: string;
  readonly version: string;
  /** Where it is downloaded from, if not from the usual place. */
  readonly server?: string;
}

const manifestOf = (folder: string): Manifest | undefined => {
  const file = join(folder, 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Manifest) : undefined;
};

/** The folder itself and every one above it. */
function* upwards(folder: string): Generator<string> {
  for (let at = folder; ; at = dirname(at)) {
    yield at;
    if (dirname(at) === at) return;
  }
}

/** The installed packages that a program in this folder can import, nearest first. */
function* installed(folder: string): Generator<Manifest> {
  for (const at of upwards(folder)) {
    const modules = join(at, 'node_modules');
    if (!existsSync(modules)) continue;
    for (const entry of readdirSync(modules)) {
      const names = entry.startsWith('@')
        ? readdirSync(join(modules, entry)).map((name) => join(entry, name))
        : [entry];
      for (const name of names) {
        const manifest = name.startsWith('.') ? undefined : manifestOf(join(modules, name));
        if (manifest) yield manifest;
      }
    }
  }
}

/** The provider plugins that the installed packages name in the `pulumi` field of their package.json. */
export function requiredPlugins(programDirectory: string): RequiredPlugin[] {
  const found = new Map<string, RequiredPlugin>();
  for (const { name, version, pulumi } of installed(programDirectory)) {
    if (!pulumi?.resource) continue;
    const plugin = pulumi.name ?? name?.replace(/^@pulumi\//, '');
    const wanted = pulumi.version ?? version;
    if (!plugin || !wanted || found.has(plugin)) continue;
    found.set(plugin, { name: plugin, version: wanted, ...(pulumi.server && { server: pulumi.server }) });
  }
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The installed versions of what the program depends on.
 *
 * @param transitive also of what its dependencies depend on
 */
export function dependencies(programDirectory: string, transitive: boolean): { name: string; version: string }[] {
  const home = [...upwards(programDirectory)].map(manifestOf).find((manifest) => manifest !== undefined);
  const direct = new Set(Object.keys({ ...home?.dependencies, ...home?.devDependencies }));
  const found = new Map<string, string>();
  for (const { name, version } of installed(programDirectory)) {
    if (name && version && (transitive || direct.has(name)) && !found.has(name)) found.set(name, version);
  }
  return [...found].map(([name, version]) => ({ name, version })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
