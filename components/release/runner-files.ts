/** The runner's sources, as they travel into the cluster. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A checkout may have other line ends; what runs, and the name that its content gives it, must not. */
const text = (file: string): string => readFileSync(file, 'utf8').replaceAll('\r\n', '\n');

/** Every file by its name, and one that tells Node how to read them. */
export function runnerFiles(folder = join(import.meta.dirname, 'runner')): Record<string, string> {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .toSorted();
  return {
    'package.json': '{ "type": "module" }\n',
    ...Object.fromEntries(names.map((name) => [name, text(join(folder, name))])),
  };
}
