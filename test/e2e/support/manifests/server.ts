/** An API server, asked what it thinks of an object: status, words, and the warnings that clients usually drop. */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Manifest } from '../../../engine/support/planned.ts';

export interface Answer {
  readonly status: number;
  readonly body: Record<string, any>;
  /** The texts of the `Warning` headers. */
  readonly warnings: readonly string[];
}

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
}

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** `299 - "text"`, several of them with commas between. */
const textsOf = (header: string | undefined): string[] =>
  [...(header ?? '').matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text!.replaceAll('\\"', '"'));

export class ApiServer {
  readonly #server: string;
  readonly #agent: Agent;
  readonly #discovered = new Map<string, Promise<readonly Resource[]>>();

  constructor(kubeconfig: string) {
    const { clusters, users } = JSON.parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
    const decode = (data: string): Buffer => Buffer.from(data, 'base64');
    const { cluster } = clusters[0]!;
    const { user } = users[0]!;
    this.#server = cluster.server;
    this.#agent = new Agent({
      ca: decode(cluster['certificate-authority-data']),
      cert: decode(user['client-certificate-data']),
      key: decode(user['client-key-data']),
      keepAlive: true,
      maxSockets: 8,
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  ask(method: string, path: string, body?: unknown, type = 'application/json'): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = { agent: this.#agent, method, headers: { 'content-type': type }, timeout: 30_000 };
      const call = request(new URL(path, this.#server), options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (more: string) => (text += more));
        response.on('error', reject).on('end', () => {
          const warnings = textsOf(response.headers.warning);
          const parsed = text.startsWith('{') ? (JSON.parse(text) as Record<string, any>) : { message: text };
          resolve({ status: response.statusCode ?? 0, body: parsed, warnings });
        });
      });
      call.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Where objects of this kind are posted to. Throws where the server does not know the kind. */
  async #pathOf({ apiVersion, kind, metadata: { namespace } }: Manifest): Promise<string> {
    const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    let discovered = this.#discovered.get(base);
    if (discovered === undefined) {
      discovered = this.ask('GET', base).then(({ body }) => (body.resources ?? []) as Resource[]);
      this.#discovered.set(base, discovered);
    }
    const found = (await discovered).find((one) => one.kind === kind && !one.name.includes('/'));
    if (found === undefined) throw new Error(`the API server knows no ${kind} in ${apiVersion}`);
    return `${base}/${found.namespaced ? `namespaces/${namespace ?? 'default'}/` : ''}${found.name}`;
  }

  /** What the server would do with a new object, by everything but keeping it. One that is there is applied instead. */
  async dryRun(object: Manifest): Promise<Answer> {
    const path = await this.#pathOf(object);
    const answer = await this.ask('POST', `${path}?dryRun=All&fieldValidation=Strict`, object);
    if (answer.status !== 409 || answer.body.reason !== 'AlreadyExists') return answer;
    const query = 'dryRun=All&fieldValidation=Strict&fieldManager=manifests-test&force=true';
    return this.ask('PATCH', `${path}/${object.metadata.name}?${query}`, object, 'application/apply-patch+yaml');
  }

  /** Makes an object, or finds it made. @throws what the server says otherwise */
  async create(object: Manifest): Promise<void> {
    const { status, body } = await this.ask('POST', await this.#pathOf(object), object);
    if (status < 300 || (status === 409 && body.reason === 'AlreadyExists')) return;
    throw new Error(`${object.kind} ${object.metadata.name}: ${status} ${String(body.message)}`);
  }

  /** Takes an object away, or finds it gone. @throws what the server says otherwise */
  async remove(object: Manifest): Promise<void> {
    const { status, body } = await this.ask('DELETE', `${await this.#pathOf(object)}/${object.metadata.name}`);
    if (status < 300 || status === 404) return;
    throw new Error(`${object.kind} ${object.metadata.name}: ${status} ${String(body.message)}`);
  }

  /** Makes definitions of kinds, and waits until their objects can be posted. */
  async define(crds: readonly Manifest[]): Promise<void> {
    for (const crd of crds) await this.create(crd);
    const base = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const wanted = new Set(crds.map(({ metadata }) => metadata.name));
    for (const deadline = Date.now() + 60_000; ;) {
      const { body } = await this.ask('GET', base);
      const waiting = (body.items as Manifest[]).filter(
        ({ metadata, status }) =>
          wanted.has(metadata.name) &&
          !status?.conditions?.some((one: any) => one.type === 'Established' && one.status === 'True'),
      );
      if (waiting.length === 0) break;
      if (Date.now() > deadline)
        throw new Error(`not established: ${waiting.map((one) => one.metadata.name).join(', ')}`);
      await sleep(200);
    }
    this.#discovered.clear();
  }
}
