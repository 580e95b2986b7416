/** `down`: removes everything `up` made, except the cache. */
import { say, step } from '../host/progress.ts';
import { STATE } from '../host/paths.ts';
import { down } from '../instance.ts';
import { settingsOf } from '../settings.ts';

export default async function (args: readonly string[]): Promise<void> {
  settingsOf(args, []);
  await step('remove the sandbox', () => down());
  say(`nothing is left of ${STATE}; the cache stays`);
}
