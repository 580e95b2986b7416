/** Creates and updates: by POST first, by server-side apply from then on, as the official plugin does. */
import { setTimeout as sleep } from 'node:timers/promises';
import { echoing } from '../shared/echo.ts';
import { provider, type Provider } from '../shared/proto.ts';
import { fromStruct, hasUnknown, toStruct } from '../shared/values.ts';
import { normal } from './check.ts';
import { ApiError } from './cluster.ts';
import { belongsToCreator, respectIgnored, takeOver } from './fields.ts';
import { annotation, idOf, type KubeObject } from './objects.ts';
import { cancelled, cluster, enabled } from './session.ts';
import { settle } from './settle.ts';
import { checkpoint, CREATOR, forServer, initialApiVersion, managerOf, type Origin } from './state.ts';

/** How often a create is tried again while its namespace or kind is still being made, in doubling pauses. */
const RETRIES = 5;
const FIRST_PAUSE_MS = 500;

const forced = (inputs: KubeObject): boolean =>
  annotation(inputs, 'patchForce') === 'true' || enabled('enablePatchForce', 'PULUMI_K8S_ENABLE_PATCH_FORCE');

const refusedWith = (error: unknown, ...codes: number[]): boolean =>
  error instanceof ApiError && codes.includes(error.code);

async function post(inputs: KubeObject, manager: string, preview: boolean): Promise<KubeObject> {
  const dryRun = preview ? 'All' : undefined;
  let upsert = enabled('upsertExistingObjects', 'PULUMI_K8S_UPSERT_EXISTING_OBJECTS');
  for (let attempt = 0; ; attempt++) {
    try {
      return upsert
        ? await cluster().apply(inputs, { fieldManager: manager, force: forced(inputs) || preview, dryRun })
        : await cluster().create(inputs, { fieldManager: CREATOR, dryRun });
    } catch (error) {
      if (refusedWith(error, 409) && !preview) {
        const remedy = 'import it, delete it, or set upsertExistingObjects on the provider';
        throw new Error(`${(error as Error).message}\nThe object exists already: ${remedy}.`, { cause: error });
      }
      if (preview && upsert && refusedWith(error, 422)) {
        // The object it would be laid over may be about to be deleted for it; as a new one it may be valid.
        upsert = false;
        continue;
      }
      if (preview || attempt === RETRIES || !refusedWith(error, 404)) throw error;
      await sleep(FIRST_PAUSE_MS * 2 ** attempt, undefined, { signal: cancelled.signal });
    }
  }
}

export async function create(request: Provider.CreateRequest): Promise<Provider.CreateResponse> {
  const model = fromStruct(request.getProperties());
  const inputs = forServer(model);
  const preview = request.getPreview();
  const response = new provider.CreateResponse();
  response.setProperties(request.getProperties());
  if (preview && (echoing || hasUnknown(model))) return response;

  const manager = managerOf({}, inputs);
  const origin: Origin = { inputs, model, apiVersion: inputs.apiVersion, manager };
  if (echoing) {
    response.setId(idOf(inputs));
    response.setProperties(toStruct(checkpoint(inputs, origin)));
    return response;
  }
  let live: KubeObject;
  try {
    live = await post(inputs, manager, preview);
  } catch (error) {
    // What the object stands on may not be there yet, and what it takes the place of not yet be gone.
    if (preview && refusedWith(error, 403, 404, 409)) return response;
    throw error;
  }
  if (preview) delete live.status;
  else {
    live = await settle(request, live, origin);
    response.setId(idOf(live));
  }
  response.setProperties(toStruct(checkpoint(live, origin)));
  return response;
}

interface Ways {
  readonly manager: string;
  readonly preview: boolean;
  readonly ignored: readonly string[];
}

async function write(inputs: KubeObject, { manager, preview, ignored }: Ways): Promise<KubeObject> {
  const dryRun = preview ? 'All' : undefined;
  const found = await cluster().get(inputs);
  const created = belongsToCreator(found);
  const before = created && !preview ? await takeOver(found, manager) : found;
  const desired = respectIgnored(inputs, before, manager, ignored);
  if (inputs.kind === 'CustomResourceDefinition') {
    const { resourceVersion } = before.metadata;
    const metadata = { ...desired.metadata, ...(resourceVersion !== undefined && { resourceVersion }) };
    return cluster().replace({ ...desired, metadata }, { fieldManager: manager, dryRun });
  }
  // A preview took nothing over, so what the creator holds would be in its way.
  return cluster().apply(desired, { fieldManager: manager, force: forced(inputs) || (preview && created), dryRun });
}

export async function update(request: Provider.UpdateRequest): Promise<Provider.UpdateResponse> {
  const state = fromStruct(request.getOlds());
  const model = fromStruct(request.getNews());
  const inputs = normal(forServer(model));
  const preview = request.getPreview();
  const response = new provider.UpdateResponse();
  response.setProperties(request.getNews());
  if (preview && (echoing || hasUnknown(model))) return response;

  const manager = managerOf(state, inputs);
  const origin: Origin = { inputs, model, apiVersion: initialApiVersion(state, inputs), manager };
  let live = inputs;
  if (!echoing) {
    try {
      live = await write(inputs, { manager, preview, ignored: request.getIgnorechangesList() });
    } catch (error) {
      if (preview && refusedWith(error, 403, 404)) return response;
      throw error;
    }
    if (!preview) live = await settle(request, live, origin);
  }
  response.setProperties(toStruct(checkpoint(live, origin)));
  return response;
}
