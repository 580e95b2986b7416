/** `make outputs STACK=s`: what a deployed stack publishes, as JSON and nothing else on the standard output. */
import { ownStack, requireStack } from '../engine/plan.ts';
import { settingsOf } from '../settings.ts';
import { CHECKOUT } from '../host/paths.ts';
import { run } from '../host/run.ts';

export default async function (args: readonly string[]): Promise<void> {
  const stack = requireStack(settingsOf(args, ['STACK']).STACK);
  const env = await ownStack(stack);
  if (env === undefined) {
    throw new Error(
      `stack ${stack} is not deployed from here: \`make up\` deploys local; others need \`pulumi login\``,
    );
  }
  process.stdout.write(await run(['pulumi', 'stack', 'output', '--json'], { env, cwd: CHECKOUT }));
}
