/** Property values as they cross the wire: plain JSON with two kinds of envelopes, for what is secret and what is not yet known. */
import { Struct, type StructProto } from './proto.ts';

export type Value = null | boolean | number | string | Value[] | Tree;
export interface Tree {
  [key: string]: Value;
}

const SIGNATURE = '4dabf18193072939515e22adb298388d';
const SECRET = '1b47061264138c4ac30d75fd1eb44270';
const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** A value that the engine will know only after something else was created. */
export const unknown = UNKNOWN;

export const isTree = (value: unknown): value is Tree =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

export const isSecret = (value: Value | undefined): value is { value: Value } & Tree =>
  isTree(value) && value[SIGNATURE] === SECRET;

export const secret = (value: Value): Tree => (isSecret(value) ? value : { [SIGNATURE]: SECRET, value });

const inside = (value: Value | undefined): Value[] =>
  value !== null && typeof value === 'object' ? Object.values(value) : [];

export const hasUnknown = (value: Value | undefined): boolean => value === UNKNOWN || inside(value).some(hasUnknown);
export const hasSecret = (value: Value | undefined): boolean => isSecret(value) || inside(value).some(hasSecret);

const same = (key: string): string => key;

/** A copy with the secrets taken out of their envelopes, and every key renamed. */
export function reveal(value: Value, rename: (key: string) => string = same): Value {
  if (isSecret(value)) return reveal(value.value, rename);
  if (Array.isArray(value)) return value.map((item) => reveal(item, rename));
  if (!isTree(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [rename(key), reveal(item, rename)]));
}

/** {@link reveal} for a whole set of properties. */
export const revealAll = (tree: Tree, rename?: (key: string) => string): Tree => reveal(tree, rename) as Tree;

/** Puts back into envelopes, in `tree`, what is secret in `model`. A list with a secret anywhere in it is secret whole. */
export function conceal(tree: Tree, model: Tree): Tree {
  for (const [key, value] of Object.entries(model)) {
    const here = tree[key];
    if (here === undefined) continue;
    if (isTree(here) && isTree(value) && !isSecret(value)) conceal(here, value);
    else if (hasSecret(value)) tree[key] = secret(here);
  }
  return tree;
}

export const fromStruct = (struct: StructProto.Struct | undefined): Tree => struct?.toJavaScript() ?? {};

export const toStruct = (tree: Tree): StructProto.Struct => Struct.fromJavaScript(tree);
