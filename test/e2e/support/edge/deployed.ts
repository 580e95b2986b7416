/** Where a deployed edge answers, as its own objects say. */
import { join } from 'node:path';
import { kube } from '../../../../infra/sandbox/build/index.ts';
import { run } from '../../../../infra/sandbox/host/run.ts';
import type { Door } from './client.ts';

/** kubectl for one cluster. What `input` says goes to its standard input, as it is or as JSON. */
export const kubectlAt =
  (kubeconfig: string) =>
  async (args: readonly string[], input?: string | object): Promise<string> =>
    run([join(await kube(), 'kubectl'), `--kubeconfig=${kubeconfig}`, ...args], {
      timeout: 120_000,
      ...(input !== undefined && { input: typeof input === 'string' ? input : JSON.stringify(input) }),
    });

/** The address at which this machine reaches the node's ports. */
export async function nodeAddress(kubeconfig: string): Promise<string> {
  const path = '{.items[0].status.addresses[?(@.type=="InternalIP")].address}';
  return (await kubectlAt(kubeconfig)(['get', 'nodes', '-o', `jsonpath=${path}`])).trim();
}

/** The edge called `edge`, by the host that leads to the API. Port 0 means that it does not speak TLS. */
export async function doorOf(kubeconfig: string, namespace: string): Promise<Door> {
  const get = (kind: string, name: string, path: string): Promise<string> =>
    kubectlAt(kubeconfig)(['get', kind, name, '-n', namespace, '-o', `jsonpath=${path}`]);
  const ports = await get('service', 'edge', '{range .spec.ports[*]}{.name}={.nodePort} {end}');
  const port = (name: string): number => Number(new RegExp(`${name}=(\\d+)`).exec(ports)?.[1] ?? 0);
  const volume = '{.spec.template.spec.volumes[?(@.name=="configuration")].configMap.name}';
  const conf = await get('configmap', (await get('deployment', 'edge', volume)).trim(), '{.data.nginx\\.conf}');
  // To one Service, or to whichever of its two sides is chosen.
  const block = conf.split('server {').find((text) => /proxy_pass http:\/\/api_|set \$\w+ api-blue_/.test(text)) ?? '';
  return {
    ...{ address: await nodeAddress(kubeconfig), http: port('http'), https: port('https') },
    host: /server_name (\S+);/.exec(block)?.[1] ?? '',
  };
}
