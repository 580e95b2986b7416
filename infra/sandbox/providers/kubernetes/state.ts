/**
 * What stands in the state of a resource, field by field as the official plugin writes it, so that either can go on where
 * the other stopped: the live object, and beside it the inputs it was made from and who applies it.
 */
import { randomBytes } from 'node:crypto';
import { conceal, isTree, revealAll, secret, type Tree } from '../shared/values.ts';
import { annotation, asObject, asTree, type KubeObject } from './objects.ts';

/** The field manager of creation. Later writes take its fields over. */
export const CREATOR = 'pulumi-kubernetes';

// The SDK spells the schema extensions of a CustomResourceDefinition with underscores, the API server with hyphens.
const hyphens = (key: string): string => (key.startsWith('x_kubernetes_') ? key.replaceAll('_', '-') : key);
const underscores = (key: string): string => (key.startsWith('x-kubernetes-') ? key.replaceAll('-', '_') : key);

/** What the API server is to see. */
export const forServer = (tree: Tree): KubeObject => asObject(revealAll(tree, hyphens));

/** Marks what is secret in `model`; the contents of a Secret always are. */
function guarded(tree: Tree, model: Tree): Tree {
  if (tree.kind !== 'Secret') return conceal(tree, model);
  for (const key of ['data', 'stringData']) {
    if (tree[key] !== undefined) tree[key] = secret(tree[key]);
  }
  return tree;
}

/**
 * What the program is to see.
 *
 * @param model the inputs as they came, which say what is secret
 */
export const forProgram = (object: KubeObject, model: Tree): Tree =>
  guarded(revealAll(asTree(object), underscores), model);

export interface Origin {
  readonly inputs: KubeObject;
  readonly model: Tree;
  readonly apiVersion: string;
  readonly manager: string;
}

export const checkpoint = (live: KubeObject, { inputs, model, apiVersion, manager }: Origin): Tree => ({
  ...forProgram(live, model),
  __inputs: forProgram(inputs, model),
  __initialApiVersion: apiVersion,
  __fieldManager: manager,
});

/** The last known object, without what stands beside it. */
export function lastLive(state: Tree): KubeObject {
  const { __inputs, __initialApiVersion, __fieldManager, ...live } = revealAll(state, hyphens);
  return asObject(live);
}

/** The inputs that the state was made from. */
export const lastInputs = (state: Tree): KubeObject => forServer(isTree(state.__inputs) ? state.__inputs : {});

/** Who applies an object: one name for as long as the resource lives. */
export function managerOf(state: Tree, inputs: KubeObject): string {
  const known = state.__fieldManager;
  return (
    annotation(inputs, 'patchFieldManager') ??
    (typeof known === 'string' ? known : `${CREATOR}-${randomBytes(4).toString('hex')}`)
  );
}

export const initialApiVersion = (state: Tree, object: KubeObject): string =>
  typeof state.__initialApiVersion === 'string' ? state.__initialApiVersion : object.apiVersion;
