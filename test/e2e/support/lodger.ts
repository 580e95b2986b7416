/** A pod of a test's own among the platform's: with its own edges, it does what a client inside would do. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { KubeConfig, CoreV1Api, NetworkingV1Api, type V1Pod } from '@kubernetes/client-node';
import { policies, type Place } from '../../../components/guard/index.ts';
import { run } from '../../../infra/sandbox/host/run.ts';
import { status } from '../../../infra/sandbox/instance.ts';
import { until } from './until.ts';

/** Any image with a Python in it, and clients of Redis and AMQP for it, that the node has. */
const IMAGE = 'docker.io/library/corporate-intel-api:1.0.0';

/** Where the lodger lives. */
export interface House {
  readonly state: string;
  readonly kubeconfig: string;
  readonly namespace: string;
}

export interface LodgerArgs {
  readonly name: string;
  /** Who may be reached, and on which port of theirs. */
  readonly reaches: readonly { readonly pods: Record<string, string>; readonly port: number }[];
  /** Variables out of Secrets: `{ PASSWORD: { name: 'redis-auth', key: 'password' } }`. */
  readonly secrets: Readonly<Record<string, { readonly name: string; readonly key: string }>>;
}

/** A script that is running inside. */
export interface Errand {
  stop(): Promise<void>;
}

export interface Lodger {
  /** Runs `kubectl exec` in any pod of the namespace, to its end. */
  exec(pod: string, container: string | undefined, command: readonly string[], timeout?: number): Promise<string>;
  /** Runs a Python script to its end. */
  python(script: string, ...args: readonly string[]): Promise<string>;
  /** Starts a Python script; each line it prints is handed over as it comes. */
  start(script: string, args: readonly string[], onLine: (line: string) => void): Errand;
  readonly core: CoreV1Api;
  leave(): Promise<void>;
}

const podOf = ({ name, secrets }: LodgerArgs): V1Pod => ({
  metadata: { name, labels: { app: name } },
  spec: {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    securityContext: { runAsNonRoot: true, runAsUser: 10_001, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'client',
        image: IMAGE,
        command: ['sleep', 'infinity'],
        env: Object.entries(secrets).map(([variable, secretKeyRef]) => ({
          name: variable,
          valueFrom: { secretKeyRef },
        })),
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { cpu: '1', memory: '256Mi' } },
      },
    ],
  },
});

/** Moves in: the pod runs and its edges are made when this returns. */
export async function lodge({ state, kubeconfig, namespace }: House, args: LodgerArgs): Promise<Lodger> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const [core, networking] = [config.makeApiClient(CoreV1Api), config.makeApiClient(NetworkingV1Api)];
  const { programs } = (await status(state))!;
  const { name } = args;
  const kubectl = [join(programs, 'kubectl'), `--kubeconfig=${kubeconfig}`, '--namespace', namespace];
  const inside = [...kubectl, 'exec', name, '--', 'python3', '-u', '-c'];

  const places: Record<string, Place> = {
    [name]: { pods: { app: name } },
    dns: { namespace: 'kube-system', pods: { 'k8s-app': 'kube-dns' } },
    ...Object.fromEntries(args.reaches.map(({ pods }, index) => [`${name}-aim-${index}`, { pods }])),
  };
  const edges = [
    { from: name, to: 'dns', port: 53, protocols: ['TCP', 'UDP'] as const },
    ...args.reaches.map(({ port }, index) => ({ from: name, to: `${name}-aim-${index}`, port })),
  ];
  const made = policies(places, edges);
  for (const { name: edge, pods, direction, peers, ports } of made) {
    const rules = direction === 'Egress' ? { egress: [{ to: peers, ports }] } : { ingress: [{ _from: peers, ports }] };
    await networking.createNamespacedNetworkPolicy({
      namespace,
      body: {
        metadata: { name: edge },
        spec: { podSelector: { matchLabels: pods }, policyTypes: [direction], ...rules },
      },
    });
  }
  await core.createNamespacedPod({ namespace, body: podOf(args) });
  await until(`${name} runs`, async () => {
    const { status: now } = await core.readNamespacedPod({ namespace, name });
    return now?.phase === 'Running';
  });

  return {
    core,
    exec: (pod, container, command, timeout = 60_000) =>
      run([...kubectl, 'exec', pod, ...(container === undefined ? [] : ['-c', container]), '--', ...command], {
        timeout,
      }),
    python: (script, ...more) => run([...inside, script, ...more], { timeout: 300_000 }),
    start: (script, more, onLine) => {
      // The end of `kubectl exec` does not end what runs inside: that takes its number.
      const numbered = ['sh', '-c', 'echo $$ >/tmp/errand && exec python3 -u -c "$0" "$@"', script, ...more];
      const [program, ...rest] = [...kubectl, 'exec', name, '--', ...numbered];
      const child = spawn(program!, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
      let [complaints, stopping] = ['', false];
      child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
      const ended = new Promise<void>((resolve) =>
        child.once('close', () => {
          if (!stopping) console.log(`    ${name} ended by itself:\n${complaints}`);
          resolve();
        }),
      );
      createInterface(child.stdout).on('line', onLine);
      return {
        stop: async () => {
          stopping = true;
          // One that has just ended by itself is as good as stopped.
          const kill = 'kill -KILL $(cat /tmp/errand) 2>/dev/null || true';
          await run([...kubectl, 'exec', name, '--', 'sh', '-c', kill], { timeout: 60_000 });
          await ended;
        },
      };
    },
    leave: async () => {
      await core.deleteNamespacedPod({ namespace, name, gracePeriodSeconds: 0 });
      for (const { name: edge } of made) await networking.deleteNamespacedNetworkPolicy({ namespace, name: edge });
    },
  };
}
