/** An edge of a test's own, with something behind it, in a namespace of its own: made by the engine, removed by it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EdgeArgs } from '../../../../components/edge/index.ts';
import { CHECKOUT } from '../../../../infra/sandbox/host/paths.ts';
import { imagesOf } from '../../../../stacks/images.ts';
import { engine, type EngineTest } from '../../../engine/support/engine.ts';

/** Any image with a Python in it that the node has. */
const PYTHON = 'docker.io/library/corporate-intel-api:1.0.0';
const IMAGES = imagesOf(false);

export const SECRET = 'trial-tls';

export interface Trial {
  readonly namespace: string;
  /** Besides `edge`: pods that answer one challenge each, by their tokens. */
  readonly tokens: readonly string[];
  readonly args: Pick<EdgeArgs, 'sites' | 'clientAddress' | 'rateLimit' | 'firewall'> & {
    readonly ports: { readonly http: number; readonly https: number };
    readonly replicas: number;
  };
}

const script = (name: string): string => readFileSync(join(CHECKOUT, 'test/e2e/support/edge', name), 'utf8');

/** A bare pod as Pod Security `restricted` lets it run. */
const pod = (namespace: string, name: string, labels: object, code: string, env: object[], port: number) => ({
  metadata: { name, namespace, labels },
  spec: {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 1,
    securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'server',
        image: PYTHON,
        command: ['python3', '-c', code],
        env,
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { cpu: '1', memory: '128Mi' } },
        readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
      },
    ],
  },
});

function objects({ namespace, tokens }: Trial) {
  const solver = { 'acme.cert-manager.io/http01-solver': 'true' };
  return {
    namespace: {
      metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    },
    service: {
      metadata: { name: 'api', namespace, annotations: { 'pulumi.com/skipAwait': 'true' } },
      spec: { selector: { app: 'behind' }, ports: [{ port: 8000 }] },
    },
    pods: [
      pod(namespace, 'behind', { app: 'behind' }, script('behind.py'), [], 8000),
      ...tokens.map((token) =>
        pod(namespace, `solver-${token}`, solver, script('solver.py'), [{ name: 'TOKEN', value: token }], 8089),
      ),
    ],
  };
}

function edgeArgs({ namespace, args }: Trial): EdgeArgs {
  const { ports, ...rest } = args;
  return {
    ...{ namespace, partOf: 'trial', ...rest },
    image: args.firewall ? IMAGES.edgeFirewall : IMAGES.edge,
    exposure: { kind: 'nodePort', ...ports },
    ...{ cpu: { request: '20m', limit: '1' }, memory: '256Mi' },
    ...{ resolver: 'kube-dns.kube-system.svc.cluster.local', drain: '2s', rolloutDeadline: '120s' },
  };
}

const program = (trials: readonly Trial[]): string => `
import { Provider } from '@pulumi/kubernetes/provider.js';
import { Namespace } from '@pulumi/kubernetes/core/v1/namespace.js';
import { Pod } from '@pulumi/kubernetes/core/v1/pod.js';
import { Service } from '@pulumi/kubernetes/core/v1/service.js';
import { Edge } from './components/edge/index.ts';
const provider = new Provider('cluster', { kubeconfig: '', clusterIdentifier: 'trial', upsertExistingObjects: true });
for (const { objects, edge } of ${JSON.stringify(trials.map((trial) => ({ objects: objects(trial), edge: edgeArgs(trial) })))}) {
  const at = edge.namespace;
  const namespace = new Namespace(at, objects.namespace, { provider });
  const within = { provider, dependsOn: [namespace] };
  const service = new Service(\`\${at}-api\`, objects.service, within);
  const pods = objects.pods.map((pod) => new Pod(\`\${at}-\${pod.metadata.name}\`, pod, within));
  new Edge(edge.firewall ? 'edge' : 'edge-open', edge, { provider, dependsOn: [service, ...pods] });
}
`;

/** Deploys all trials at once. `destroy` and `remove` of what comes back take everything away again. */
export async function deploy(kubeconfig: string, trials: readonly Trial[]): Promise<EngineTest> {
  const stack = await engine({ source: program(trials), kubeconfig });
  await stack.up({ timeout: 240_000 });
  return stack;
}
