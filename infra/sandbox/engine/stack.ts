/** A stack on the instance's file backend: created without a question, mended after a kill, configured beside the checkout. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { CHECKOUT } from '../host/paths.ts';
import { say } from '../host/progress.ts';
import { run } from '../host/run.ts';
import { readYaml } from '../host/yaml.ts';

type Yaml = Record<string, unknown>;

export interface StackOptions {
  /** The state folder that {@link engineEnv} was given. */
  readonly state: string;
  /** What {@link engineEnv} gave. */
  readonly env: Record<string, string>;
  readonly stack: string;
  /** The folder of Pulumi.yaml. Default: this checkout. */
  readonly project?: string;
  /**
   * Laid over the `config` of the tree's file, key by key and maps within maps: `{ 'platform:api': { port: 1 } }`.
   * Default: those of the last time.
   */
  readonly overrides?: Yaml;
}

const isMap = (value: unknown): value is Yaml => value !== null && typeof value === 'object' && !Array.isArray(value);

function overlay(under: Yaml, over: Yaml): Yaml {
  const merged = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = under[key];
    // Takes away what lies below.
    if (value === null) Reflect.deleteProperty(merged, key);
    else merged[key] = isMap(below) && isMap(value) ? overlay(below, value) : value;
  }
  return merged;
}

/** A project of the same name outside the checkout: `pulumi stack init` writes the salt beside the Pulumi.yaml it runs in. */
const shadowOf = (state: string): string => join(state, 'pulumi/project');

export const stackFile = (state: string, project: string, stack: string): string =>
  join(state, 'pulumi/backend/.pulumi/stacks', project, `${stack}.json`);

/**
 * Writes the configuration of a stack into the state folder: the tree's own file, the encryption salt of this instance,
 * and the overrides. The checkout stays clean.
 *
 * @returns the file's path
 */
export function stackConfigFile({ state, stack, project = CHECKOUT, overrides }: Omit<StackOptions, 'env'>): string {
  const name = `Pulumi.${stack}.yaml`;
  const [file, shadow] = [join(state, name), shadowOf(state)];
  const kept = join(shadow, `overrides.${stack}.yaml`);
  if (overrides !== undefined) {
    mkdirSync(shadow, { recursive: true });
    writeFileSync(kept, dump(overrides));
  }
  // Who opens the secrets of the tree's own stack opens none of the sandbox's.
  const { config, secretsprovider: _provider, encryptedkey: _key, ...rest } = readYaml(join(project, name));
  const content = {
    ...rest,
    encryptionsalt: readYaml(file).encryptionsalt ?? readYaml(join(shadow, name)).encryptionsalt,
    config: overlay(isMap(config) ? config : {}, overrides ?? readYaml(kept)),
  };
  const head = `# Made from ${join(project, name)}; the next command of the sandbox makes it anew.\n`;
  writeFileSync(file, head + dump(content, { skipInvalid: true }), { mode: 0o600 });
  return file;
}

/** Whether a lock's owner still runs. A process id is taken again some day, hence the look at what runs under it. */
function holds(lock: string): boolean {
  const { pid, hostname: host } = JSON.parse(readFileSync(lock, 'utf8')) as { pid: number; hostname: string };
  if (host !== hostname()) return true;
  const name = `/proc/${pid}/comm`;
  return existsSync(name) && readFileSync(name, 'utf8').trim() === 'pulumi';
}

const isJson = (file: string): boolean => {
  try {
    JSON.parse(readFileSync(file, 'utf8'));
    return true;
  } catch {
    return false;
  }
};

/**
 * Mends what an engine that was killed may leave in the file backend: its lock, and a file it was just writing.
 *
 * @throws when the state of the stack is unreadable and has no backup
 */
export function heal(state: string, project: string, stack: string): void {
  const locks = join(state, 'pulumi/backend/.pulumi/locks/organization', project, stack);
  for (const lock of existsSync(locks) ? readdirSync(locks).map((name) => join(locks, name)) : []) {
    if (isJson(lock) && holds(lock)) continue;
    rmSync(lock);
    say(`  removed the lock of a pulumi that no longer runs`);
  }
  const file = stackFile(state, project, stack);
  if (!existsSync(file) || isJson(file)) return;
  if (!existsSync(`${file}.bak`) || !isJson(`${file}.bak`)) {
    throw new Error(`${file} is not readable and has no backup: \`make down\` forgets it, \`make up\` begins anew`);
  }
  copyFileSync(`${file}.bak`, file);
  say(`  the state of ${stack} was cut short by a kill: took its backup`);
}

/**
 * The plugins that a stack uses beyond those that every stack does. Its configuration says where it runs.
 *
 * @param project the folder of Pulumi.yaml
 */
export function hostPlugins(stack: string, project: string = CHECKOUT): string[] {
  const { config } = readYaml(join(project, `Pulumi.${stack}.yaml`));
  const groups = isMap(config) ? config : {};
  const host = groups['platform:host'];
  const [onAws, onDocker] = ['platform:aws', 'platform:docker'].map((group) => group in groups);
  return [
    ...(onAws || (isMap(host) && host.kind === 'ec2') ? ['aws'] : []),
    ...(onDocker || host !== undefined ? ['docker'] : []),
  ];
}

/** @throws when the folder is not a project's */
export function projectName(project: string): string {
  const { name } = readYaml(join(project, 'Pulumi.yaml'));
  if (typeof name !== 'string')
    throw new Error(`${project} has no Pulumi.yaml with a name: start where the project is`);
  return name;
}

/**
 * Makes a stack ready for any `pulumi` command: mended, created if it is new, its configuration written.
 *
 * @returns the environment with the stack and its configuration chosen
 */
export async function prepareStack(options: StackOptions): Promise<Record<string, string>> {
  const { state, env, stack, project = CHECKOUT } = options;
  const name = projectName(project);
  heal(state, name, stack);
  if (!existsSync(stackFile(state, name, stack))) {
    const shadow = shadowOf(state);
    mkdirSync(shadow, { recursive: true });
    writeFileSync(join(shadow, 'Pulumi.yaml'), `name: ${name}\nruntime: nodejs\n`);
    await run(['pulumi', 'stack', 'init', stack, '--non-interactive'], { env, cwd: shadow });
  }
  return { ...env, PULUMI_STACK: stack, PULUMI_OPTION_CONFIG_FILE: stackConfigFile(options) };
}
