/**
 * The reference of all settings, made from the schema: `node stacks/config/reference.ts > docs/configuration.md`.
 * A test fails when the file is stale.
 */
import { documented, shapeOf, type Documented } from './setting.ts';
import { SECRET_KEYS, SETTINGS } from './schema.ts';

/** A setting with its path. */
export interface Entry extends Documented {
  readonly path: string;
}

/** Every setting below a schema, in the order of the schema. */
export function entries(schema: unknown = SETTINGS, path: readonly string[] = []): Entry[] {
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

/** The whole page. */
export function reference(): string {
  const all = entries();
  const groups = [...new Set(all.map(({ path }) => path.split('.')[0]!))];
  const secrets = Object.entries(SECRET_KEYS);
  return [
    '<!-- Made by `node stacks/config/reference.ts`; change stacks/config/groups instead. -->',
    '',
    '# Configuration',
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

if (import.meta.main) process.stdout.write(reference());
