/** What a provider would make of a resource: not known while a plan is made, made up while a plan is applied to nothing. */
import { createHash } from 'node:crypto';
import type { Declared } from './declared.ts';
import { isSecret, isTree, unknown, type Tree, type Value } from './values.ts';

/** Where a value stands, for whoever makes one up. */
export interface Place {
  /** `aws:eks/cluster:Cluster` */
  readonly token: string;
  /** Of the property, from the resource inwards. */
  readonly path: readonly string[];
  /** `string`, `number` or `boolean` */
  readonly type: string;
  /** The inputs of the resource. */
  readonly given: Tree;
  /** The same digits for the same place of the same resource, as many as asked for. */
  readonly hex: (length: number) => string;
}

export type MakeUp = (place: Place) => Value;

/** Everything is unknown: what a preview says. */
export const notYet: MakeUp = () => unknown;

/** The same digits for the same place of the same resource. At most 128. */
export const hexOf = (urn: string, path: readonly string[], length: number): string =>
  createHash('sha512')
    .update([urn, ...path].join('/'))
    .digest('hex')
    .slice(0, length);

/**
 * The properties of a resource: what was given, and beside it all that the provider makes, in blocks that were given too.
 *
 * @param urn of the resource, which the made-up values follow from
 */
export function madeOf(kinds: Declared, token: string, urn: string, given: Tree, makeUp: MakeUp): Tree {
  const value = (type: string, path: readonly string[], there: Value | undefined): Value | undefined => {
    if (isSecret(there) || there === unknown) return there;
    if (there === undefined && makeUp === notYet) return unknown;
    if (type.endsWith('[]')) {
      const inner = type.slice(0, -2);
      const isBlock = kinds.block(inner) !== undefined;
      if (!Array.isArray(there)) return there ?? (isBlock ? [value(inner, [...path, '0'], undefined)!] : []);
      return isBlock ? there.map((one, index) => value(inner, [...path, String(index)], one)!) : there;
    }
    const fields = kinds.block(type);
    if (fields !== undefined && (there === undefined || isTree(there))) return block(fields, path, there ?? {});
    if (there !== undefined) return there;
    if (type.startsWith('{')) return {};
    return makeUp({ token, path, type, given, hex: (length) => hexOf(urn, path, length) });
  };
  const block = (fields: ReturnType<Declared['outputs']>, path: readonly string[], there: Tree): Tree => {
    const made = Object.entries(fields)
      .filter(([name, { optional }]) => there[name] !== undefined || !optional)
      .map(([name, { type }]) => [name, value(type, [...path, name], there[name])] as const);
    return { ...there, ...(Object.fromEntries(made) as Tree) };
  };
  return block(kinds.outputs(token), [], given);
}
