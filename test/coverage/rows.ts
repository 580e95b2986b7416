/** The table's form: a requirement, and the place in a stack's plan where it shows. */

/** What a place has to hold. */
export interface Expectation {
  /** For messages. */
  readonly text: string;
  /** @param values everything the path leads to, over all objects of the name */
  readonly holds: (values: readonly unknown[]) => boolean;
}

/** Plain data stands for itself: everything that is found is this, and something is. */
export type Expected =
  string | number | boolean | readonly unknown[] | { readonly [key: string]: unknown } | Expectation;

export interface Row {
  /** The requirements it covers. */
  readonly ids: readonly string[];
  readonly stack: string;
  /**
   * `<kind> <name>`, with `*` for any text. Besides Kubernetes objects by `metadata.name`: gates and other dynamic
   * resources by their own names, `Gate <requirement>` for every gate that proves it, `Environment <workload>/<container>`
   * for the variables of a container, `Resource <kind>/<name>` for what the engine knows of any resource, and `Order`.
   */
  readonly object: string;
  /** Like `spec.template.spec.containers[name=api].image`; `*` is any key or element. For `Order`: `<this> before <that>`. */
  readonly path: string;
  readonly expected: Expected;
}

type Value = string | number | boolean;

const canonical = (value: unknown): string => JSON.stringify(value, (_, inner: unknown) => ordered(inner)) ?? 'nothing';

function ordered(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** At least one of what is found is this, or matches it, or (of lists) holds it. */
export const some = (wanted: Value | RegExp): Expectation => ({
  text: `one that ${wanted instanceof RegExp ? `matches ${String(wanted)}` : `is or holds ${JSON.stringify(wanted)}`}`,
  holds: (values) =>
    values
      .flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : [value]))
      .some((value) => (wanted instanceof RegExp ? typeof value === 'string' && wanted.test(value) : value === wanted)),
});

/** Everything that is found matches, and something is found. */
export const every = (wanted: RegExp): Expectation => ({
  text: `all match ${String(wanted)}`,
  holds: (values) => values.length > 0 && values.every((value) => typeof value === 'string' && wanted.test(value)),
});

/** So many are found, at least. */
export const counted = (least: number): Expectation => ({
  text: `at least ${least} of them`,
  holds: ({ length }) => length >= least,
});

/** Nothing is found. */
export const absent: Expectation = { text: 'nothing', holds: ({ length }) => length === 0 };

/** Numbers, none of them below. */
export const atLeast = (least: number): Expectation => ({
  text: `at least ${least}`,
  holds: (values) => values.length > 0 && values.every((value) => Number(value) >= least),
});

/** Specs of Services that nobody outside the cluster reaches. */
export const inside: Expectation = {
  text: 'a Service of type ClusterIP, said or by default',
  holds: (specs) =>
    specs.length > 0 && specs.every((spec) => ((spec as { type?: string }).type ?? 'ClusterIP') === 'ClusterIP'),
};

/** Comes out of a Secret, and nowhere else. */
export const secret: Expectation = {
  text: 'a reference to a Secret',
  holds: (values) =>
    values.length > 0 &&
    values.every((value) => typeof value === 'object' && value !== null && 'secret' in value && !('value' in value)),
};

export const isExpectation = (expected: Expected): expected is Expectation =>
  typeof expected === 'object' && 'holds' in expected;

/** The meaning of plain data as an expectation. */
export const expectation = (expected: Expected): Expectation =>
  isExpectation(expected)
    ? expected
    : {
        text: canonical(expected),
        holds: (values) => values.length > 0 && values.every((value) => canonical(value) === canonical(expected)),
      };

/** Rows of one stack and object, written short. */
export const rows = (
  stack: string | readonly string[],
  object: string,
  ...cells: readonly (readonly [ids: string, path: string, expected: Expected])[]
): Row[] =>
  [stack]
    .flat()
    .flatMap((one) =>
      cells.map(([ids, path, expected]) => ({ ids: ids.split(', '), stack: one, object, path, expected })),
    );

/** `range('A-ENV', 1, 35)` */
export const range = (area: string, first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, at) => `${area}-${first + at}`);
