/**
 * Sees every change of what a release owns, as the API server tells it: the record, the Service, both sides. What two looks
 * at an object would miss (a phase that lasts for some milliseconds, a write that the next one covers) is in it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { KubeConfig, Watch } from '@kubernetes/client-node';
import { DIGEST, parse, TOKEN, type Phase } from '../../../components/release/runner/record.ts';
import { platform } from '../../e2e/support/platform.ts';
import { NAME } from '../../e2e/support/release/program.ts';

interface Seen {
  readonly metadata: {
    readonly name: string;
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly { readonly manager?: string; readonly time?: string }[];
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly selector?: unknown;
    readonly replicas?: number;
    readonly template?: { readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> } };
  };
}

/** One state of one object. Moments are milliseconds since 1970. */
export interface Change {
  readonly at: number;
  readonly object: string;
  readonly token: string;
  /** What serves: the selector, or size and version of a side. Nothing for the record. */
  readonly serves: string;
  /** When an engine's plugin last wrote to it, in whole seconds, as its managed fields say. */
  readonly declaredAt: number;
  /** Of the record alone. */
  readonly phase?: Phase;
  readonly follower?: string;
  readonly order?: string;
}

/** Milliseconds that what is told of one object may be later than what is told of another. */
const SKEW = 2000;

const config = new KubeConfig();
config.loadFromFile(platform.kubeconfig);

const parts = (token: string): [number, number] => token.split('.').map(Number) as [number, number];
const isEarlier = (a: string, b: string): boolean => {
  const [[epoch, run], [other, its]] = [parts(a), parts(b)];
  return epoch < other || (epoch === other && run < its);
};

function changeOf(object: string, { metadata, data, spec }: Seen): Change {
  const at = Date.now();
  const declared = (metadata.managedFields ?? []).filter(({ manager = '' }) => manager.startsWith('pulumi'));
  const declaredAt = Math.max(0, ...declared.map(({ time }) => Date.parse(time ?? '') || 0));
  if (object === 'record') {
    const { token, phase, follower, order } = parse({ ...(data && { data }) });
    const asked = order && `${order.mode} ${order.digest}`;
    return {
      at,
      object,
      token,
      serves: '',
      declaredAt,
      phase,
      ...(follower && { follower }),
      ...(asked && { order: asked }),
    };
  }
  const version = spec?.template?.metadata?.annotations?.[DIGEST];
  const serves = JSON.stringify(object === 'service' ? spec?.selector : [spec?.replicas, version]);
  return { at, object, token: metadata.annotations?.[TOKEN] ?? '0.0', serves, declaredAt };
}

export class Witness {
  readonly changes: Change[] = [];
  readonly #waiting = new Set<(change: Change) => void>();
  readonly #ends = new AbortController();

  private constructor(namespace: string) {
    const core = `/api/v1/namespaces/${namespace}`;
    const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    void this.#follow('record', `${core}/configmaps`, `${NAME}-release`);
    void this.#follow('service', `${core}/services`, NAME);
    for (const side of ['blue', 'green']) void this.#follow(side, deployments, `${NAME}-${side}`);
  }

  /** @returns when each object was seen once; they have to be there */
  static async begin(namespace: string): Promise<Witness> {
    const witness = new Witness(namespace);
    const end = Date.now() + 30_000;
    while (new Set(witness.changes.map(({ object }) => object)).size < 4) {
      if (Date.now() > end) throw new Error(`record, Service and sides in ${namespace} were not all seen within 30 s`);
      await sleep(50);
    }
    return witness;
  }

  end(): void {
    this.#ends.abort();
  }

  async #follow(object: string, path: string, name: string): Promise<void> {
    let known = '';
    while (!this.#ends.signal.aborted) {
      try {
        await new Promise<void>((resolve, reject) => {
          new Watch(config)
            .watch(
              path,
              { fieldSelector: `metadata.name=${name}` },
              (type, seen: Seen) => {
                // A bookmark is an object without contents; an error is none.
                if (type !== 'ADDED' && type !== 'MODIFIED') return;
                if (seen.metadata.resourceVersion === known) return;
                known = seen.metadata.resourceVersion;
                const change = changeOf(object, seen);
                this.changes.push(change);
                for (const tell of this.#waiting) tell(change);
              },
              () => resolve(),
            )
            .then((request) => this.#ends.signal.addEventListener('abort', () => request.abort()), reject);
        });
      } catch {
        await sleep(500);
      }
    }
  }

  /** As soon as the record is in this phase, from now on. @throws when it is not within the time */
  reaches(phase: string, ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(alarm);
        this.#waiting.delete(tell);
      };
      const alarm = setTimeout(() => {
        done();
        reject(new Error(`the run was not in phase ${phase} within ${ms / 1000} s`));
      }, ms);
      const tell = (change: Change): void => {
        if (change.phase !== phase) return;
        done();
        resolve();
      };
      this.#waiting.add(tell);
    });
  }

  get phase(): string {
    return this.record()?.phase ?? 'none';
  }

  /** The record as it was at a moment. */
  record(at = Infinity): Change | undefined {
    return this.changes.findLast((change) => change.object === 'record' && change.at <= at);
  }

  since(from: number): Change[] {
    return this.changes.filter(({ at }) => at >= from);
  }

  /** When the record last came to rest after a moment. */
  settledSince(from: number): number | undefined {
    const record = this.changes.filter(({ object }) => object === 'record');
    return record.findLast(
      ({ at, phase }, index) => at >= from && phase === 'settled' && record[index - 1]?.phase !== 'settled',
    )?.at;
  }

  /** How many orders were written after a moment: each has a token of its own, which ends with 0. */
  ordersSince(from: number): number {
    const orders = this.since(from).filter(({ object, token }) => object === 'record' && token.endsWith('.0'));
    return new Set(orders.map(({ token }) => token)).size;
  }

  /** Writes by somebody who had been replaced: a token that goes back, or what serves changed under one that is too old. */
  stray(from = 0): string[] {
    const before = new Map<string, Change>();
    const found: string[] = [];
    for (const change of this.changes) {
      const { at, object, token, serves } = change;
      const last = before.get(object);
      before.set(object, change);
      if (last === undefined || at < from) continue;
      if (isEarlier(token, last.token)) found.push(`${object} went back from token ${last.token} to ${token}`);
      // Each object is watched by itself: what is told of two of them may come in another order.
      const holder = this.record(at - SKEW)?.token ?? '0.0';
      if (serves !== last.serves && isEarlier(token, holder))
        found.push(`${object} was changed under token ${token}, when ${holder} held the record`);
    }
    return found;
  }
}
