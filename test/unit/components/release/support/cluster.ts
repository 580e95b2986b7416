/**
 * A cluster with one workload, in this process: an API server that takes JSON patches as the real one does, and pods that
 * are real servers on loopback addresses. Pods act as the template's spec says.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kube } from '../../../../../components/release/runner/kube.ts';
import {
  DIGEST,
  FRESH,
  onSide,
  parse,
  paths,
  SIDE,
  sideName,
  SIDES,
  type Operation,
  type PodTemplate,
  type ReleaseRecord,
  type Side,
} from '../../../../../components/release/runner/record.ts';

/** What is known of the version that {@link FakeCluster.installed} makes live. */
export const LIVE = { since: '2026-01-01T00:00:00.000Z', epoch: 1, seconds: 9, evidence: {} };

export const LABELS = { app: 'web' };
export const AT = paths('shop', 'web');

/** What pods of a version do. `late`: good until their Service leads to them. `stuck`: their image does not come. */
export type Acts = 'good' | 'errors' | 'crash' | 'unready' | 'late' | 'stuck' | 'invalid';

export const templateOf = (digest: string, acts: Acts): PodTemplate => ({
  metadata: { labels: LABELS, annotations: { [DIGEST]: digest } },
  spec: { acts },
});

interface FakePod {
  readonly name: string;
  readonly side: Side;
  readonly template: PodTemplate;
  readonly ip: string;
  readonly born: number;
}

type Json = Record<string, any>;

let addresses = 0;

export class FakeCluster {
  readonly objects = new Map<string, Json>();
  /** Every write that was taken, in words, by the token it was tested with. */
  readonly writes: { path: string; operations: readonly Operation[] }[] = [];
  /** Pods of something else, with their labels. */
  others: () => readonly Json[] = () => [];
  /** A version whose pods lack something that they need to start, and so do not. */
  lacking: string | undefined;
  /** A version that answers nothing but errors from now on. */
  spoilt: string | undefined;
  /** Green's part of what comes in by an edge, in percent; nothing where there is none. */
  share: (() => number) | undefined;
  readonly #pods: FakePod[] = [];
  readonly #servers: Server[] = [];
  readonly #api: Server;
  readonly #port: Promise<number>;
  #version = 0;
  #made = 0;
  #port0 = 0;

  constructor() {
    this.#put(AT.record, { metadata: { name: 'web-release' }, data: { ...FRESH } });
    this.#put(AT.service, {
      metadata: { name: 'web', annotations: {} },
      spec: { selector: { ...LABELS, [SIDE]: 'blue' }, clusterIP: '127.0.0.1', ports: [{ port: 1 }] },
    });
    for (const side of SIDES) {
      const template = onSide(templateOf('none', 'good'), side);
      this.#put(AT[side], {
        metadata: { name: sideName('web', side), generation: 1 },
        spec: { replicas: 0, template },
      });
    }
    this.#api = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        const [status, body] = this.#answer(request.method!, request.url!, text);
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
    });
    this.#port = new Promise((resolve) => {
      this.#api.listen(0, '127.0.0.1', () => resolve((this.#api.address() as AddressInfo).port));
    });
    this.#servers.push(this.#api);
  }

  /** What an edge starts with: everything to blue. */
  split(): void {
    this.#put(AT.split, { metadata: { name: 'web-split' }, data: {} });
  }

  /** A Service that somebody else reaches the pods by. */
  follower(name: string): string {
    const path = `${AT.services}/${name}`;
    this.#put(path, { metadata: { name }, spec: { selector: { ...LABELS, [SIDE]: 'blue' } } });
    return path;
  }

  /** The port that all pods listen on, each on its own address; the Service too. */
  async podPort(): Promise<number> {
    if (this.#port0 === 0) {
      const service = createServer((_, response) => {
        const pods = this.#endpoints();
        const pod = pods[Math.floor(Math.random() * pods.length)];
        response.writeHead(pod === undefined ? 503 : this.#statusOf(pod)).end();
      });
      this.#servers.push(service);
      await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
      this.#port0 = (service.address() as AddressInfo).port;
      this.objects.get(AT.service)!.spec.ports[0].port = this.#port0;
    }
    return this.#port0;
  }

  /** Where its API answers. */
  async server(): Promise<string> {
    return `http://127.0.0.1:${await this.#port}`;
  }

  async kube(): Promise<Kube> {
    const server = await this.server();
    return new Kube({ server, options: () => Promise.resolve({ agent: false }) });
  }

  get record(): ReleaseRecord {
    return parse(this.objects.get(AT.record)!);
  }

  get traffic(): string {
    return this.objects.get(AT.service)?.spec.selector[SIDE] ?? 'nowhere';
  }

  /** What a user gets: how pods act behind the Service. */
  get served(): string[] {
    return [...new Set(this.#endpoints().map(({ template }) => template.metadata.annotations[DIGEST]!))];
  }

  replicas(side: Side): number {
    return this.objects.get(AT[side])!.spec.replicas;
  }

  /** Somebody takes an object away, and with a side its pods. */
  remove(path: string): void {
    const side = SIDES.find((one) => AT[one] === path);
    if (side !== undefined) this.resize(side, 0);
    this.objects.delete(path);
  }

  /** What an update makes of a declaration; a side without pods, a Service that leads to blue. */
  make(path: string): void {
    const side = SIDES.find((one) => AT[one] === path);
    const name = path.split('/').at(-1)!;
    if (side !== undefined) {
      const { metadata, spec } = onSide(templateOf('declared', 'good'), side);
      const template = { metadata: { labels: metadata.labels }, spec };
      this.#put(path, { metadata: { name, generation: 1 }, spec: { replicas: 0, template } });
    } else {
      const [selector, ports] = [{ ...LABELS, [SIDE]: 'blue' }, [{ port: this.#port0 }]];
      this.#put(path, { metadata: { name }, spec: { selector, clusterIP: '127.0.0.1', ports } });
    }
  }

  /** Somebody else's change. */
  edit(path: string, change: (object: Json) => void): void {
    const object = this.objects.get(path)!;
    change(object);
    this.#put(path, object);
  }

  /** Another number of pods, by somebody else: a person, an autoscaler. */
  resize(side: Side, replicas: number): void {
    this.edit(AT[side], ({ spec }) => (spec.replicas = replicas));
    this.#scale(side);
  }

  /** As a release leaves it: the version live on blue, with two pods; perhaps it has turned bad since. */
  installed(digest: string, acts: Acts = 'good'): void {
    const template = templateOf(digest, acts);
    this.edit(AT.blue, ({ spec }) => Object.assign(spec, { replicas: 2, template: onSide(template, 'blue') }));
    this.edit(AT.record, ({ data }) => {
      Object.assign(data, { epoch: '1', token: '1.1' });
      data.good = JSON.stringify({ digest, template, side: 'blue', ...LIVE });
    });
    this.#scale('blue');
  }

  close(): void {
    for (const server of this.#servers) {
      server.close();
      server.closeAllConnections();
    }
  }

  #put(path: string, object: Json): void {
    object.metadata.resourceVersion = String(++this.#version);
    this.objects.set(path, object);
  }

  #answer(method: string, url: string, text: string): [number, unknown] {
    const { pathname, searchParams } = new URL(url, 'http://api');
    if (pathname === AT.pods) return [200, { items: this.#listed(searchParams.get('labelSelector')!) }];
    if (pathname === AT.slices) {
      const endpoints = this.#endpoints().map(({ name }) => ({ conditions: { ready: true }, targetRef: { name } }));
      return [200, { items: [{ endpoints }] }];
    }
    if (method === 'PUT') this.make(pathname);
    const object = this.objects.get(pathname);
    if (object === undefined) return [404, { message: `${pathname} not found` }];
    const side = SIDES.find((one) => AT[one] === pathname);
    if (method === 'PATCH') {
      const operations = JSON.parse(text) as Operation[];
      const changed = patched(object, operations);
      if (typeof changed === 'string') return [422, { message: changed }];
      if (changed.spec?.template?.spec.acts === 'invalid') return [422, { message: 'Deployment is invalid: spec' }];
      if (searchParams.get('dryRun') === 'All') return [200, changed];
      if (JSON.stringify(changed.spec) !== JSON.stringify(object.spec) && side) changed.metadata.generation++;
      this.writes.push({ path: pathname, operations });
      this.#put(pathname, changed);
      if (side) this.#scale(side);
      return [200, changed];
    }
    return [200, side ? { ...object, status: this.#statusOfSide(side) } : object];
  }

  /** What the controllers do, all at once: pods of another template go, missing ones come. */
  #scale(side: Side): void {
    const { spec } = this.objects.get(AT[side])!;
    const stays = (pod: FakePod): boolean =>
      pod.side !== side || JSON.stringify(pod.template) === JSON.stringify(spec.template);
    const kept = this.#pods.filter(stays);
    const own = kept.filter((pod) => pod.side === side).slice(0, spec.replicas);
    this.#pods.splice(0, this.#pods.length, ...kept.filter((pod) => pod.side !== side), ...own);
    for (let i = own.length; i < spec.replicas; i++) {
      const ip = `127.${1 + ((++addresses >> 8) & 127)}.${addresses & 255}.${1 + (this.#made % 250)}`;
      const pod = { name: `web-${side}-${this.#made++}`, side, template: spec.template, ip, born: Date.now() };
      this.#pods.push(pod);
      if (!this.#started(pod) && pod.template.spec['acts'] === 'stuck') continue;
      const server = createServer((_, response) => void response.writeHead(this.#statusOf(pod)).end());
      server.listen(this.#port0, ip);
      this.#servers.push(server);
    }
  }

  #started = (pod: FakePod): boolean => Date.now() - pod.born > 15;

  #lacks = ({ template }: FakePod): boolean =>
    this.lacking !== undefined && template.metadata.annotations[DIGEST] === this.lacking;

  #isReady = (pod: FakePod): boolean =>
    !this.#lacks(pod) &&
    this.#started(pod) &&
    !['crash', 'unready', 'stuck'].includes(pod.template.spec['acts'] as string);

  #statusOf(pod: FakePod): number {
    const acts = pod.template.spec['acts'] as Acts;
    const isSpoilt = this.spoilt !== undefined && pod.template.metadata.annotations[DIGEST] === this.spoilt;
    return isSpoilt || acts === 'errors' || (acts === 'late' && this.#hasTraffic(pod.side)) ? 500 : 200;
  }

  #hasTraffic(side: Side): boolean {
    const green = this.share?.() ?? 0;
    return this.traffic === side || (this.share !== undefined && (side === 'green' ? green : 100 - green) > 0);
  }

  #endpoints(): FakePod[] {
    return this.#pods.filter((pod) => pod.side === this.traffic && this.#isReady(pod));
  }

  #statusOfSide(side: Side): Json {
    const { metadata } = this.objects.get(AT[side])!;
    const pods = this.#pods.filter((pod) => pod.side === side);
    const count = pods.length;
    const available = pods.filter(this.#isReady).length;
    return {
      observedGeneration: metadata.generation,
      replicas: count,
      updatedReplicas: count,
      availableReplicas: available,
    };
  }

  #listed(selector: string): Json[] {
    const wanted = selector.split(',').map((pair) => pair.split('='));
    const others = this.others().filter(({ labels }) => wanted.every(([key, value]) => labels[key!] === value));
    const own = this.#pods
      .filter(({ template }) => wanted.every(([key, value]) => template.metadata.labels[key!] === value))
      .map((pod) => {
        const acts = pod.template.spec['acts'];
        const state = this.#lacks(pod)
          ? { waiting: { reason: 'CreateContainerConfigError', message: 'configmap "settings-1" not found' } }
          : acts === 'crash'
            ? { waiting: { reason: 'CrashLoopBackOff' } }
            : acts === 'stuck'
              ? { waiting: { reason: 'ImagePullBackOff', message: 'dial tcp: i/o timeout' } }
              : { running: {} };
        const lastState = acts === 'crash' ? { terminated: { exitCode: 3 } } : {};
        const ready = this.#isReady(pod);
        const restartCount = acts === 'crash' ? 2 : 0;
        return {
          metadata: { name: pod.name, annotations: pod.template.metadata.annotations },
          status: {
            podIP: pod.ip,
            conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
            containerStatuses: [{ name: 'app', ready, restartCount, state, lastState }],
          },
        };
      });
    return [...others, ...own];
  }
}

/** The object with all operations applied, or why not. */
function patched(object: Json, operations: readonly Operation[]): Json | string {
  const copy = structuredClone(object);
  for (const { op, path, value } of operations) {
    const keys = path
      .slice(1)
      .split('/')
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = keys.pop()!;
    const parent = keys.reduce<Json | undefined>((at, key) => at?.[key], copy);
    if (parent === undefined) return `the server rejected our request: ${path} has no parent`;
    if (op === 'test') {
      if (JSON.stringify(parent[last]) !== JSON.stringify(value)) return `testing value ${path} failed`;
    } else if (op === 'replace' && !(last in parent)) return `replace ${path}: missing`;
    else parent[last] = value;
  }
  return copy;
}

/** A runner's way to the API that ends at one of its writes: as if the process were killed before it, or after it was taken. */
export class DyingKube extends Kube {
  readonly died: Promise<void>;
  readonly #inner: Kube;
  readonly #at: number;
  readonly #taken: boolean;
  #writes = 0;
  #die!: () => void;

  constructor(inner: Kube, at: number, taken: boolean) {
    super({ server: 'http://unused', options: () => Promise.reject(new Error('unused')) });
    [this.#inner, this.#at, this.#taken] = [inner, at, taken];
    this.died = new Promise((resolve) => (this.#die = resolve));
  }

  get isDead(): boolean {
    return this.#writes >= this.#at;
  }

  override get<T>(path: string): Promise<T> {
    return this.isDead ? new Promise<T>(() => undefined) : this.#inner.get<T>(path);
  }

  override async patch<T>(path: string, operations: readonly Operation[]): Promise<T> {
    if (this.isDead) return new Promise<T>(() => undefined);
    if (++this.#writes < this.#at) return this.#inner.patch<T>(path, operations);
    if (this.#taken) await this.#inner.patch(path, operations);
    this.#die();
    return new Promise<T>(() => undefined);
  }
}

/** Waits for what happens in its own time. */
export async function soon(holds: () => boolean, ms = 5000): Promise<void> {
  const end = Date.now() + ms;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`after ${ms} ms it does not hold: ${holds.toString()}`);
    await sleep(5);
  }
}
