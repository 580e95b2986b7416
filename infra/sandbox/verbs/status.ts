/** `status`: what the sandbox is doing. The exit code is 0 only where all is well. */
import { STATE } from '../host/paths.ts';
import { status } from '../instance.ts';
import { settingsOf } from '../settings.ts';

export default async function (args: readonly string[]): Promise<void> {
  settingsOf(args, []);
  const found = await status();
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  if (!found) {
    print(`no sandbox in ${STATE}; \`make up\` makes one`);
    process.exitCode = 1;
    return;
  }
  const problems = [...found.broken, ...found.unready, ...found.ripening];
  print(`state       ${found.state}`);
  print(`kubeconfig  ${found.kubeconfig}`);
  print(`API server  ${found.addresses.api}`);
  print(`health      ${found.running ? (problems.length ? 'not well' : 'well') : 'not running'}`);
  if (found.running) for (const problem of problems) print(`            - ${problem}`);
  if (problems.length) {
    print('`make up` mends it');
    process.exitCode = 1;
  }
}
