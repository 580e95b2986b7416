/**
 * Who may write. Every write of a run carries a `test` on a token `<epoch>.<n>`: an order raises the epoch, each process that
 * takes an order over raises n. Whoever was replaced finds out from the API server, at the moment of writing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, type Kube } from './kube.ts';
import { weightIn } from './phases.ts';
import {
  fields,
  objectAt,
  parse,
  pointer,
  TOKEN,
  type Operation,
  type Paths,
  type Progress,
  type ReleaseRecord,
} from './record.ts';

/** A newer order, or another process with the same order, has taken over. Nothing may be written any more. */
export class Fenced extends Error {}
/** The API server does not take the object, however often it is sent: the version is at fault. */
export class Invalid extends Error {}

interface Owned {
  readonly metadata: { readonly resourceVersion: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
}

const parts = (token: string): [epoch: number, run: number] => {
  const [epoch = 0, run = 0] = token.split('.').map(Number);
  return [epoch, run];
};

const isLater = (a: string, b: string): boolean => {
  const [[epoch, run], [otherEpoch, otherRun]] = [parts(a), parts(b)];
  return epoch > otherEpoch || (epoch === otherEpoch && run > otherRun);
};

/** Lost connections, conflicts, an overloaded or restarting server: it is asked again. The rest is thrown. */
const mayPass = (thrown: unknown): boolean =>
  !(thrown instanceof ApiError) || thrown.status >= 500 || [401, 408, 409, 429].includes(thrown.status);

export interface FenceOptions {
  readonly log: (line: string) => void;
  /** Milliseconds between tries. */
  readonly pause: number;
}

export class Fence {
  readonly token: string;
  readonly #kube: Kube;
  readonly #at: Paths;
  readonly #options: FenceOptions;

  private constructor(token: string, kube: Kube, at: Paths, options: FenceOptions) {
    this.token = token;
    this.#kube = kube;
    this.#at = at;
    this.#options = options;
  }

  /**
   * Takes the record, what divides the traffic and both sides, so that no earlier run can write to any of them. Only what is
   * read afterwards counts.
   *
   * @param held all of it but the record, as `heldOf` lists it
   * @throws Fenced when an object belongs to a later run already; ApiError 404 when one is not there, after the record says so
   */
  static async claim(
    kube: Kube,
    at: Paths,
    held: readonly string[],
    options: FenceOptions,
  ): Promise<{ fence: Fence; record: ReleaseRecord }> {
    let token = '';
    for (const path of [at.record, ...held]) {
      for (;;) {
        const found = await steadily(() => kube.get<Owned>(path), options).catch(async (thrown: unknown) => {
          if (path !== at.record && isAbsent(thrown)) await reportMissing(kube, at.record, token, path);
          throw thrown;
        });
        if (path === at.record) {
          const { epoch, token: before } = parse(found);
          const [claimed, run] = parts(before);
          token = `${epoch}.${claimed === epoch ? run + 1 : 1}`;
        } else {
          const holder = found.metadata.annotations?.[TOKEN] ?? '0.0';
          if (isLater(holder, token)) throw new Fenced(`${path} is held by ${holder}, this run is ${token}`);
        }
        try {
          await steadily(
            () => kube.patch(path, [unchanged(found), ...mark(path === at.record, found, token)]),
            options,
          );
          break;
        } catch (thrown) {
          // Somebody wrote to it between the two: look again.
          if (!(thrown instanceof ApiError && thrown.status === 422)) throw thrown;
        }
      }
    }
    const fence = new Fence(token, kube, at, options);
    return { fence, record: parse(await fence.get<Owned>(at.record)) };
  }

  get<T>(path: string): Promise<T> {
    return steadily(() => this.#kube.get<T>(path), this.#options);
  }

  /** Changes what divides the traffic, or a side. */
  change(path: string, operations: readonly Operation[]): Promise<void> {
    return this.#write(path, `/metadata/annotations/${pointer(TOKEN)}`, operations);
  }

  /** Changes the record. */
  note(values: Parameters<typeof fields>[0]): Promise<void> {
    return this.#write(this.#at.record, '/data/token', fields(values));
  }

  async #write(path: string, held: string, operations: readonly Operation[]): Promise<void> {
    const test: Operation = { op: 'test', path: held, value: this.token };
    try {
      await steadily(() => this.#kube.patch(path, [test, ...operations]), this.#options);
    } catch (thrown) {
      if (!(thrown instanceof ApiError && thrown.status === 422)) throw thrown;
      // The server says 422 to a test that fails and to an object that is not valid alike. The holder tells.
      const now = await this.get<Owned>(path);
      const holder = path === this.#at.record ? now.data?.['token'] : now.metadata.annotations?.[TOKEN];
      if (holder !== this.token)
        throw new Fenced(`${path} is held by ${holder ?? 'nobody'}, this run is ${this.token}`);
      throw new Invalid(thrown.message);
    }
  }
}

const isAbsent = (thrown: unknown): boolean => thrown instanceof ApiError && thrown.status === 404;

/** Has whoever waits for the run learn that it cannot go on. */
async function reportMissing(kube: Kube, record: string, token: string, path: string): Promise<void> {
  const { phase, order } = parse(await kube.get<Owned>(record));
  if (phase === 'settled' || order === undefined) return;
  const weight = weightIn(phase, order);
  const progress: Progress = { at: Date.now(), phase, weight, says: `${objectAt(path)} is missing`, missing: path };
  await kube.patch(record, [{ op: 'test', path: '/data/token', value: token }, ...fields({ progress })]);
}

const unchanged = ({ metadata }: Owned): Operation => ({
  op: 'test',
  path: '/metadata/resourceVersion',
  value: metadata.resourceVersion,
});

function mark(isRecord: boolean, { metadata }: Owned, token: string): Operation[] {
  if (isRecord) return fields({ token });
  const annotation: Operation = { op: 'add', path: `/metadata/annotations/${pointer(TOKEN)}`, value: token };
  return metadata.annotations ? [annotation] : [{ op: 'add', path: '/metadata/annotations', value: {} }, annotation];
}

async function steadily<T>(call: () => Promise<T>, { log, pause }: FenceOptions): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (thrown) {
      if (!mayPass(thrown)) throw thrown;
      log(`asked again in ${pause} ms: ${String(thrown)}`);
      await sleep(pause);
    }
  }
}
