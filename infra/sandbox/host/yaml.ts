/** Reads YAML that people write, and that may hold a secret which somebody is just writing. */
import { existsSync, readFileSync } from 'node:fs';
import { load, YAMLException } from 'js-yaml';

/** Nothing where there is no file. @throws where it is no YAML, with file, line and reason, and with nothing of its text */
export function readYaml(file: string): Record<string, unknown> {
  if (!existsSync(file)) return {};
  try {
    return (load(readFileSync(file, 'utf8')) ?? {}) as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    // The library's message quotes the lines around, and its reason an alias or a tag, which a password can look like. Of
    // two documents in one file it says no line.
    const line = (error.mark as YAMLException['mark'] | undefined)?.line;
    const [reason] = error.reason.split(/ "| !<|: /);
    throw new Error(`${file}${line === undefined ? '' : `:${line + 1}`}: ${reason}`);
  }
}
