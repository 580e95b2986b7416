/** The Pulumi engine on any machine: the user's own where there is one, else everything it takes, found or built. */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { CHECKOUT } from '../host/paths.ts';
import { pulumiCli } from '../build/index.ts';
import { SOURCES } from '../host/paths.ts';
import { bundle, completeCli } from './cli.ts';
import { installPlugins } from './plugins.ts';

export { heal, hostPlugins, prepareStack, stackConfigFile, type StackOptions } from './stack.ts';

export interface EngineOptions {
  /** The folder of the instance. Two instances with folders of their own do not see each other. */
  readonly state: string;
  /** The kubeconfig of the cluster to deploy to. Default: the one of the environment. */
  readonly kubeconfig?: string;
  /**
   * `fallback` takes this project's own plugins whatever else there is. `echo` takes ones that repeat what they are given
   * and reach nothing, for plans against a state folder that is thrown away. Default: `PLATFORM_PLUGINS`, else `any`.
   */
  readonly plugins?: 'any' | 'fallback' | 'echo';
  /** Plugins that only some stacks use, and this one does: {@link hostPlugins}. Default: none. */
  readonly needed?: readonly string[];
}

/** No command of this project waits for an answer, or asks a server outside whether it is up to date. */
const QUIET = {
  PULUMI_SKIP_UPDATE_CHECK: 'true',
  PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK: 'true',
  PULUMI_OPTION_NON_INTERACTIVE: 'true',
  PULUMI_SUPPRESS_NEO_LINK: 'true',
  // Plugins were looked for beforehand. Here the engine would try each download again, at every command.
  PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
};

const ECHO_PLAN = join(SOURCES, 'providers/echo/plan');
const ECHO_APPLY = join(SOURCES, 'providers/echo/apply');

/**
 * The environment of `plugins: 'echo'` for an `up`: dynamic providers, whose code would act, are echoed as well, and what
 * only a cloud or a daemon would know is made up.
 */
export const applyingEcho = (env: Record<string, string>): Record<string, string> => ({
  ...env,
  PLATFORM_ECHO_APPLY: '1',
  PATH: [ECHO_APPLY, env.PATH].join(delimiter),
});

/** The bytes of a passphrase: as hard to guess as the key that is made of it. */
const PASSPHRASE_BYTES = 32;

/**
 * The environment in which `pulumi` just works: its home, file backend and passphrase inside the state folder, the
 * plugins installed, Node and the CLI on PATH.
 *
 * @throws when there is no CLI, or a plugin is to be had nowhere
 */
export async function engineEnv({
  state,
  kubeconfig,
  plugins,
  needed,
}: EngineOptions): Promise<Record<string, string>> {
  const own = join(resolve(state), 'pulumi');
  const [home, backend, temporary] = [join(own, 'home'), join(own, 'backend'), join(own, 'tmp')];
  mkdirSync(own, { recursive: true });
  chmodSync(own, 0o700);
  for (const folder of [home, backend, temporary]) mkdirSync(folder, { recursive: true });

  const passphrase = join(own, 'passphrase');
  if (!existsSync(passphrase)) {
    writeFileSync(passphrase, randomBytes(PASSPHRASE_BYTES).toString('base64url'), { mode: 0o600, flag: 'wx' });
  }
  // It would win over the file, and these stacks were not made with it.
  delete process.env.PULUMI_CONFIG_PASSPHRASE;

  const path = process.env.PATH ?? '';
  const cli = await cliFolder();
  const echo = plugins === 'echo';
  const forced = (plugins ?? process.env.PLATFORM_PLUGINS) === 'fallback';
  const env: Record<string, string> = {
    ...QUIET,
    PATH: [...(echo ? [ECHO_PLAN] : []), cli, dirname(process.execPath), path].join(delimiter),
    PULUMI_HOME: home,
    // The official plugins leave files of theirs behind, kubeconfigs among them.
    TMPDIR: temporary,
    // The SDK is parsed before the program can say so itself, and once more by the provider host.
    NODE_COMPILE_CACHE: join(CHECKOUT, 'node_modules/.cache/node'),
    // Without `skip` each file gets a companion that is not written in one go, and a kill can leave it empty.
    PULUMI_BACKEND_URL: `file://${backend}?metadata=skip`,
    PULUMI_CONFIG_PASSPHRASE_FILE: passphrase,
    ...(echo && { PLATFORM_ECHO: '1' }),
    ...(forced && { PULUMI_IGNORE_AMBIENT_PLUGINS: 'true' }),
    ...(kubeconfig !== undefined && { KUBECONFIG: kubeconfig }),
  };
  if (echo) return env;
  const lookup = { home, env, forced, userHome: userHome(home), folder: process.env.PULUMI_PLUGIN_DIR };
  await installPlugins(lookup, needed);
  return env;
}

/** The folder of the CLI: the user's own where it is complete, else the built one, built first if it is not there. */
export async function cliFolder(): Promise<string> {
  return completeCli(process.env.PATH ?? '') ?? (await bundle(await pulumiCli()));
}

/** The Pulumi home of whoever calls; inside a shell of `make env` the variable names the instance's own. */
function userHome(own: string): string {
  const named = process.env.PULUMI_HOME;
  return named === undefined || named === '' || resolve(named) === own ? join(homedir(), '.pulumi') : named;
}
