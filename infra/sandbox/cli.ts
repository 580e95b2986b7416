/** The sandbox's command line: one verb, one file of `verbs/`, so that a verb loads only what it needs. Settings follow it as `NAME=value`, as they do `make`. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SOURCES } from './host/paths.ts';

const folder = join(SOURCES, 'verbs');
const [verb = '', ...args] = process.argv.slice(2);
const file = join(folder, `${basename(verb)}.ts`);
if (!verb || !existsSync(file)) {
  const verbs = readdirSync(folder).map((name) => basename(name, '.ts'));
  process.stderr.write(
    `${verb ? `there is no verb "${verb}"` : 'a verb is missing'}; there are: ${verbs.join(', ')}\n`,
  );
  process.exit(2);
}
try {
  const { default: run } = (await import(file)) as { default: (args: readonly string[]) => Promise<void> };
  await run(args);
} catch (error) {
  const debug = process.env.PLATFORM_DEBUG !== undefined;
  process.stderr.write(`\n${error instanceof Error ? (debug ? error.stack : error.message) : String(error)}\n`);
  process.exitCode = 1;
}
