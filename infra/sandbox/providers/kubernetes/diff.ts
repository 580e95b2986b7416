/** What would change, and what of it means a new object: the same plans as the official plugin makes. */
import { changes, type Change } from '../shared/changes.ts';
import { diffResponse } from '../shared/differ.ts';
import { echoing } from '../shared/echo.ts';
import type { Provider } from '../shared/proto.ts';
import { fromStruct, hasUnknown, type Tree, type Value } from '../shared/values.ts';
import { isAutonamed, normal } from './check.ts';
import { ApiError } from './cluster.ts';
import { annotation, asTree, type KubeObject } from './objects.ts';
import { readiness } from './ready.ts';
import { cluster, enabled } from './session.ts';
import { forServer, lastInputs, lastLive, managerOf } from './state.ts';

const IMMUTABLE: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec.selector'],
  DaemonSet: ['spec.selector'],
  StatefulSet: [
    'spec.podManagementPolicy',
    'spec.revisionHistoryLimit',
    'spec.selector',
    'spec.serviceName',
    'spec.volumeClaimTemplates',
  ],
  Job: ['spec.completions', 'spec.parallelism', 'spec.selector', 'spec.template'],
  PersistentVolumeClaim: ['spec.accessModes', 'spec.selector', 'spec.storageClassName', 'spec.volumeName'],
  RoleBinding: ['roleRef'],
  ClusterRoleBinding: ['roleRef'],
  Secret: ['type'],
  Service: ['spec.clusterIP'],
  StorageClass: ['parameters', 'provisioner'],
};

const CONTENT = ['data', 'stringData', 'binaryData'] as const;

/** Whether the contents of a Secret or ConfigMap are replaced rather than changed. By default they are. */
function contentIsImmutable(object: KubeObject): boolean {
  switch (object.kind) {
    case 'Secret':
      return object.immutable === true || !enabled('enableSecretMutable', 'PULUMI_K8S_ENABLE_SECRET_MUTABLE');
    case 'ConfigMap':
      return object.immutable === true || !enabled('enableConfigMapMutable', 'PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE');
    default:
      return false;
  }
}

/** Whether a change of this object can only be made by making another one. */
function meansReplacement(change: Change, object: KubeObject): boolean {
  const fields = ['metadata.name', 'metadata.namespace', ...(IMMUTABLE[object.kind] ?? [])];
  if (contentIsImmutable(object)) fields.push(...CONTENT);
  const path = change.path.filter((key) => typeof key === 'string').join('.');
  return fields.some((field) => path === field || path.startsWith(`${field}.`));
}

const QUANTITY = /^\d+(\.\d+)?(m|[kMGT]i?|Ki)?$/;

/** Spellings that the API server may not tell apart: an empty value and none, `1000m` and `1`. Only it can say. */
function maybeSame({ before, after }: Change): boolean {
  const empty = (value: Value | undefined) => !value || (typeof value === 'object' && Object.keys(value).length === 0);
  const quantity = (value: Value | undefined) => typeof value !== 'object' && QUANTITY.test(String(value));
  return (empty(before) && empty(after)) || (quantity(before) && quantity(after));
}

/** An object without what the server counts and notes on its own. */
function content({ metadata, status: _status, ...rest }: KubeObject): Tree {
  const { managedFields: _fields, resourceVersion: _version, generation: _generation, ...named } = metadata;
  return { ...rest, metadata: named } as unknown as Tree;
}

/** Whether applying these inputs would change anything, by the server's word. */
async function changesLive(inputs: KubeObject, state: Tree): Promise<boolean> {
  try {
    const live = await cluster().get(inputs);
    const query = { fieldManager: managerOf(state, inputs), force: true, dryRun: 'All' };
    return changes(content(live), content(await cluster().apply(inputs, query))).length > 0;
  } catch (error) {
    // The server will not have it: the update itself is to say why.
    if (error instanceof ApiError) return true;
    throw error;
  }
}

/** A Job that asks for it is replaced as long as it has not succeeded. */
async function unreadyJob(news: KubeObject, live: KubeObject): Promise<boolean> {
  if (echoing || news.kind !== 'Job' || annotation(news, 'replaceUnready') !== 'true') return false;
  try {
    return (await readiness(await cluster().get(live), cluster())).waiting !== undefined;
  } catch (error) {
    // A Job that is gone is made again by the update.
    if (error instanceof ApiError && error.code === 404) return false;
    throw error;
  }
}

const namespaceOf = ({ metadata }: KubeObject): string => metadata?.namespace ?? 'default';

export async function diff(request: Provider.DiffRequest): Promise<Provider.DiffResponse> {
  const state = fromStruct(request.getOlds());
  const live = lastLive(state);
  const before = request.getOldInputs();
  const news = normal(forServer(fromStruct(request.getNews())));
  const olds = normal(before ? forServer(fromStruct(before)) : lastInputs(state));
  for (const object of [olds, news]) object.metadata = { ...object.metadata, namespace: namespaceOf(object) };

  let found = changes(asTree(olds), asTree(news));
  if (found.length > 0 && found.every(maybeSame) && !hasUnknown(asTree(news)) && !echoing) {
    if (!(await changesLive(news, state))) found = [];
  }
  const replaced = (await unreadyJob(news, live)) ? ['metadata.annotations["pulumi.com/replaceUnready"]'] : [];
  const response = diffResponse(found, (change) => meansReplacement(change, news), replaced);
  const sameName = news.metadata.name === live.metadata?.name && namespaceOf(news) === namespaceOf(live);
  response.setDeletebeforereplace(response.getReplacesList().length > 0 && sameName && !isAutonamed(news));
  return response;
}
