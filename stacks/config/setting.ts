/** How a setting is declared: its kind, and what people need to know about it. */
import * as z from 'zod/mini';
import type { Kind } from './kinds.ts';

/** What the reference says about a setting. */
export interface About {
  /** What it is, what its unit is, and what changing it costs. */
  readonly means: string;
  /** The requirement that states it, like `A-ENV-5`, or `ours` where no document does. */
  readonly from: string;
}

/** What the reference says about a leaf, beside what its schema holds. */
export interface Documented extends About {
  readonly wanted: string;
  readonly fallback?: unknown;
  readonly optional?: true;
}

/** The documentation of each leaf, by its schema. */
export const documented = z.registry<Documented>();

const leaf = <T>({ wanted, accepts }: Kind<T>) => z.custom<T>(accepts, { error: wanted });

/** A setting that has to be stated: capacity, names and security have no default. */
export function stated<T>(kind: Kind<T>, about: About): z.ZodMiniCustom<T, T> {
  return leaf(kind).register(documented, { ...about, wanted: kind.wanted });
}

/** A setting for comfort, which has a default. */
export function defaulted<T>(
  kind: Kind<T>,
  fallback: NoInfer<T>,
  about: About,
): z.ZodMiniDefault<z.ZodMiniCustom<T, T>> {
  if (!kind.accepts(fallback)) throw new Error(`the default ${JSON.stringify(fallback)} is not ${kind.wanted}`);
  const schema = z._default(leaf(kind), fallback as never) as unknown;
  return (schema as z.ZodMiniDefault<z.ZodMiniCustom<T, T>>).register(documented, {
    ...about,
    wanted: kind.wanted,
    fallback,
  });
}

/** A setting that may be left out, which then means what `means` says. */
export function optional<T>(kind: Kind<T>, about: About): z.ZodMiniOptional<z.ZodMiniCustom<T, T>> {
  return z.optional(leaf(kind)).register(documented, { ...about, wanted: kind.wanted, optional: true });
}

/** A list of values of one kind, at least one. */
export function listed<T>(kind: Kind<T>, about: About): z.ZodMiniArray<z.ZodMiniCustom<T, T>> {
  const wanted = `a list, none twice, each ${kind.wanted}`;
  return z
    .array(leaf(kind), { error: wanted })
    .check(z.refine((list) => list.length > 0 && new Set(list).size === list.length, { error: wanted }))
    .register(documented, { ...about, wanted });
}

/** A group of settings. A key that is not among them is refused: a typing error must never mean "default". */
export const group = <S extends z.core.$ZodLooseShape>(shape: S) =>
  z.strictObject(shape, { error: `a group with ${Object.keys(shape).toSorted().join(', ')}` });

/** A group that may be left out, because each setting in it has a default. */
export const comfort = <S extends z.core.$ZodLooseShape>(shape: S) => z.prefault(group(shape), {} as never);

/** A group that may be left out, and then what it describes is not there. */
export const part = <S extends z.core.$ZodLooseShape>(shape: S) => z.optional(group(shape));

/** The settings and groups directly in a group; undefined for a setting. */
export function shapeOf(schema: unknown): Readonly<Record<string, unknown>> | undefined {
  const { shape, def } = schema as { shape?: Record<string, unknown>; def: { type: string; innerType?: unknown } };
  return shape ?? (['prefault', 'optional'].includes(def.type) ? shapeOf(def.innerType) : undefined);
}
