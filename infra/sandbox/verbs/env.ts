/** `env`: `export` lines, and nothing else on standard output, for `eval "$(make -s env)"`. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { engineEnv } from '../engine/index.ts';
import { STATE } from '../host/paths.ts';
import { status } from '../instance.ts';
import { settingsOf } from '../settings.ts';

/** In single quotes nothing means anything to a shell but the quote itself. */
const quoted = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`;

export default async function (args: readonly string[]): Promise<void> {
  settingsOf(args, []);
  const found = await status();
  if (!found) throw new Error(`no sandbox in ${STATE}: start one with \`make up\``);
  if (process.env.PULUMI_CONFIG_PASSPHRASE !== undefined) {
    throw new Error(
      'PULUMI_CONFIG_PASSPHRASE is set, and would win over the passphrase of these stacks: `unset PULUMI_CONFIG_PASSPHRASE` first',
    );
  }
  const env = await engineEnv(found);
  const path = [found.programs, env.PATH].join(delimiter);
  const config = join(found.state, 'Pulumi.local.yaml');
  const stack = existsSync(config) ? { PULUMI_STACK: 'local', PULUMI_OPTION_CONFIG_FILE: config } : {};
  for (const [name, value] of Object.entries({ ...env, ...stack, PATH: path })) {
    process.stdout.write(`export ${name}=${quoted(value)}\n`);
  }
}
