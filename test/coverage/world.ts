/** A plan as the table looks at it: objects by kind and name, environments put together, and who waits for whom. */
import type { PlannedResource } from '../engine/support/planned.ts';
import { expectation, type Row } from './rows.ts';

type Tree = Record<string, any>;

interface Thing {
  readonly kind: string;
  readonly name: string;
  readonly content: Tree;
  readonly urn: string;
}

const isTree = (value: unknown): value is Tree => value !== null && typeof value === 'object' && !Array.isArray(value);

const glob = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);

/** `a.b[name=c]["d.e/f"].*` as steps. */
function stepsOf(path: string): string[] {
  const steps = [...path.matchAll(/\["([^"]+)"\]|\[([^\]]+)\]|([^.[\]]+)/g)].map((hit) => hit[1] ?? hit[2] ?? hit[3]!);
  if (steps.length === 0) throw new Error(`"${path}" is no path`);
  return steps;
}

/** Everything a path leads to. */
export function at(content: unknown, path: string): unknown[] {
  let found: unknown[] = [content];
  for (const step of stepsOf(path)) {
    found = found.flatMap((value): unknown[] => {
      if (step === '*') return isTree(value) || Array.isArray(value) ? Object.values(value) : [];
      const [key, wanted] = step.split('=') as [string, string | undefined];
      if (Array.isArray(value)) {
        if (wanted === undefined) return value[Number(key)] === undefined ? [] : [value[Number(key)]];
        return value.filter((one) => isTree(one) && String(one[key]) === wanted);
      }
      return isTree(value) && value[step] !== undefined && value[step] !== null ? [value[step]] : [];
    });
  }
  return found;
}

const decode = (text: string): string => Buffer.from(text, 'base64').toString();

export class World {
  readonly #things: readonly Thing[];
  readonly #resources: readonly PlannedResource[];

  constructor(resources: readonly PlannedResource[]) {
    this.#resources = resources;
    const objects = resources.flatMap(({ type, name, inputs, urn, ...rest }): Thing[] => {
      const short = type.split(':').at(-1)!.split('/').at(-1)!;
      const known = {
        kind: 'Resource',
        name: `${short}/${name}`,
        urn,
        content: { protect: rest.protect === true, inputs },
      };
      if (type.startsWith('kubernetes:') && typeof inputs.kind === 'string') {
        return [known, { kind: inputs.kind, name: inputs.metadata.name, content: inputs, urn }];
      }
      const proves = typeof inputs.requirement === 'string' ? inputs.requirement.split(', ') : [];
      return [
        known,
        { kind: short, name, content: inputs, urn },
        ...proves.map((id) => ({ kind: 'Gate', name: id, content: inputs, urn })),
      ];
    });
    this.#things = [...objects, ...objects.flatMap((one) => this.#environments(one, objects))];
  }

  /** The variables of each container of a workload: their texts, or the Secrets they come from. */
  #environments({ kind, name, content, urn }: Thing, all: readonly Thing[]): Thing[] {
    if (!['Deployment', 'StatefulSet', 'Job'].includes(kind)) return [];
    const named = (wanted: string, of: string): Tree =>
      all.find((one) => one.kind === wanted && one.name === of)?.content ?? {};
    const valuesOf = ({ data = {}, stringData = {} }: Tree): Tree => ({
      ...Object.fromEntries(Object.entries(data as Tree).map(([key, text]) => [key, decode(String(text))])),
      ...stringData,
    });
    // A Secret that the cluster fills from a secrets manager is known by what is asked for.
    const fetched = (of: string): string[] =>
      all
        .filter(({ kind: one, content: { spec } }) => one === 'ExternalSecret' && spec?.target?.name === of)
        .flatMap(({ content: { spec } }) => (spec.data as Tree[]).map(({ secretKey }) => String(secretKey)));
    const keysOf = (of: string): string[] => [...Object.keys(valuesOf(named('Secret', of))), ...fetched(of)];
    const hidden = (of: string, key: string) => ({
      secret: of,
      ...(keysOf(of).includes(key) ? {} : { missing: true }),
    });
    const spec = content.spec?.template?.spec ?? {};
    return [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((container: Tree): Thing => {
      const variables: Tree = {};
      for (const { configMapRef, secretRef } of (container.envFrom ?? []) as Tree[]) {
        if (configMapRef) Object.assign(variables, named('ConfigMap', configMapRef.name).data);
        if (secretRef) {
          for (const key of keysOf(String(secretRef.name))) {
            variables[key] = hidden(secretRef.name, key);
          }
        }
      }
      for (const { name: variable, value, valueFrom } of (container.env ?? []) as Tree[]) {
        const { secretKeyRef, configMapKeyRef } = (valueFrom ?? {}) as Tree;
        if (secretKeyRef) variables[variable] = hidden(secretKeyRef.name, secretKeyRef.key);
        else if (configMapKeyRef)
          variables[variable] = named('ConfigMap', configMapKeyRef.name).data?.[configMapKeyRef.key];
        else variables[variable] = value;
      }
      // What the Secrets say in this plan, whose secrets are made up: for values that are put together of others.
      const opened = Object.fromEntries(
        Object.entries(variables).flatMap(([key, value]) =>
          isTree(value) ? [[key, valuesOf(named('Secret', value.secret as string))[key]]] : [],
        ),
      );
      return { kind: 'Environment', name: `${name}/${container.name}`, content: { ...variables, opened }, urn };
    });
  }

  #find(object: string): Thing[] {
    const [kind, name = '*'] = object.split(' ') as [string, string | undefined];
    const [ofKind, ofName] = [glob(kind), glob(name)];
    return this.#things.filter((one) => ofKind.test(one.kind) && ofName.test(one.name));
  }

  /** Whether everything of the second name waits for something of the first, itself or through others. */
  #before(path: string): boolean[] {
    const [first, second] = path.split(' before ') as [string, string];
    const behind = new Set(this.#find(first).map(({ urn }) => urn));
    if (behind.size === 0) return [];
    for (let size = 0; size < behind.size;) {
      size = behind.size;
      for (const { urn, dependencies = [] } of this.#resources) {
        if (dependencies.some((other) => behind.has(other))) behind.add(urn);
      }
    }
    return this.#find(second).map(({ urn }) => behind.has(urn));
  }

  /** What is wrong with a row; nothing where it holds. */
  problem({ ids, stack, object, path, expected }: Row): string | undefined {
    const things = this.#find(object);
    const values = object === 'Order' ? this.#before(path) : things.flatMap(({ content }) => at(content, path));
    const { text, holds } = expectation(expected);
    if (holds(values)) return undefined;
    const seen = things.length === 0 && object !== 'Order' ? 'no such object' : JSON.stringify(values).slice(0, 300);
    return `${ids.join(', ')}: ${stack}, ${object}, ${path}: found ${seen}; wanted ${text}`;
  }
}
