/** Who is in and around the platform's namespace: everything a connection could be tried from, and everything it could be tried to. */
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import type { V1Pod } from '@kubernetes/client-node';
import { selector } from '../../../../components/core/index.ts';
import { platform } from '../platform.ts';
import { addresses, core, listener, started } from './cluster.ts';
import { Prober, type Target } from './prober.ts';

const NAMESPACE = platform.namespace;
/** What nobody listens on: a pod that is reached there answers "refused". */
const UNUSED = 9999;
/** Where the tests' own pods listen. */
export const LISTENING = 8000;

/** A place to connect to, with the name by which edges speak of it: `postgres 5432`. */
export interface Door extends Target {
  readonly door: string;
  /** How it is addressed, for messages. */
  readonly way: string;
}

const component = (labels: Record<string, string> = {}): string => labels['app.kubernetes.io/name'] ?? '';

/** Pods of the platform that serve, by component. */
async function serving(): Promise<Map<string, V1Pod>> {
  const { items } = await core.listNamespacedPod({ namespace: NAMESPACE });
  const live = items.filter(({ metadata, status }) => status?.phase === 'Running' && !metadata!.deletionTimestamp);
  return new Map(live.map((pod) => [component(pod.metadata!.labels), pod]));
}

function ownDoors(name: string, { status, spec }: V1Pod): Door[] {
  const ports = spec!.containers.flatMap(({ ports = [] }) => ports.map(({ containerPort }) => containerPort));
  return [...new Set([...ports, UNUSED])].map((port) => ({
    ...{ door: `${name} ${port}`, way: 'pod', host: status!.podIP!, port },
  }));
}

async function serviceDoors(pods: ReadonlyMap<string, V1Pod>): Promise<Door[]> {
  const { items } = await core.listNamespacedService({ namespace: NAMESPACE });
  return items.flatMap(({ metadata, spec }) => {
    const name = component(spec!.selector);
    if (spec!.clusterIP === 'None' || !pods.has(name)) return [];
    return spec!.ports!.map(({ port }) => ({
      ...{ door: `${name} ${port}`, way: `Service ${metadata!.name!}`, host: spec!.clusterIP!, port },
    }));
  });
}

async function clusterDoors(): Promise<Door[]> {
  const { items } = await core.listNamespacedPod({ namespace: 'kube-system', labelSelector: 'k8s-app=kube-dns' });
  const { node, serviceApi, dns } = addresses;
  return [
    { door: 'dns 53', way: 'Service, TCP', host: dns, port: 53 },
    { door: 'dns 53', way: 'Service, UDP', host: dns, port: 53, protocol: 'UDP' },
    { door: 'dns 8080', way: 'pod', host: items[0]!.status!.podIP!, port: 8080 },
    { door: 'kube-apiserver 6443', way: 'Service', host: serviceApi, port: 443 },
    { door: 'kube-apiserver 6443', way: 'node', host: node, port: 6443 },
    { door: 'kubelet 10250', way: 'node', host: node, port: 10250 },
  ];
}

export class World {
  readonly doors: readonly Door[];
  readonly probers: ReadonlyMap<string, Prober>;
  readonly pods: ReadonlyMap<string, V1Pod>;
  readonly #internet: Server;
  readonly #own: readonly V1Pod[];

  private constructor(
    pods: ReadonlyMap<string, V1Pod>,
    probers: ReadonlyMap<string, Prober>,
    doors: readonly Door[],
    internet: Server,
    own: readonly V1Pod[],
  ) {
    this.pods = pods;
    this.probers = probers;
    this.doors = doors;
    this.#internet = internet;
    this.#own = own;
  }

  /** Two pods join: a stranger whom no edge names, and one that carries the labels of the migration, which has ended. */
  static async join(): Promise<World> {
    const ports = [{ name: 'listening', containerPort: LISTENING }];
    const own = await started([
      listener(NAMESPACE, 'network-test-stranger', { labels: { purpose: 'stranger' }, ports }),
      listener(NAMESPACE, 'network-test-migrate', {
        labels: selector({ component: 'migrate', instance: 'migrate' }),
        ports,
      }),
    ]);
    const pods = new Map([...(await serving()), ['stranger', own[0]!], ['migrate', own[1]!]]);
    pods.delete('');
    const probers = new Map<string, Prober>();
    for (const [name, { metadata }] of pods) probers.set(name, await Prober.inPod(addresses.name, metadata!.uid!));
    // The host's end of the link: as far outside of the cluster's ranges as any address of the internet.
    const internet = createServer((socket) => socket.destroy()).listen(0, addresses.host);
    await once(internet, 'listening');
    const { port } = internet.address() as { port: number };
    const doors = [
      ...(await serviceDoors(pods)),
      ...[...pods].flatMap(([name, pod]) => ownDoors(name, pod)),
      ...(await clusterDoors()),
      { door: 'internet', way: 'host', host: addresses.host, port },
    ];
    return new World(pods, probers, doors, internet, own);
  }

  async leave(): Promise<void> {
    for (const prober of this.probers.values()) prober.stop();
    this.#internet.close();
    for (const { metadata } of this.#own) {
      await core.deleteNamespacedPod({ name: metadata!.name!, namespace: NAMESPACE });
    }
  }

  door(name: string): Door {
    const found = this.doors.find(({ door }) => door === name);
    if (!found) throw new Error(`no door ${name}; there are ${this.doors.map(({ door }) => door).join(', ')}`);
    return found;
  }

  reaches(from: string, door: string): Promise<boolean> {
    return this.probers.get(from)!.reaches(this.door(door));
  }

  /** Every way by which a pod gets in somewhere, but for its own ports. */
  async reached(from: string): Promise<string[]> {
    const others = this.doors.filter(({ door }) => !door.startsWith(`${from} `));
    const answers = await Promise.all(others.map((door) => this.probers.get(from)!.reaches(door)));
    return others.filter((_, at) => answers[at]).map(({ door, way }) => `${door} (${way})`);
  }

  /** Every way to these doors, as {@link reached} names them; by default to all. */
  ways(from: string, names?: readonly string[]): string[] {
    const others = this.doors.filter(({ door }) => !door.startsWith(`${from} `));
    return others.filter(({ door }) => names?.includes(door) ?? true).map(({ door, way }) => `${door} (${way})`);
  }
}
