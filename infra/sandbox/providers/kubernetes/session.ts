/** What the engine configured this plugin with, once, before anything else. */
import { changes } from '../shared/changes.ts';
import { announceEcho, echoing } from '../shared/echo.ts';
import { provider, type Provider } from '../shared/proto.ts';
import { configured } from '../shared/serve.ts';
import { fromStruct } from '../shared/values.ts';
import { Cluster } from './cluster.ts';
import { accessOf, refuseOthers } from './kubeconfig.ts';

let connected: Cluster | undefined;
let settings: Readonly<Record<string, string>> = {};

/** Fires when the engine asks to stop: waits end, and what is waited for is reported as it is. */
export const cancelled = new AbortController();

/** The cluster of this provider. There is none while echoing. */
export function cluster(): Cluster {
  if (!connected) throw new Error('the kubernetes plugin was not configured with a cluster');
  return connected;
}

/** A setting of the provider resource, by its name there. */
export const setting = (name: string): string | undefined => settings[name];

/** A yes-or-no setting, of the provider resource or else of the environment. */
export const enabled = (name: string, variable: string): boolean =>
  (settings[name] ?? process.env[variable]) === 'true';

export function configure(request: Provider.ConfigureRequest): Promise<Provider.ConfigureResponse> {
  const given = request.getVariablesMap().toArray();
  settings = Object.fromEntries(given.map(([key, value]) => [key.split(':').at(-1)!, value]));
  if (echoing) announceEcho('kubernetes');
  else {
    const { kubeconfig, context, cluster: named } = settings;
    const access = accessOf({ kubeconfig, context, cluster: named });
    refuseOthers(access);
    connected = new Cluster(access);
  }
  return Promise.resolve(configured());
}

/** Only another `clusterIdentifier`, or without one another cluster, replaces the provider and everything behind it. */
export function diffConfig(request: Provider.DiffRequest): Promise<Provider.DiffResponse> {
  const [olds, news] = [fromStruct(request.getOlds()), fromStruct(request.getNews())];
  const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
  const differ = keys.filter((key) => changes(olds[key], news[key]).length > 0);
  const identity = news.clusterIdentifier
    ? ['clusterIdentifier']
    : ['clusterIdentifier', 'kubeconfig', 'context', 'cluster'];
  const { DiffChanges } = provider.DiffResponse;
  const response = new provider.DiffResponse();
  response.setChanges(differ.length > 0 ? DiffChanges.DIFF_SOME : DiffChanges.DIFF_NONE);
  response.setDiffsList(differ);
  response.setReplacesList(differ.filter((key) => identity.includes(key) && olds[key] !== undefined));
  return Promise.resolve(response);
}
