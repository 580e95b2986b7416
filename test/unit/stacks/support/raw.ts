/** A stack's file as the engine hands it to the program. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { CHECKOUT } from '../../../../infra/sandbox/host/paths.ts';
import { systemIn, type RawConfig } from '../../../../stacks/config/load.ts';
import type { SystemName } from '../../../../stacks/config/systems/index.ts';

/** Every stack that has a file, of whatever system. */
export const stackFiles = (): string[] =>
  globSync('Pulumi.*.yaml', { cwd: CHECKOUT })
    .map((file) => file.split('.')[1]!)
    .toSorted();

export const systemOfStack = (stack: string): SystemName => systemIn(rawOf(groupsOf(stack)), stack);

/** The stacks of the Corporate Intelligence Platform on Kubernetes. */
export const STACKS = ['local', 'staging', 'production', 'rehearsal'] as const;

/** The rehearsal is production's shape and nobody's production. */
export const environmentOf = (stack: string): string => (stack === 'rehearsal' ? 'local' : stack);

/** Groups by name: `{ api: { replicas: 1, … } }`. */
export type Groups = Record<string, Record<string, unknown>>;

/** The groups of a stack's file; a fresh copy each time. */
export function groupsOf(stack: string): Groups {
  const { config } = load(readFileSync(join(CHECKOUT, `Pulumi.${stack}.yaml`), 'utf8')) as { config: Groups };
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key.replace('platform:', ''), value]));
}

/** Groups, and texts by full key, as the engine hands them over. */
export const rawOf = (groups: Groups, texts: Record<string, string> = {}, secretKeys: string[] = []): RawConfig => ({
  values: {
    ...Object.fromEntries(
      Object.entries(groups)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => [`platform:${key}`, JSON.stringify(value)]),
    ),
    ...texts,
  },
  secretKeys,
});

/** The same groups with one setting changed, by its path; `undefined` takes it away. */
export function changed(groups: Groups, path: string, value: unknown): Groups {
  const copy = structuredClone(groups);
  const keys = path.split('.');
  const last = keys.pop()!;
  let group: Record<string, unknown> = copy;
  for (const key of keys) group = (group[key] ??= {}) as Record<string, unknown>;
  group[last] = value;
  return copy;
}
