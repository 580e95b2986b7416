/** Whether an instance is well, judged from the host: by its processes, and by what it answers, never by what etcd remembers. */
import { Resolver } from 'node:dns/promises';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { firstOf, processesOf, type Process } from '../host/cgroups.ts';
import { enforcerProblem, STATUS_FILE } from '../enforcer/status.ts';
import type { Addresses } from './addresses.ts';
import { clientOf } from './client.ts';

/** What services.sh starts under a supervisor, by the supervisor's name for it. */
export const SERVICES = [
  ...['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'containerd', 'enforcer', 'kubelet'],
  'kube-proxy',
] as const;

/** Programs of the cluster's own pods, which the kubelet starts again. */
export const POD_PROGRAMS = ['coredns', 'metrics-server', 'local-path-provisioner'] as const;

export interface Health {
  /** What only a restart of the instance can mend. */
  readonly broken: readonly string[];
  /** What may come right by itself within seconds. */
  readonly unready: readonly string[];
  /** What takes its time after each start: a measurement needs two looks, 10 s apart. Nothing else waits for it. */
  readonly ripening: readonly string[];
}

const programOf = ({ arguments: [program = '', script = ''] }: Process): string =>
  script.endsWith('/enforcer/main.ts') ? 'enforcer' : basename(program);

/** The judgement on the processes alone. */
export function judgeProcesses(processes: readonly Process[], services: readonly string[]): Health {
  if (!firstOf(processes)) return { broken: ['the first process is gone'], unready: [], ripening: [] };
  const supervised = new Set(
    processes.flatMap(({ arguments: [, script, name] }) => (script?.endsWith('/supervise.sh') && name ? [name] : [])),
  );
  // The node's own programs, not what pods call theirs.
  const depth = (wanted: number): Set<string> =>
    new Set(processes.filter(({ inside }) => inside.depth === wanted).map(programOf));
  const [onNode, inPods] = [depth(1), depth(2)];
  // Each pod has a shim on the node that holds it, and a first process inside. A container may run the same program,
  // and the shim of a pod that has completed may stay on.
  const shims = processes.filter((process) => programOf(process) === 'containerd-shim-runc-v2').length;
  const pods = new Set(processes.flatMap(({ pod }) => pod ?? []));
  const held = new Set(
    processes.filter(({ arguments: [program] }) => program === '/pause').flatMap(({ pod }) => pod ?? []),
  );
  const idle = [...services.filter((name) => !onNode.has(name)), ...POD_PROGRAMS.filter((name) => !inPods.has(name))];
  return {
    broken: services.filter((name) => !supervised.has(name)).map((name) => `the supervisor of ${name} is gone`),
    unready: [
      ...idle.map((name) => `${name} is not running`),
      ...(shims >= pods.size && held.size === pods.size
        ? []
        : [`${pods.size} pods run, ${shims} shims hold them, and ${held.size} have their first process`]),
    ],
    ripening: [],
  };
}

function answers(where: { host: string; port: number } | { path: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...where, timeout: 1000 });
    socket.on('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.on('timeout', () => socket.destroy(new Error('no answer within 1 s')));
    socket.on('error', reject);
  });
}

async function resolves({ dns, serviceApi }: Addresses): Promise<void> {
  const resolver = new Resolver({ timeout: 1000, tries: 1 });
  resolver.setServers([dns]);
  const found = await resolver.resolve4('kubernetes.default.svc.cluster.local');
  if (found[0] !== serviceApi)
    throw new Error(`kubernetes.default.svc.cluster.local is ${found[0]}, not ${serviceApi}`);
}

interface Nodes {
  items: { status: { conditions: { type: string; status: string; message?: string }[] } }[];
}

async function nodeReady(kubeconfig: string): Promise<void> {
  const { items } = await clientOf(kubeconfig).get<Nodes>('/api/v1/nodes');
  const ready = items[0]?.status.conditions.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'True') throw new Error(ready?.message ?? 'not registered');
}

async function metrics(kubeconfig: string): Promise<void> {
  const { items } = await clientOf(kubeconfig).get<{ items: unknown[] }>('/apis/metrics.k8s.io/v1beta1/nodes');
  if (!items.length) throw new Error('no measurement yet');
}

/** What the enforcer says of itself, read through the first process's root. */
async function enforcer(first: number): Promise<void> {
  const file = `/proc/${first}/root${STATUS_FILE}`;
  const problem = enforcerProblem(existsSync(file) ? await readFile(file, 'utf8') : undefined);
  if (problem) throw new Error(problem);
}

/** Asks everything at once; ends within about two seconds, whatever hangs. */
export async function healthOf(state: string, addresses: Addresses): Promise<Health> {
  const processes = processesOf(addresses.name);
  const judged = judgeProcesses(processes, SERVICES);
  const kubeconfig = join(state, 'pki/admin.conf');
  const first = firstOf(processes)?.pid;
  if (first === undefined || judged.broken.length || !existsSync(kubeconfig)) return judged;
  const problem = async (name: string, probe: () => Promise<unknown>): Promise<string[]> => {
    try {
      await probe();
      return [];
    } catch (error) {
      return [`${name}: ${error instanceof Error ? error.message : String(error)}`];
    }
  };
  const [ripening, ...failures] = await Promise.all([
    problem('metrics', () => metrics(kubeconfig)),
    problem('API server', () => clientOf(kubeconfig).get('/readyz')),
    problem('kubelet', () => clientOf(kubeconfig, `https://${addresses.node}:10250`).get('/healthz')),
    problem('node', () => nodeReady(kubeconfig)),
    // A container runtime that was just started again is a process for a second before anyone can ask it for anything.
    problem('containerd', () => answers({ path: `/proc/${first}/root/run/containerd/containerd.sock` })),
    problem('service network', () => answers({ host: addresses.serviceApi, port: 443 })),
    problem('DNS', () => resolves(addresses)),
    problem('NetworkPolicies', () => enforcer(first)),
  ]);
  return { broken: [], unready: [...judged.unready, ...failures.flat()], ripening };
}
