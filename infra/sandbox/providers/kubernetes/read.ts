/** Reads what is live, for a refresh or an import; and removes it. */
import { echoing } from '../shared/echo.ts';
import { provider, type Provider } from '../shared/proto.ts';
import { NotReady } from '../shared/serve.ts';
import { fromStruct, isTree, toStruct, type Value } from '../shared/values.ts';
import { normal } from './check.ts';
import { ApiError } from './cluster.ts';
import { annotation, asObject, asTree, idOf, type KubeObject } from './objects.ts';
import { readiness } from './ready.ts';
import { cancelled, cluster } from './session.ts';
import { pause, timeoutOf } from './settle.ts';
import { checkpoint, forProgram, forServer, initialApiVersion, lastLive, managerOf } from './state.ts';

/** Groups whose full name is longer than the one in a type token. */
const GROUPS = [
  'networking',
  'rbac.authorization',
  'storage',
  'scheduling',
  'apiextensions',
  'discovery',
  'coordination',
];
const LONG = new Map(GROUPS.map((group) => [group.split('.')[0]!, `${group}.k8s.io`]));

/** `kubernetes:rbac.authorization.k8s.io/v1:Role` and `kubernetes:core/v1:Secret` as the API server names them. */
function kindOf(type: string): { apiVersion: string; kind: string } {
  const [, module = '', kind = ''] = type.split(':');
  const [group = '', version = ''] = module.split('/');
  return { apiVersion: group === 'core' ? version : `${LONG.get(group) ?? group}/${version}`, kind };
}

/** Keeps of what is live only what the inputs mention; what lists have grown by stays, it is a difference. */
function prune(live: Value, shape: Value): Value {
  if (Array.isArray(live) && Array.isArray(shape)) {
    return live.map((item, i) => (i < shape.length ? prune(item, shape[i]!) : item));
  }
  if (!isTree(live) || !isTree(shape)) return live;
  const kept = Object.keys(shape).filter((key) => live[key] !== undefined);
  return Object.fromEntries(kept.map((key) => [key, prune(live[key]!, shape[key]!)]));
}

const gone = (error: unknown): boolean => error instanceof ApiError && error.code === 404;

export async function read(request: Provider.ReadRequest): Promise<Provider.ReadResponse> {
  const response = new provider.ReadResponse();
  const state = fromStruct(request.getProperties());
  const model = fromStruct(request.getInputs());
  if (echoing) {
    response.setId(request.getId());
    response.setProperties(request.getProperties());
    response.setInputs(request.getInputs());
    return response;
  }
  const asked = forServer(model);
  const imported = asked.kind === undefined;
  const [name = '', namespace] = request.getId().split('/').reverse();
  const metadata = { ...asked.metadata, name, ...(namespace !== undefined && { namespace }) };
  const target: KubeObject = imported ? { ...kindOf(request.getType()), metadata } : { ...asked, metadata };
  let live: KubeObject;
  try {
    live = await cluster().get(target);
  } catch (error) {
    if (gone(error)) return response;
    throw error;
  }
  const { status: _status, ...whole } = live;
  const inputs = imported
    ? normal(asObject(structuredClone(asTree(whole as KubeObject))))
    : asObject(prune(asTree(live), asTree(asked)) as ReturnType<typeof asTree>);
  const manager = managerOf(state, inputs);
  const properties = checkpoint(live, { inputs, model, apiVersion: initialApiVersion(state, live), manager });
  const { waiting } = await readiness(live, cluster());
  if (waiting !== undefined && !imported) {
    const reason = `${live.kind} ${idOf(live)} is not ready: ${waiting}`;
    throw new NotReady(request.getId(), properties, [reason], forProgram(inputs, model));
  }
  response.setId(request.getId());
  response.setProperties(toStruct(properties));
  response.setInputs(toStruct(forProgram(inputs, model)));
  return response;
}

/** Removes an object and waits until it is gone. Another one of that name, made since, is left alone. */
export async function remove(request: Provider.DeleteRequest): Promise<void> {
  if (echoing) return;
  const live = lastLive(fromStruct(request.getProperties()));
  const deadline = Date.now() + timeoutOf(request, live);
  const policy = annotation(live, 'deletionPropagationPolicy') ?? 'foreground';
  const { uid } = live.metadata;
  try {
    await cluster().remove(live, {
      propagationPolicy: policy.charAt(0).toUpperCase() + policy.slice(1).toLowerCase(),
      ...(uid !== undefined && { preconditions: { uid } }),
    });
    if (annotation(live, 'skipAwait') === 'true') return;
    for (let attempt = 0; ; attempt++) {
      const still = await cluster().get(live);
      if (still.metadata.uid !== uid) return;
      if (Date.now() > deadline || cancelled.signal.aborted) {
        const finalizers = still.metadata.finalizers?.join(', ') ?? 'none';
        throw new Error(`${live.kind} ${idOf(live)} is still being deleted; finalizers: ${finalizers}`);
      }
      await pause(attempt);
    }
  } catch (error) {
    const another = error instanceof ApiError && error.code === 409 && /uid/i.test(error.message);
    if (!gone(error) && !another) throw error;
  }
}
