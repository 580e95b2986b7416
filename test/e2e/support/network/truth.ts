/**
 * The truth table of a namespace: every workload against every other, on every port that any of them listens on, by the
 * pod's address and by every Service, and against what lies around; each tried by a real connection.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { V1Pod, V1Service } from '@kubernetes/client-node';
import { addresses, core, eventually, listener, networking, started } from './cluster.ts';
import { judge } from './cyclonus.ts';
import type { End, Fence } from './fence.ts';
import { Prober } from './prober.ts';

/** What nobody listens on. */
const UNUSED = 9999;
/** Where the stand-ins listen. */
const LISTENING = 8000;
/** Connections tried at once from one pod. */
const TOGETHER = 150;

/** A pod that stands for all of its workload, or stands in for one that is not running now. */
export interface Resident extends End {
  readonly name: string;
  readonly pod: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> };
  readonly uid: string;
}

/** One try: from a pod, to an address and port; `port` is the one that is listened on behind it. */
export interface Way {
  readonly from: Resident;
  readonly to: End & { readonly name: string };
  readonly way: string;
  readonly host: string;
  readonly dialled: number;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
}

export const told = ({ from, to, way, port, protocol }: Way): string =>
  `${from.name} → ${to.name} ${port}${protocol === 'UDP' ? '/UDP' : ''} (${way})`;

const residentOf = (name: string, { metadata, status }: V1Pod): Resident => ({
  ...{ name, uid: metadata!.uid!, ip: status!.podIP! },
  pod: { namespace: metadata!.namespace!, labels: metadata!.labels ?? {} },
});

/** Ports that anybody but the pod itself may reach, from the kernel's own tables. */
async function listened(prober: Prober): Promise<number[]> {
  const table = await prober.inNamespace(['cat', '/proc/net/tcp', '/proc/net/tcp6']);
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/);
    const [address = '', port = ''] = local.split(':');
    const loopback = /^0100007F$|^0{24}01000000$/.test(address);
    return state === '0A' && !loopback ? [Number.parseInt(port, 16)] : [];
  });
}

export class TruthTable {
  readonly residents: readonly Resident[];
  readonly ways: readonly Way[];
  readonly ports: readonly number[];
  /** Services that nobody stands behind right now, which no connection says anything about. */
  readonly idle: readonly string[];
  readonly #namespace: string;
  readonly #probers: ReadonlyMap<string, Prober>;
  readonly #own: readonly string[];
  readonly #outside: Server;

  private constructor(
    fields: Pick<TruthTable, 'residents' | 'ways' | 'ports' | 'idle'>,
    namespace: string,
    probers: ReadonlyMap<string, Prober>,
    own: readonly string[],
    outside: Server,
  ) {
    this.residents = fields.residents;
    this.ways = fields.ways;
    this.ports = fields.ports;
    this.idle = fields.idle;
    this.#namespace = namespace;
    this.#probers = probers;
    this.#own = own;
    this.#outside = outside;
  }

  /** Pods join for every place of the fence where nobody is, and one that no place knows. */
  static async of(namespace: string, fence: Fence): Promise<TruthTable> {
    const alive = (await core.listNamespacedPod({ namespace })).items.filter(
      ({ metadata, status }) => status?.phase === 'Running' && !metadata!.deletionTimestamp && status.podIP,
    );
    const is = ({ metadata }: V1Pod, labels: Readonly<Record<string, string>>) =>
      Object.entries(labels).every(([key, value]) => metadata!.labels?.[key] === value);
    const missing = [...fence.inhabitants].filter(([, labels]) => !alive.some((pod) => is(pod, labels)));
    const ports = [{ name: 'listening', containerPort: LISTENING }];
    const own = [['stranger', { purpose: 'stranger' }] as const, ...missing].map(([name, labels]) =>
      listener(namespace, `truth-${name}`, { labels: { ...labels }, ports }),
    );
    const joined = await started(own);
    // Two of each workload: one of them is what the other reaches as a member of its own.
    const byOwner = Map.groupBy(alive, ({ metadata }) => metadata!.ownerReferences?.[0]?.uid ?? metadata!.uid!);
    const residents = [
      ...[...byOwner.values()].flatMap((pods) => pods.slice(0, 2).map((pod) => residentOf(pod.metadata!.name!, pod))),
      ...joined.map((pod) => residentOf(pod.metadata!.name!, pod)),
    ];
    const probers = new Map<string, Prober>();
    for (const { name, uid } of residents) probers.set(name, await Prober.inPod(addresses.name, uid));
    const server = createServer((socket) => socket.destroy()).listen(0, addresses.host);
    await once(server, 'listening');
    const known = new Set((await Promise.all([...probers.values()].map(listened))).flat());
    const all = [...known, UNUSED].toSorted((a, b) => a - b);

    const { items } = await core.listNamespacedService({ namespace });
    const behind = (service: V1Service) =>
      service.spec?.selector ? alive.filter((pod) => is(pod, service.spec!.selector!) && isReady(pod)) : [];
    const dialled = items.filter(({ spec }) => spec?.clusterIP !== 'None' && spec?.type !== 'ExternalName');
    const targets = [
      ...residents.flatMap((to) =>
        all.map((port) => ({ to, way: 'pod', host: to.ip, dialled: port, port, protocol: 'TCP' as const })),
      ),
      ...dialled.flatMap((service) => serviceTargets(service, behind(service))),
      ...(await around((server.address() as { port: number }).port)),
    ];
    const ways = residents.flatMap((from) =>
      targets
        .filter(({ to }) => to.ip !== from.ip && !('backing' in to && to.backing.includes(from.ip)))
        .map((target) => ({ from, ...target })),
    );
    const idle = dialled.filter((service) => behind(service).length === 0).map(({ metadata }) => metadata!.name!);
    const names = own.map(({ metadata }) => metadata!.name!);
    return new TruthTable({ residents, ways, ports: all, idle }, namespace, probers, names, server);
  }

  async leave(): Promise<void> {
    for (const prober of this.#probers.values()) prober.stop();
    this.#outside.close();
    for (const name of this.#own) await core.deleteNamespacedPod({ name, namespace: this.#namespace });
  }

  /** Which of the ways a connection gets through, in their order. */
  async observed(ways: readonly Way[] = this.ways): Promise<boolean[]> {
    const answers: boolean[] = Array.from({ length: ways.length }, () => false);
    const byPod = Map.groupBy(ways.keys(), (at) => ways[at]!.from.name);
    await Promise.all(
      [...byPod].map(async ([name, places]) => {
        for (let first = 0; first < places.length; first += TOGETHER) {
          await Promise.all(
            places.slice(first, first + TOGETHER).map(async (at) => {
              const { host, dialled: port, protocol } = ways[at]!;
              answers[at] = await this.#probers.get(name)!.reaches({ host, port, protocol });
            }),
          );
        }
      }),
    );
    return answers;
  }

  /** What cyclonus says of the ways between pods under the policies that are in the namespace; none for the other ways. */
  async judged(): Promise<(boolean | undefined)[]> {
    const { items } = await networking.listNamespacedNetworkPolicy({ namespace: this.#namespace });
    const { metadata } = await core.readNamespace({ name: this.#namespace });
    const party = ({ pod, ip }: Resident) => ({
      ...{ namespace: pod.namespace, labels: { ...pod.labels }, ip },
      namespaceLabels: metadata?.labels ?? {},
    });
    const between = this.ways.filter((way): way is Way & { to: Resident } => way.way === 'pod' && 'uid' in way.to);
    const verdicts = await judge(
      items.map(({ metadata: { name, namespace } = {}, spec }) => ({
        ...{ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
        ...{ metadata: { name: name!, namespace: namespace! }, spec: spec! },
      })),
      between.map(({ from, to, port, protocol }) => ({
        from: party(from),
        to: party(to),
        port,
        portName: '',
        protocol,
      })),
    );
    const byWay = new Map(between.map((way, at) => [way as Way, verdicts[at]!]));
    return this.ways.map((way) => byWay.get(way));
  }
}

const isReady = ({ status }: V1Pod): boolean =>
  (status?.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True');

/** A Service as a target: behind it any of its pods, which are all of one kind. */
function serviceTargets({ metadata, spec }: V1Service, pods: readonly V1Pod[]) {
  const [first] = pods;
  if (first === undefined) return [];
  const named = new Map(
    first.spec!.containers.flatMap(({ ports = [] }) => ports.map(({ name, containerPort }) => [name, containerPort])),
  );
  const backing = pods.map(({ status }) => status!.podIP!);
  const to = { ...residentOf(metadata!.name!, first), name: metadata!.name!, backing };
  return spec!.ports!.flatMap(({ port, targetPort, protocol }) => {
    const inside = typeof targetPort === 'string' ? named.get(targetPort) : (targetPort ?? port);
    if (inside === undefined) return [];
    const way = `Service ${metadata!.name!}`;
    return [{ to, way, host: spec!.clusterIP!, dialled: port, port: inside, protocol: protocol as 'TCP' | 'UDP' }];
  });
}

/** What lies around the namespace: the cluster's DNS, its API server and kubelet, and the world outside. */
async function around(outside: number) {
  const { items } = await core.listNamespacedPod({ namespace: 'kube-system', labelSelector: 'k8s-app=kube-dns' });
  const dns = { ...residentOf('dns', items[0]!), name: 'dns' };
  const node = { name: 'node', ip: addresses.node };
  const host = { name: 'internet', ip: addresses.host };
  const tcp = 'TCP' as const;
  return [
    { to: dns, way: 'Service', host: addresses.dns, dialled: 53, port: 53, protocol: tcp },
    { to: dns, way: 'Service', host: addresses.dns, dialled: 53, port: 53, protocol: 'UDP' as const },
    { to: dns, way: 'its own port', host: dns.ip, dialled: 8080, port: 8080, protocol: tcp },
    { to: node, way: 'Service kubernetes', host: addresses.serviceApi, dialled: 443, port: 6443, protocol: tcp },
    { to: node, way: 'API server', host: addresses.node, dialled: 6443, port: 6443, protocol: tcp },
    { to: node, way: 'kubelet', host: addresses.node, dialled: 10250, port: 10250, protocol: tcp },
    { to: host, way: 'host', host: addresses.host, dialled: outside, port: outside, protocol: tcp },
  ];
}

/** Waits until no pod of a namespace is on its way in or out: the table is of something that stands still. */
export const still = (namespace: string): Promise<void> =>
  eventually(
    `nothing starts or ends in ${namespace}`,
    async () => {
      const { items } = await core.listNamespacedPod({ namespace });
      return items.every(
        (pod) => pod.status?.phase === 'Succeeded' || (!pod.metadata!.deletionTimestamp && isReady(pod)),
      );
    },
    120_000,
  );
