/** The difference between two values, and paths into them as the engine writes them. */
import { isTree, type Value } from './values.ts';

export type Path = readonly (string | number)[];

export interface Change {
  readonly path: Path;
  readonly kind: 'add' | 'delete' | 'update';
  readonly before?: Value;
  readonly after?: Value;
}

const absent = (value: Value | undefined): value is null | undefined => value === undefined || value === null;

/** Every place where the two differ, as deep as both have it. `null` and nothing are the same. */
export function changes(before: Value | undefined, after: Value | undefined, path: Path = []): Change[] {
  if (absent(before)) return absent(after) ? [] : [{ path, kind: 'add', after }];
  if (absent(after)) return [{ path, kind: 'delete', before }];
  if (before === after) return [];
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, i) => changes(before[i], after[i], [...path, i])).flat();
  }
  if (!isTree(before) || !isTree(after)) return [{ path, kind: 'update', before, after }];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => changes(before[key], after[key], [...path, key]));
}

/** `spec.ports[0].port`, `metadata.labels["app.kubernetes.io/name"]` */
export const pathText = (path: Path): string =>
  path
    .map((key, i) => {
      if (typeof key === 'number') return `[${key}]`;
      if (/^[A-Za-z_$][\w$-]*$/.test(key)) return i === 0 ? key : `.${key}`;
      return `["${key.replaceAll('"', '\\"')}"]`;
    })
    .join('');

/** The other way round. An index `*` stays a star. */
export const parsePath = (text: string): Path =>
  [...text.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.[\]]+)/g)].map(([, quoted, index, plain]) => {
    if (quoted !== undefined) return quoted.replaceAll('\\"', '"');
    if (index === undefined) return plain!;
    return index === '*' ? index : Number(index);
  });
