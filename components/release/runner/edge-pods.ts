/**
 * The pods of the edge, as whoever divides the traffic sees them: each lists the buckets that are green's, takes one, gives one
 * back. A pod that is not ready yet is told too, so that it begins right; one that leaves still has clients.
 */
import http from 'node:http';
import { isSame } from './buckets.ts';
import { isLeaving, isReady, listPods, type Pod, type Reader } from './pods.ts';
import type { Paths } from './record.ts';
import type { EdgeDoor } from './traffic.ts';

export interface EdgeAccess extends EdgeDoor {
  /** How the edge calls the split. */
  readonly split: string;
  /** Asked anew each time: it may be exchanged. */
  readonly password: () => string;
}

/** Milliseconds for one pod to take a whole split: of one that has to have it, and of another. */
const PATIENCE = { ready: 2000, other: 500 };
/** Connections to one pod. A hundred files take it some ten milliseconds. */
const AT_ONCE = 4;

export class EdgePods {
  readonly #access: EdgeAccess;

  constructor(access: EdgeAccess) {
    this.#access = access;
  }

  async #list(reader: Reader, at: Pick<Paths, 'pods'>): Promise<Pod[]> {
    const pods = await listPods(reader, at, this.#access.labels);
    return pods.filter(({ status }) => status.podIP !== undefined && !/^(Succeeded|Failed)$/.test(status.phase ?? ''));
  }

  /** Whether anybody comes in by it. */
  async isThere(reader: Reader, at: Pick<Paths, 'pods'>): Promise<boolean> {
    return (await this.#list(reader, at)).some((pod) => isReady(pod) && !isLeaving(pod));
  }

  /**
   * Gives every pod the split, and reads it back.
   *
   * @returns why a pod that gets traffic does not have it; nothing where all have, or there is none
   */
  async settle(reader: Reader, at: Pick<Paths, 'pods'>, wanted: ReadonlySet<string>): Promise<string | undefined> {
    const whys = await Promise.all(
      (await this.#list(reader, at)).map(async (pod) => {
        const counts = isReady(pod) && !isLeaving(pod);
        const why = await this.#give(pod.status.podIP!, wanted, counts ? PATIENCE.ready : PATIENCE.other);
        return counts && why !== undefined ? `pod ${pod.metadata.name} of the edge ${why}` : undefined;
      }),
    );
    return whys.find((why) => why !== undefined);
  }

  async #give(host: string, wanted: ReadonlySet<string>, patience: number): Promise<string | undefined> {
    const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });
    const signal = AbortSignal.timeout(patience);
    const { port, split, password } = this.#access;
    const send = async (method: string, bucket: string, ...good: readonly number[]): Promise<string> => {
      const path = `/${split}/${bucket}`;
      const auth = `runner:${password()}`;
      const [status, text] = await answer({ host, port, path, method, agent, signal, auth });
      if (!good.includes(status)) throw new Error(`says ${status} to ${method} ${path}`);
      return text;
    };
    const read = async (): Promise<ReadonlySet<string>> =>
      new Set((JSON.parse(await send('GET', '', 200)) as { name: string }[]).map(({ name }) => name));
    try {
      const has = await read();
      if (isSame(has, wanted)) return undefined;
      await Promise.all([
        ...[...wanted].filter((bucket) => !has.has(bucket)).map((bucket) => send('PUT', bucket, 201, 204)),
        // One that is gone already is what was wanted.
        ...[...has].filter((bucket) => !wanted.has(bucket)).map((bucket) => send('DELETE', bucket, 204, 404)),
      ]);
      return isSame(await read(), wanted) ? undefined : 'divides in another way';
    } catch (thrown) {
      if (signal.aborted) return `has not taken the split in ${patience} ms`;
      return thrown instanceof Error ? thrown.message : String(thrown);
    } finally {
      agent.destroy();
    }
  }
}

function answer(options: http.RequestOptions): Promise<[status: number, text: string]> {
  return new Promise((resolve, reject) => {
    const sent = http.request({ ...options, headers: { 'content-length': 0 } }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => resolve([response.statusCode ?? 0, text]));
    });
    sent.on('error', reject).end();
  });
}
