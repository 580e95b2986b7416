/** The deployed sandbox as the network tests see it: its API, its enforcer, and pods of the tests' own. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApiException,
  CoreV1Api,
  KubeConfig,
  NetworkingV1Api,
  type V1NetworkPolicy,
  type V1NetworkPolicySpec,
  type V1Pod,
} from '@kubernetes/client-node';
import { STATUS_FILE, type Status } from '../../../../infra/sandbox/enforcer/status.ts';
import { firstOf, processesOf } from '../../../../infra/sandbox/host/cgroups.ts';
import { indexOf } from '../../../../infra/sandbox/host/claim.ts';
import { addressesOf } from '../../../../infra/sandbox/node/addresses.ts';
import { platform } from '../platform.ts';

const config = new KubeConfig();
config.loadFromFile(platform.kubeconfig);
export const core = config.makeApiClient(CoreV1Api);
export const networking = config.makeApiClient(NetworkingV1Api);
export const addresses = addressesOf(indexOf(platform.state)!);

/** The image with a Python in it, for pods that listen. */
const IMAGE = 'docker.io/library/corporate-intel-api:1.0.0';

async function until<T>(what: string, look: () => Promise<T | undefined>, patience = 60_000): Promise<T> {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`not within ${patience / 1000} s: ${what}`);
    await sleep(100);
  }
}

/** Waits until something holds. */
export async function eventually(what: string, holds: () => Promise<boolean>, patience = 15_000): Promise<void> {
  await until(what, async () => ((await holds()) ? true : undefined), patience);
}

/** The status of the enforcer, out of the instance's own file system; none while it starts again. */
export function enforcerStatus(): Status | undefined {
  const { pid } = firstOf(processesOf(addresses.name))!;
  const file = join('/proc', String(pid), 'root', STATUS_FILE);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Status) : undefined;
}

const MARKER = 'network-test-marker';

/**
 * Waits until the enforcer has put in force every change of policies before this call. A policy that selects nobody is
 * written last; events come in order, so when it has been seen, so have all before it.
 */
export async function settled(namespace: string): Promise<void> {
  const body: V1NetworkPolicy = {
    metadata: { name: MARKER, namespace, annotations: { at: String(performance.now()) } },
    spec: { podSelector: { matchLabels: { nobody: 'at-all' } }, policyTypes: ['Ingress'] },
  };
  const existing = await networking.listNamespacedNetworkPolicy({ namespace });
  const there = existing.items.some(({ metadata }) => metadata!.name === MARKER);
  const written = there
    ? await networking.replaceNamespacedNetworkPolicy({ name: MARKER, namespace, body })
    : await networking.createNamespacedNetworkPolicy({ namespace, body });
  const version = Number(written.metadata!.resourceVersion);
  await until('the enforcer applies the policies', async () => {
    const applied = enforcerStatus()?.applied;
    return applied && Number(applied.resourceVersions.networkpolicies) >= version ? true : undefined;
  });
}

export const policy = (namespace: string, name: string, spec: V1NetworkPolicySpec): V1NetworkPolicy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { namespace, name },
  spec,
});

/** Removes what an earlier, interrupted run may have left behind. */
export async function withoutLeftover(remove: () => Promise<unknown>): Promise<void> {
  await remove().catch((error: unknown) => {
    if (!(error instanceof ApiException && error.code === 404)) throw error;
  });
}

/** Adds policies for the time of `work`; in force when it begins, gone when this ends. */
export async function withPolicies<T>(policies: readonly V1NetworkPolicy[], work: () => Promise<T>): Promise<T> {
  const [namespace] = policies.map(({ metadata }) => metadata!.namespace!);
  try {
    for (const body of policies) {
      const { name, namespace: home } = body.metadata!;
      await withoutLeftover(() => networking.deleteNamespacedNetworkPolicy({ name: name!, namespace: home! }));
      await networking.createNamespacedNetworkPolicy({ namespace: body.metadata!.namespace!, body });
    }
    if (namespace) await settled(namespace);
    return await work();
  } finally {
    for (const { metadata } of policies) {
      await networking.deleteNamespacedNetworkPolicy({ name: metadata!.name!, namespace: metadata!.namespace! });
    }
    if (namespace) {
      await settled(namespace);
      await networking.deleteNamespacedNetworkPolicy({ name: MARKER, namespace });
    }
  }
}

/** Listens on TCP and answers on UDP, on each of its ports. */
const server = (ports: readonly number[]): string => `
import asyncio
class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport): self.transport = transport
    def datagram_received(self, data, address): self.transport.sendto(data, address)
async def main():
    loop = asyncio.get_running_loop()
    for port in ${JSON.stringify(ports)}:
        await loop.create_server(asyncio.Protocol, "0.0.0.0", port)
        await loop.create_datagram_endpoint(Echo, local_addr=("0.0.0.0", port))
    await asyncio.sleep(86400)
asyncio.run(main())`;

export interface ListenerParts {
  readonly labels: Record<string, string>;
  readonly ports?: readonly { readonly name: string; readonly containerPort: number; readonly protocol?: string }[];
}

/** A pod that Pod Security `restricted` lets in, with a listener on each port. */
export function listener(namespace: string, name: string, { labels, ports = [] }: ListenerParts): V1Pod {
  return {
    metadata: { namespace, name, labels },
    spec: {
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'listener',
          image: IMAGE,
          imagePullPolicy: 'IfNotPresent',
          command: ['python3', '-c', server([...new Set(ports.map(({ containerPort }) => containerPort))])],
          ports: [...ports],
          resources: { requests: { cpu: '5m', memory: '24Mi' }, limits: { cpu: '500m', memory: '64Mi' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    },
  };
}

/** Makes pods and gives them as they are once they run, the enforcer knows them, and their ports listen. */
export async function started(pods: readonly V1Pod[]): Promise<V1Pod[]> {
  for (const body of pods) {
    const namespace = body.metadata!.namespace!;
    await until(`the account of ${namespace}`, async () => {
      const { items } = await core.listNamespacedServiceAccount({ namespace });
      return items.length ? true : undefined;
    });
    const name = body.metadata!.name!;
    await withoutLeftover(() => core.deleteNamespacedPod({ name, namespace }));
    await eventually(`an earlier pod ${name} is gone`, async () => {
      const { items } = await core.listNamespacedPod({ namespace, fieldSelector: `metadata.name=${name}` });
      return items.length === 0;
    });
    await core.createNamespacedPod({ namespace, body });
  }
  const running = await Promise.all(
    pods.map(({ metadata }) =>
      until(`pod ${metadata!.name!} runs`, async () => {
        const pod = await core.readNamespacedPod({ name: metadata!.name!, namespace: metadata!.namespace! });
        return pod.status?.phase === 'Running' && pod.status.podIP ? pod : undefined;
      }),
    ),
  );
  const newest = Math.max(...running.map(({ metadata }) => Number(metadata!.resourceVersion)));
  await until('the enforcer knows the pods', async () =>
    Number(enforcerStatus()?.applied?.resourceVersions.pods) >= newest ? true : undefined,
  );
  return running;
}
