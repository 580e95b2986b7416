/** Inputs as the API server will store them, and a name for what has none. */
import { randomBytes } from 'node:crypto';
import { provider, type Provider } from '../shared/proto.ts';
import { echoing } from '../shared/echo.ts';
import { fromStruct, hasUnknown, isTree, toStruct, type Tree } from '../shared/values.ts';
import { asTree, type KubeObject, type Resources } from './objects.ts';
import { cluster, setting } from './session.ts';
import { forProgram, forServer } from './state.ts';

const AUTONAMED = 'pulumi.com/autonamed';
const SUFFIX_BYTES = 4;
const { Mode } = provider.CheckRequest.AutonamingOptions;

const QUANTITY = /^(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/;
const BINARY = { base: 1024, units: ['', 'Ki', 'Mi', 'Gi', 'Ti'] };
const DECIMAL = { base: 1000, units: ['m', '', 'k', 'M', 'G', 'T'] };

/** The spelling that the API server answers with: `1000m` as `1`, `1024Mi` as `1Gi`. Anything else stays as it is. */
export function quantity<T>(given: T): T | string {
  const hit = QUANTITY.exec(typeof given === 'number' ? String(given) : typeof given === 'string' ? given : '');
  if (!hit) return given;
  const unit = hit[2] ?? '';
  const { base, units } = unit.endsWith('i') ? BINARY : DECIMAL;
  let at = units.indexOf(unit);
  let value = Number(hit[1]);
  const digits = 6; // finer than a thousandth of the smallest unit, which is all a quantity can hold
  for (; at > 0 && !Number.isInteger(value); at--) value = Number((value * base).toFixed(digits));
  for (; value > 0 && value % base === 0 && at < units.length - 1; at++) value /= base;
  return Number.isInteger(value) ? `${value}${units[at]!}` : given;
}

/** Every list of resources in an object: of its containers, its claims, or a claim itself. */
function resourcesOf({ spec }: KubeObject): (Resources | undefined)[] {
  const pod = spec?.template?.spec ?? spec;
  const holders = [...(pod?.containers ?? []), ...(pod?.initContainers ?? [])];
  const claims = (spec?.volumeClaimTemplates ?? []).map((claim) => claim.spec);
  return [...holders, ...claims, spec].map((holder) => holder?.resources);
}

const SET_BY_THE_SERVER = ['creationTimestamp', 'generation', 'managedFields', 'resourceVersion', 'uid'] as const;

/** The object with its quantities in one spelling and a Secret's `stringData` encoded. Changes what it is given. */
export function normal(object: KubeObject): KubeObject {
  for (const list of resourcesOf(object).flatMap((resources) => [resources?.requests, resources?.limits])) {
    if (isTree(list)) for (const [key, value] of Object.entries(list)) list[key] = quantity(value);
  }
  const metadata = object.metadata as Record<string, unknown> | undefined;
  if (metadata) for (const key of SET_BY_THE_SERVER) Reflect.deleteProperty(metadata, key);
  const { stringData, ...rest } = asTree(object);
  if (object.kind !== 'Secret' || !isTree(stringData) || hasUnknown(asTree(object))) return object;
  const encoded = Object.entries(stringData).map(([key, value]) => [
    key,
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64'),
  ]);
  const data = isTree(rest.data) ? rest.data : {};
  return { ...object, stringData: undefined, data: { ...data, ...(Object.fromEntries(encoded) as Tree) } };
}

export const isAutonamed = ({ metadata }: KubeObject): boolean => metadata.annotations?.[AUTONAMED] === 'true';

/** Gives an object its name, and marks that the name was not asked for. The name it had is kept. */
function autoname(inputs: KubeObject, olds: KubeObject, request: Provider.CheckRequest): void {
  const options = request.getAutonaming();
  if (options?.getMode() === Mode.DISABLE) throw new Error('autonaming is disabled: set metadata.name');
  const seed = Buffer.from(request.getRandomseed_asU8());
  const suffix = (seed.length > 0 ? seed : randomBytes(SUFFIX_BYTES)).subarray(0, SUFFIX_BYTES).toString('hex');
  const kept = olds.metadata !== undefined && isAutonamed(olds) ? olds.metadata.name : undefined;
  inputs.metadata.name = kept ?? (options?.getProposedName() || `${request.getName()}-${suffix}`);
  inputs.metadata.annotations = { ...inputs.metadata.annotations, [AUTONAMED]: 'true' };
}

/** @throws for what only the official plugin serves: charts, bundles of YAML, patches, lists */
export async function check(request: Provider.CheckRequest): Promise<Provider.CheckResponse> {
  if (/^kubernetes:(helm|yaml|kustomize)|(Patch|List)$/.test(request.getType())) {
    throw new Error(`the fallback kubernetes plugin serves plain objects only, not ${request.getType()}`);
  }
  const model = fromStruct(request.getNews());
  const inputs = forServer(model);
  inputs.metadata ??= {};
  const normalised = normal(inputs);
  if (normalised.metadata.name === undefined) autoname(normalised, forServer(fromStruct(request.getOlds())), request);
  const namespace = setting('namespace');
  if (namespace && !normalised.metadata.namespace && (echoing || (await cluster().namespaced(normalised)))) {
    normalised.metadata.namespace = namespace;
  }
  const response = new provider.CheckResponse();
  response.setInputs(toStruct(withoutHoles(forProgram(normalised, model))));
  return response;
}

/** `undefined` cannot cross the wire. */
const withoutHoles = (tree: Tree): Tree =>
  Object.fromEntries(Object.entries(tree).filter(([, value]) => value !== undefined));
