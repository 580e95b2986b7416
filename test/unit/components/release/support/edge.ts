/** Pods of an edge in this process: each takes, lists and gives back buckets over HTTP, as nginx does. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EdgePods } from '../../../../../components/release/runner/edge-pods.ts';
import type { Traffic } from '../../../../../components/release/runner/traffic.ts';
import type { FakeCluster } from './cluster.ts';

const LABELS = { app: 'edge' };
const PASSWORD = 'canary-password';

export interface FakeEdgePod {
  readonly name: string;
  readonly buckets: Set<string>;
  ready: boolean;
  leaving: boolean;
  /** Takes connections and says nothing. */
  deaf: boolean;
  /** How often it was told something. */
  told: number;
}

let addresses = 0;

export class FakeEdge {
  readonly pods: FakeEdgePod[] = [];
  readonly #servers: Server[] = [];
  #port = 0;

  private constructor(cluster: FakeCluster) {
    cluster.others = () =>
      this.pods.map((pod, index) => ({
        labels: LABELS,
        metadata: { name: pod.name, ...(pod.leaving && { deletionTimestamp: '2026-01-01T00:00:00Z' }) },
        status: {
          phase: 'Running',
          podIP: (this.#servers[index]!.address() as AddressInfo).address,
          conditions: [{ type: 'Ready', status: pod.ready ? 'True' : 'False' }],
        },
      }));
    cluster.share = () => Math.max(...this.pods.map(({ buckets }) => buckets.size));
  }

  /** With pods that give everything to blue. */
  static async begin(cluster: FakeCluster, count: number): Promise<FakeEdge> {
    const edge = new FakeEdge(cluster);
    cluster.split();
    for (let index = 0; index < count; index++) await edge.add();
    return edge;
  }

  get traffic(): Traffic {
    return { driver: 'nginx', edge: { labels: LABELS, port: this.#port } };
  }

  access(password = PASSWORD): EdgePods {
    return new EdgePods({ labels: LABELS, port: this.#port, split: 'web-split', password: () => password });
  }

  /** How many buckets each pod gives to green. */
  get greens(): number[] {
    return this.pods.map(({ buckets }) => buckets.size);
  }

  async add(buckets: readonly string[] = []): Promise<FakeEdgePod> {
    const name = `edge-${this.pods.length}`;
    const pod: FakeEdgePod = { name, buckets: new Set(buckets), ready: true, leaving: false, deaf: false, told: 0 };
    const server = createServer((request, response) => {
      if (pod.deaf) return;
      const expected = `Basic ${Buffer.from(`runner:${PASSWORD}`).toString('base64')}`;
      const [, bucket] = /^\/web-split\/(\d{0,2})$/.exec(request.url!) ?? [];
      if (bucket === undefined) response.writeHead(404).end();
      else if (request.headers.authorization !== expected) response.writeHead(401).end();
      else if (request.method === 'GET') {
        response.writeHead(200).end(JSON.stringify([...pod.buckets].map((one) => ({ name: one, type: 'file' }))));
      } else {
        pod.told++;
        const had = request.method === 'PUT' ? pod.buckets.has(bucket) : pod.buckets.delete(bucket);
        if (request.method === 'PUT') pod.buckets.add(bucket);
        response.writeHead(request.method === 'PUT' ? (had ? 204 : 201) : had ? 204 : 404).end();
      }
    });
    const ip = `127.200.${(++addresses >> 8) & 255}.${addresses & 255}`;
    await new Promise<void>((resolve) => server.listen(this.#port, ip, resolve));
    this.#port ||= (server.address() as AddressInfo).port;
    this.#servers.push(server);
    this.pods.push(pod);
    return pod;
  }

  close(): void {
    for (const server of this.#servers) {
      server.close();
      server.closeAllConnections();
    }
  }
}
