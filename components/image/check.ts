/** What no image could be built of, found before anything is. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkDockerHost, Problems, shown } from '../core/index.ts';
import type { BuiltImageArgs } from './args.ts';
import { checkArguments } from './recipe.ts';

const REPOSITORY = /^([a-z0-9.-]+\.[a-z]+|localhost|[0-9.]+)(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/**
 * The recipe's path and text.
 * @throws InputRefused with everything that is wrong
 */
export function checked(name: string, args: BuiltImageArgs): { readonly path: string; readonly text: string } {
  const { repository, edition, context, version } = args;
  const path = args.dockerfile ?? join(context, 'Dockerfile');
  const problems = new Problems();
  checkDockerHost(args.host, 'host', problems);
  problems.require(REPOSITORY.test(repository), {
    where: 'repository',
    found: shown(repository),
    wanted: 'registry and repository without a tag: "registry.example.com/team/api"',
  });
  for (const [kind, tag] of Object.entries<string>(edition.tags)) {
    const where = `edition.tags.${kind}`;
    const wanted = 'up to 128 letters, digits, "_", "." and "-"';
    problems.require(TAG.test(tag), { where, found: shown(tag), wanted });
  }
  problems.require(edition.tags.fixed !== edition.tags.moving && edition.tags.fixed !== 'latest', {
    where: 'edition.tags.fixed',
    found: shown(edition.tags.fixed),
    wanted: 'a tag that names one build for ever',
  });
  const folder = existsSync(context) && statSync(context).isDirectory();
  problems.require(folder, { where: 'context', found: shown(context), wanted: 'a folder that is there' });
  problems.require(version === undefined || version.command.length > 0, {
    where: 'version.command',
    found: 'nothing',
    wanted: 'the program in the image and its arguments',
  });
  let text = '';
  if (existsSync(path)) {
    text = readFileSync(path, 'utf8');
    checkArguments(text, edition.arguments, problems);
  } else if (folder) problems.add({ where: 'dockerfile', found: shown(path), wanted: 'a recipe that is there' });
  problems.throwIfAny(`BuiltImage "${name}"`);
  return { path, text };
}
