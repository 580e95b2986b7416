/** Whose field is whose: the API server keeps it per manager, and a field left out is removed only from its own. */
import { parsePath, type Path } from '../shared/changes.ts';
import { isTree, type Tree, type Value } from '../shared/values.ts';
import { asObject, asTree, type KubeObject, type ManagedFields } from './objects.ts';
import { cluster } from './session.ts';
import { CREATOR } from './state.ts';

const ofCreator = (entry: ManagedFields): boolean =>
  entry.manager === CREATOR && entry.operation === 'Update' && entry.subresource === undefined;

/** Whether the object still belongs to whoever created it, and was never applied. */
export const belongsToCreator = ({ metadata }: KubeObject): boolean => metadata.managedFields?.some(ofCreator) ?? false;

function union(a: Tree, b: Tree): Tree {
  const joined = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const here = joined[key];
    joined[key] = isTree(here) && isTree(value) ? union(here, value) : value;
  }
  return joined;
}

/** Hands the fields set at creation to the manager that applies, so that one that is left out later is removed. */
export async function takeOver(live: KubeObject, manager: string): Promise<KubeObject> {
  const entries = live.metadata.managedFields ?? [];
  const created = entries.find(ofCreator);
  if (!created) return live;
  const applied = entries.find((entry) => entry.manager === manager && entry.operation === 'Apply');
  const fieldsV1 = union(applied?.fieldsV1 ?? {}, created.fieldsV1 ?? {});
  const joined = { ...created, manager, operation: 'Apply', fieldsV1 };
  return cluster().patch(live, [
    { op: 'test', path: '/metadata/resourceVersion', value: live.metadata.resourceVersion },
    {
      op: 'replace',
      path: '/metadata/managedFields',
      value: [...entries.filter((entry) => entry !== created && entry !== applied), joined],
    },
  ]);
}

const step = (at: Value | undefined, key: string | number): Value | undefined =>
  at !== null && typeof at === 'object' ? (at as Record<string | number, Value>)[key] : undefined;

const holds = (fields: Tree | undefined, path: Path): boolean =>
  path.reduce<Value | undefined>((at, key) => step(at, `f:${key}`), fields) !== undefined;

/** An ignored field keeps its live value; one that only others manage is left out of what is applied. */
export function respectIgnored(
  inputs: KubeObject,
  live: KubeObject,
  manager: string,
  ignored: readonly string[],
): KubeObject {
  const desired = structuredClone(asTree(inputs));
  for (const path of ignored.map(parsePath)) {
    const value = path.reduce<Value | undefined>(step, asTree(live));
    if (value === undefined || path.includes('*')) continue;
    const owners = (live.metadata.managedFields ?? []).filter((entry) => holds(entry.fieldsV1, path));
    const foreign = owners.length > 0 && owners.every((entry) => entry.manager !== manager);
    put(desired, path, foreign ? undefined : value);
  }
  return asObject(desired);
}

/** Sets a value, making the maps above it; `undefined` takes it out. */
function put(tree: Tree, path: Path, value: Value | undefined): void {
  let at = tree as Record<string | number, Value>;
  for (const key of path.slice(0, -1)) {
    const below = at[key];
    if (below === null || typeof below !== 'object') {
      if (value === undefined) return;
      at[key] = {};
    }
    at = at[key] as Record<string | number, Value>;
  }
  const last = path.at(-1)!;
  if (value === undefined) Reflect.deleteProperty(at, last);
  else at[last] = value;
}
