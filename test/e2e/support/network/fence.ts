/** What a stack's fence says, as a question: may this pod open a connection to that one? Read from the declared edges, not from the policies made of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import type { Edge, Place } from '../../../../components/guard/index.ts';
import { parse } from '../../../../stacks/config/load.ts';
import { edges, places } from '../../../../stacks/corporate-intelligence/fence.ts';

/** An end of a connection. */
export interface End {
  /** Its namespace and labels; none for whoever is not a pod. */
  readonly pod?: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> };
  readonly ip: string;
}

const asNumber = (ip: string): number => ip.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);

export function within(ip: string, cidr: string): boolean {
  const [network, prefix] = cidr.split('/') as [string, string];
  const size = 2 ** (32 - Number(prefix));
  return Math.floor(asNumber(ip) / size) === Math.floor(asNumber(network) / size);
}

export class Fence {
  readonly #namespace: string;
  readonly #places: Readonly<Record<string, Place>>;
  readonly #edges: readonly Edge[];

  constructor(namespace: string, known: Readonly<Record<string, Place>>, declared: readonly Edge[]) {
    this.#namespace = namespace;
    this.#places = known;
    this.#edges = declared;
  }

  /** The fence of a stack with the configuration that its sandbox runs it by. @param state the sandbox's folder */
  static of(state: string, stack: string, namespace: string): Fence {
    const file = join(state, `Pulumi.${stack}.yaml`);
    const { config } = load(readFileSync(file, 'utf8')) as { config: Record<string, unknown> };
    const isSecret = (value: unknown) => typeof value === 'object' && value !== null && 'secure' in value;
    const texts = Object.entries(config).map(([key, value]) => {
      const text = isSecret(value) ? 'hidden' : typeof value === 'string' ? value : JSON.stringify(value);
      return [key, text] as const;
    });
    const secretKeys = Object.keys(config).filter((key) => isSecret(config[key]));
    const settings = parse({ values: Object.fromEntries(texts), secretKeys }, file);
    return new Fence(namespace, places(settings, 'corporate-intel'), edges(settings));
  }

  /** The labels of every kind of pod that an edge names. */
  get inhabitants(): ReadonlyMap<string, Readonly<Record<string, string>>> {
    const named = new Set(this.#edges.flatMap(({ from, to }) => [from, to]));
    return new Map(
      Object.entries(this.#places).flatMap(([name, place]) =>
        named.has(name) && 'pods' in place && !('namespace' in place) ? [[name, place.pods] as const] : [],
      ),
    );
  }

  get size(): number {
    return this.#edges.length;
  }

  #isAt(name: string, { pod, ip }: End): boolean {
    const place = this.#places[name]!;
    if ('cidrs' in place) return place.cidrs.some((cidr) => within(ip, cidr));
    if (pod === undefined) return false;
    const home = 'namespace' in place ? place.namespace : this.#namespace;
    return pod.namespace === home && Object.entries(place.pods).every(([key, value]) => pod.labels[key] === value);
  }

  /** Whether an edge is declared from one end to the other, to the port that is listened on. */
  allows(from: End, to: End, port: number, protocol: 'TCP' | 'UDP' = 'TCP'): boolean {
    return this.#edges.some(
      (edge) =>
        edge.port === port &&
        (edge.protocols ?? ['TCP']).includes(protocol) &&
        this.#isAt(edge.from, from) &&
        this.#isAt(edge.to, to),
    );
  }
}
