/**
 * The reference of all settings, a page for each system, made from the schemas: `node stacks/config/reference.ts`.
 * A test fails when a page is stale.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { documented, shapeOf, type About, type Documented } from './setting.ts';
import { SYSTEMS, USUAL, type SystemName } from './systems/index.ts';

/** A setting with its path. */
export interface Entry extends Documented {
  readonly path: string;
}

/** Every setting below a schema, in the order of the schema. */
export function entries(schema: unknown = SYSTEMS[USUAL].settings, path: readonly string[] = []): Entry[] {
  const shape = shapeOf(schema);
  if (shape !== undefined) return Object.entries(shape).flatMap(([key, inner]) => entries(inner, [...path, key]));
  const about = documented.get(schema as never) as Documented | undefined;
  if (about === undefined) throw new Error(`${path.join('.')} is not documented`);
  return [{ ...about, path: path.join('.') }];
}

const escaped = (text: string): string => text.replaceAll('|', '\\|');

function row({ path, means, wanted, from, fallback, optional }: Entry): string {
  const otherwise = optional === true ? 'may be left out' : fallback === undefined ? '**required**' : code(fallback);
  return `| \`${path}\` | ${escaped(means)} | ${escaped(wanted)} | ${otherwise} | ${from} |`;
}

const code = (value: unknown): string => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

/** The whole page of a system. */
export function reference(name: SystemName): string {
  const { title, settings, secretKeys } = SYSTEMS[name];
  const all = entries(settings);
  const groups = [...new Set(all.map(({ path }) => path.split('.')[0]!))];
  const secrets: (readonly [string, About])[] = Object.entries(secretKeys);
  return [
    '<!-- Made by `node stacks/config/reference.ts`; change stacks/config/groups instead. -->',
    '',
    `# Configuration of the ${title}`,
    '',
    `A stack is its data: ${all.length} settings and ${secrets.length} secrets, in \`Pulumi.<stack>.yaml\` below \`config:\`, each group`,
    'under its own key (`platform:postgres`). Everything is checked before anything is made: an unknown key, a wrong unit',
    'or two settings that do not fit stop the run, all of them in one message, and nothing is changed.',
    '',
    'The last column names the requirement a setting comes from; `ours` and `GAP-…` mark a choice of this project that no',
    'document states.',
    ...groups.flatMap((group) => [
      '',
      `## \`platform:${group}\``,
      '',
      '| Setting | Meaning | Accepts | Default | From |',
      '| --- | --- | --- | --- | --- |',
      ...all.filter(({ path }) => path.split('.')[0] === group).map(row),
    ]),
    '',
    '## Secrets',
    '',
    'Set with `pulumi config set --secret <key>`; plain text is refused, and no message ever shows a value. Every other',
    'password is generated, and is found through the references in the outputs.',
    '',
    '| Key | Meaning | From |',
    '| --- | --- | --- |',
    ...secrets.map(([key, { means, from }]) => `| \`platform:${key}\` | ${escaped(means)} | ${from} |`),
    '',
  ].join('\n');
}

/** The pages, below the root of the tree. */
export const PAGES = 'docs/configuration';

if (import.meta.main) {
  mkdirSync(PAGES, { recursive: true });
  for (const name of Object.keys(SYSTEMS) as SystemName[]) writeFileSync(`${PAGES}/${name}.md`, reference(name));
}
