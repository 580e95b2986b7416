/** The configurations that a stack had: from the backend's own history, with secrets as they stand in the file of today. */
import { isDeepStrictEqual } from 'node:util';
import { dump, load } from 'js-yaml';

type Yaml = Record<string, unknown>;

/** One update, as `pulumi stack history --json` tells it. A secret has no value there. */
export interface Update {
  readonly kind: string;
  readonly startTime: string;
  readonly endTime: string;
  readonly config: Readonly<
    Record<string, { readonly value?: string; readonly objectValue?: unknown; readonly secret?: boolean }>
  >;
  readonly environment?: Readonly<Record<string, string>>;
}

/** More would be plans for nothing: the right one is among the nearest. */
const MOST = 6;

/** Milliseconds between a moment and an update; 0 within it. The history knows whole seconds. */
function distance({ startTime, endTime }: Update, moment: number): number {
  return Math.max(0, Date.parse(startTime) - moment, moment - (Date.parse(endTime) + 1000));
}

/**
 * The updates that may have brought something live at a moment, each configuration once, the likeliest first. Mostly the one
 * within which it happened; where its engine was killed the history does not have it, and a later one adopted its work.
 */
export function around(history: readonly Update[], moment: number): readonly Update[] {
  const nearest = history
    .filter(({ kind }) => kind === 'update')
    .toSorted((a, b) => distance(a, moment) - distance(b, moment));
  return nearest
    .filter((one, index) => nearest.findIndex(({ config }) => isDeepStrictEqual(config, one.config)) === index)
    .slice(0, MOST);
}

/**
 * The text of a configuration file as it was then. What opens secrets, and the secrets themselves, are today's: the history
 * does not show them, and an old password is not what anybody goes back for.
 *
 * @param today the text of the present file
 * @throws when a secret of then is none of today
 */
export function configurationOf({ config }: Update, today: string): string {
  const { config: present = {}, ...rest } = (load(today) ?? {}) as { config?: Yaml };
  const then = Object.entries(config).map(([key, { value, objectValue, secret }]) => {
    if (secret !== true) return [key, objectValue ?? value];
    if (present[key] !== undefined) return [key, present[key]];
    throw new Error(`the configuration of then had the secret ${key}, and today's has not; set it, and try again`);
  });
  return dump({ ...rest, config: Object.fromEntries(then) as Yaml });
}

const isMap = (value: unknown): value is Yaml => value !== null && typeof value === 'object' && !Array.isArray(value);

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

/** What somebody would change in one configuration to have the other: `platform:stack.version: "2.0.0" → "1.0.0"`. No secrets. */
export function changes(from: string, to: string): readonly string[] {
  const [before, after] = [from, to].map((text) => ((load(text) ?? {}) as { config?: Yaml }).config ?? {});
  const compare = (a: unknown, b: unknown, path: string): string[] => {
    if (isMap(a) && isMap(b) && !('secure' in a) && !('secure' in b)) {
      const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].toSorted();
      return keys.flatMap((key) => compare(a[key], b[key], path === '' ? key : `${path}.${key}`));
    }
    const isSecret = [a, b].some((value) => isMap(value) && 'secure' in value);
    // Numbers and switches at the top come back from the history as text, and are read the same.
    const same = isDeepStrictEqual(a, b) || (!isMap(a) && !isMap(b) && String(a) === String(b));
    return isSecret || same ? [] : [`${path}: ${shown(a)} → ${shown(b)}`];
  };
  return compare(before, after, '');
}
