/** A Deployment in the platform's namespace that is well on one port and ill, in a way each, on others. */
import type { V1Deployment } from '@kubernetes/client-node';
import { SUBJECT } from '../../../components/core/index.ts';
import { openCluster, type Cluster, type WorkloadRef } from '../../../components/gates/index.ts';
import { isReady, livePods, readWorkload } from '../../../components/gates/cluster.ts';
import { until } from './until.ts';

export const SUBJECT_OF_TARGET = 'gate-target-1';
export const PORTS = { healthy: 7000, reset: 7001, hung: 7002, exits: 7003, refused: 7004 } as const;

/** One thread a port. `healthy` says much and leaves at once: all of it has to arrive. `exits` ends the process, and the kubelet starts the container again. */
const SERVER = `
import os, socket, struct, threading
def serve(port, treat):
    s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(('0.0.0.0', port)); s.listen()
    while True:
        c, _ = s.accept()
        threading.Thread(target=treat, args=(c,)).start()
def healthy(c):
    c.recv(4096)
    body = b'{"padding": "' + b'x' * 800000 + b'"}'
    c.sendall(b'HTTP/1.1 200 OK\\r\\ncontent-length: %d\\r\\nconnection: close\\r\\n\\r\\n' % len(body) + body); c.close()
def reset(c):
    c.recv(4096); c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); c.close()
def hung(c):
    while c.recv(4096): pass
def exits(c):
    c.recv(4096); os._exit(7)
for port, treat in ((${PORTS.reset}, reset), (${PORTS.hung}, hung), (${PORTS.exits}, exits)):
    threading.Thread(target=serve, args=(port, treat)).start()
serve(${PORTS.healthy}, healthy)
`;

export interface Target {
  readonly ref: WorkloadRef;
  /** The names of its pods that are not leaving. */
  pods(): Promise<string[]>;
  ready(): Promise<void>;
  remove(): Promise<void>;
}

/** @param image any image with a Python in it that the node has */
export async function deployTarget(cluster: Cluster, namespace: string, image: string): Promise<Target> {
  const name = 'gate-target';
  const ref: WorkloadRef = { namespace, kind: 'Deployment', name };
  const body: unknown = {
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name }, annotations: { [SUBJECT]: SUBJECT_OF_TARGET } },
        spec: {
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 1,
          securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'server',
              image,
              command: ['python3', '-c', SERVER],
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
              resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { cpu: '200m', memory: '64Mi' } },
              readinessProbe: { exec: { command: ['true'] }, periodSeconds: 1 },
            },
          ],
        },
      },
    },
  };
  await cluster.apps.createNamespacedDeployment({ namespace, body: body as V1Deployment });
  const live = async () => livePods(cluster, await readWorkload(cluster, ref));
  return {
    ref,
    pods: async () => (await live()).map((pod) => pod.metadata!.name!),
    ready: () => until(`${name} is ready`, async () => (await live()).some(isReady)),
    remove: async () => {
      await cluster.apps.deleteNamespacedDeployment({ name, namespace });
    },
  };
}

/** The platform's cluster, as the gates see it. */
export function clusterAt(kubeconfig: string): Promise<Cluster> {
  process.env.KUBECONFIG = kubeconfig;
  return openCluster({});
}
