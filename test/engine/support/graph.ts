/**
 * A plan as two texts that people can read and `diff` can compare, in one order whatever order the engine had:
 *
 * - the graph: what is inside what, what waits for what, what is protected;
 * - the unknown: each property that nobody knows before something else is made, and what that is.
 *
 *     node test/engine/support/graph.ts [stack…]    writes them anew into test/golden/stacks
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../../../infra/sandbox/host/paths.ts';
import { plannedFromNothing, UNKNOWN, type NewResource } from './planned.ts';
import { stacks } from './stacks.ts';

export const GOLDEN = join(CHECKOUT, 'test/golden/stacks');

/** What the engine does not show in a plan: whether the value is known cannot be seen either. */
const SECRET = '[secret]';

/** A digest in a name says that a content changed, which the content's own tests say better. */
const masked = (name: string): string => name.replaceAll(/\b(?=[0-9a-f]*\d)[0-9a-f]{8,64}\b/g, '#');

type Tree = Readonly<Record<string, unknown>>;
const isTree = (value: unknown): value is Tree => value !== null && typeof value === 'object' && !Array.isArray(value);

class Graph {
  readonly #byUrn: ReadonlyMap<string, NewResource>;
  readonly #ambiguous: ReadonlySet<string>;
  readonly #before = new Map<string, ReadonlySet<string>>();

  constructor(resources: readonly NewResource[]) {
    this.#byUrn = new Map(resources.map((one) => [one.urn, one]));
    const names = resources.map(({ name }) => name);
    this.#ambiguous = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  }

  /** The name alone where no other resource has it. */
  #called({ type, name }: NewResource): string {
    return this.#ambiguous.has(name) ? `${type.split(':').at(-1)!} ${masked(name)}` : masked(name);
  }

  called(urns: readonly string[]): string[] {
    const known = urns.map((urn) => this.#byUrn.get(urn)).filter((one) => one !== undefined);
    return [...new Set(known.map((one) => this.#called(one)))].toSorted();
  }

  /** Everything that has to be there before a resource, however far back. */
  before(urn: string): ReadonlySet<string> {
    const found = this.#before.get(urn);
    if (found !== undefined) return found;
    const own = this.#byUrn.get(urn)?.dependencies ?? [];
    const all = new Set(own.flatMap((one) => [one, ...this.before(one)]));
    this.#before.set(urn, all);
    return all;
  }

  /** What is made inside a component, however deep. */
  #within(urn: string): string[] {
    return [...this.#byUrn.values()]
      .filter(({ parent }) => parent === urn)
      .flatMap((one) =>
        one.type.startsWith('platform:') ? this.#within(one.urn) : [one.urn, ...this.#within(one.urn)],
      );
  }

  /** The outermost components of which a resource waits for all that is in them. */
  #whole(own: ReadonlySet<string>): [component: NewResource, parts: readonly string[]][] {
    const whole = [...this.#byUrn.values()]
      .filter(({ type }) => type.startsWith('platform:'))
      .map((one) => [one, this.#parts(one.urn)] as [NewResource, readonly string[]])
      .filter(([, parts]) => parts.length > 1 && parts.every((part) => own.has(part)));
    const inside = new Set(whole.map(([{ urn }]) => urn));
    return whole.filter(([{ parent }]) => !inside.has(parent ?? ''));
  }

  readonly #partsOf = new Map<string, readonly string[]>();
  #parts(urn: string): readonly string[] {
    const parts = this.#partsOf.get(urn) ?? this.#within(urn);
    this.#partsOf.set(urn, parts);
    return parts;
  }

  /** What a resource waits for, without what one of these waits for anyway; `all of guard` for everything in a component. */
  nearest(urn: string): string[] {
    const own = new Set(this.#byUrn.get(urn)?.dependencies ?? []);
    const implied = new Set([...own].flatMap((one) => [...this.before(one)]));
    const nearest = new Set([...own].filter((one) => !implied.has(one)));
    const whole = this.#whole(own).filter(([, parts]) => parts.some((part) => nearest.has(part)));
    for (const part of whole.flatMap(([, parts]) => parts)) nearest.delete(part);
    return [
      ...whole.map(([component]) => `all of ${this.#called(component)}`),
      ...this.called([...nearest]),
    ].toSorted();
  }

  lines(parent: string | undefined, depth = 0): string[] {
    const key = ({ type, name }: NewResource): string => `${masked(name)} ${type}`;
    return [...this.#byUrn.values()]
      .filter((one) => one.parent === parent || (parent === undefined && !this.#byUrn.has(one.parent ?? '')))
      .toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
      .flatMap((one) => {
        const indent = '  '.repeat(depth);
        const after = this.nearest(one.urn);
        return [
          `${indent}${masked(one.name)}  ${one.type}${one.protect === true ? '  protected' : ''}`,
          ...(after.length === 0 ? [] : [`${indent}  | after ${after.join(', ')}`]),
          ...this.lines(one.urn, depth + 1),
        ];
      });
  }
}

/** The tree of resources, each with what it waits for. */
export const graphOf = (resources: readonly NewResource[]): string =>
  `${new Graph(resources).lines(undefined).join('\n')}\n`;

/** The paths within a value at which it is not known. */
function unknownIn(value: unknown, path: string): string[] {
  if (value === UNKNOWN) return [path];
  if (value === SECRET) return [`${path} (secret)`];
  if (Array.isArray(value)) return value.flatMap((one, index) => unknownIn(one, `${path}[${index}]`));
  return isTree(value) ? Object.entries(value).flatMap(([key, one]) => unknownIn(one, `${path}.${key}`)) : [];
}

/** A property that is not known, and what it waits for. */
export interface Unknown {
  readonly resource: NewResource;
  readonly path: string;
  readonly waitsFor: readonly string[];
}

/** Every property that is not known. A secret counts only where it is made of what does not exist yet. */
export function unknowns(resources: readonly NewResource[]): Unknown[] {
  const graph = new Graph(resources);
  const made = new Set(
    resources.filter(({ type }) => /^(?!platform:|pulumi:pulumi:)/.test(type)).map(({ urn }) => urn),
  );
  return resources
    .filter(({ type }) => !type.startsWith('pulumi:pulumi:'))
    .flatMap((resource) =>
      Object.entries(resource.inputs).flatMap(([property, value]) => {
        const from = (resource.propertyDependencies[property] ?? []).filter((urn) => made.has(urn));
        const waitsFor = graph.called(from);
        const paths = unknownIn(value, property);
        return paths
          .filter((path) => !path.endsWith('(secret)') || waitsFor.length > 0)
          .map((path) => ({ resource, path, waitsFor }));
      }),
    );
}

export function unknownOf(resources: readonly NewResource[]): string {
  const lines = unknowns(resources).map(
    ({ resource: { type, name }, path, waitsFor }) =>
      `${masked(name)}  ${type}  ${masked(path)}  <- ${waitsFor.join(', ') || 'NOTHING THAT IS PLANNED'}`,
  );
  return `${lines.toSorted().join('\n')}\n`;
}

/** The golden files of a stack, by name. */
export function goldenOf(stack: string, resources: readonly NewResource[]): Readonly<Record<string, string>> {
  return { [`${stack}.graph.txt`]: graphOf(resources), [`${stack}.unknown.txt`]: unknownOf(resources) };
}

if (process.argv[1] === import.meta.filename) {
  const named = process.argv.slice(2);
  mkdirSync(GOLDEN, { recursive: true });
  for (const stack of named.length > 0 ? named : stacks()) {
    const { resources } = await plannedFromNothing(stack);
    for (const [file, text] of Object.entries(goldenOf(stack, resources))) writeFileSync(join(GOLDEN, file), text);
    console.log(`${stack}: ${resources.length} resources`);
  }
}
