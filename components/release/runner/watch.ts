/** Looks at both versions while one of them is on trial: asks their pods over HTTP, and reads how often they restarted. */
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { judge, type Judgement, type Sample, type Scene } from './analysis.ts';
import type { Fence } from './fence.ts';
import { measure } from './prometheus.ts';
import { DIGEST, type Paths, type Rules } from './record.ts';

export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly deletionTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly status: {
    readonly podIP?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

export interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: object;
    readonly terminated?: { readonly exitCode: number };
  };
  readonly lastState?: { readonly terminated?: { readonly exitCode: number } };
}

/** A pod that is on its way out is not judged: what it fails to answer, nobody asks it any more. */
export async function livePods(fence: Fence, at: Paths, labels: Readonly<Record<string, string>>): Promise<Pod[]> {
  const selector = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const query = new URLSearchParams({ labelSelector: selector.join(',') });
  const { items } = await fence.get<{ items: Pod[] }>(`${at.pods}?${query.toString()}`);
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

export const digestOf = ({ metadata }: Pod): string | undefined => metadata.annotations?.[DIGEST];

export const isReady = ({ status }: Pod): boolean =>
  status.conditions?.some(({ type, status: holds }) => type === 'Ready' && holds === 'True') ?? false;

export const restartsOf = ({ status }: Pod): number =>
  (status.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);

export interface Answer {
  readonly ok: boolean;
  readonly latency: number;
  readonly seen: string;
}

/** One request on a connection of its own. Never rejects. */
export function ask(host: string, port: number, path: string, timeout: number): Promise<Answer> {
  const began = performance.now();
  return new Promise((resolve) => {
    const done = (ok: boolean, seen: string): void => {
      clearTimeout(timer);
      resolve({ ok, latency: performance.now() - began, seen });
    };
    const request = http.get({ host, port, path, agent: false }, (response) => {
      const { statusCode = 0 } = response;
      response.on('error', () => done(false, `HTTP ${statusCode}, cut off`));
      response.on('end', () => done(statusCode >= 200 && statusCode < 300, `HTTP ${statusCode}`));
      response.resume();
    });
    request.on('error', (error: NodeJS.ErrnoException) => done(false, error.code ?? error.message));
    const timer = setTimeout(() => {
      done(false, `no answer in ${timeout} ms`);
      request.destroy();
    }, timeout);
  });
}

export interface WatchOptions {
  readonly fence: Fence;
  readonly at: Paths;
  readonly rules: Rules;
  /** What the pods of both sides have in common. */
  readonly labels: Readonly<Record<string, string>>;
  /** The digest on trial. Any other is stable. */
  readonly candidate: string;
  /** Where the Service answers, asked while it leads to nobody but the candidate. */
  readonly service?: { readonly host: string; readonly port: number };
  readonly comparison: NonNullable<Scene['comparison']>;
  readonly log: (line: string) => void;
}

/** Milliseconds between lists of the pods. */
const LISTED = 500;
/** Milliseconds between readings of the metrics. */
const MEASURED = 2000;
/** How the Service is called in samples. */
const SERVICE = 'service';

/** Watches from its making on, until it is stopped. */
export class Watch {
  readonly #options: WatchOptions;
  readonly #samples: Sample[] = [];
  readonly #onceReady = new Set<string>();
  #trial: readonly string[] = [];
  #stopped = false;
  #measured = 0;
  #from = 0;
  #comparison: NonNullable<Scene['comparison']>;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#comparison = options.comparison;
    void this.#run();
  }

  /** From now on only the candidate's later samples count. What stable has shown stays, for a comparison with before. */
  restart(comparison = this.#comparison): void {
    this.#from = Date.now();
    this.#comparison = comparison;
  }

  /** @param comparison how the latency is compared, where it is not as the watch goes */
  judge(window?: number, comparison = this.#comparison): Judgement {
    const { analysis, probe } = this.#options.rules;
    const samples = this.#samples.filter((sample) => sample.at >= this.#from || this.#isKept(sample));
    return judge(
      samples,
      { ...analysis, ...(window !== undefined && { window }), ...(probe.database === undefined && { database: null }) },
      {
        now: Date.now(),
        pods: [...this.#trial],
        paths: probe.paths,
        comparison,
      },
    );
  }

  #isKept(sample: Sample): boolean {
    return this.#comparison === 'before' && sample.kind === 'http' && sample.side === 'stable';
  }

  /** The fewest good answers that stable has given on a path. */
  get baseline(): number {
    const good = this.#samples.filter((sample) => sample.kind === 'http' && sample.side === 'stable' && sample.ok);
    const { paths } = this.#options.rules.probe;
    return Math.min(...paths.map((path) => good.filter((sample) => 'path' in sample && sample.path === path).length));
  }

  /** Everything that was seen, windows or not. Waits for nobody: a pod that does not answer must not hold up an undo. */
  stop(): readonly Sample[] {
    this.#stopped = true;
    return [...this.#samples];
  }

  async #run(): Promise<void> {
    const { rules, log } = this.#options;
    let [pods, listed]: [Pod[], number] = [[], 0];
    while (!this.#stopped) {
      const round = Date.now();
      try {
        if (round - listed >= LISTED) {
          pods = await this.#list();
          listed = round;
        }
        await Promise.all([this.#round(pods), this.#measure(round)]);
      } catch (thrown) {
        // What ends the run is noticed where the run writes; here nothing is seen meanwhile, and nothing passes.
        log(`cannot watch: ${String(thrown)}`);
      }
      await sleep(Math.max(10, rules.probe.interval - (Date.now() - round)));
    }
  }

  /** Pods that have been ready once: one that is not any more is asked all the same. */
  async #list(): Promise<Pod[]> {
    const { fence, at, labels, candidate } = this.#options;
    const live = await livePods(fence, at, labels);
    for (const pod of live.filter(isReady)) this.#onceReady.add(pod.metadata.name);
    const pods = live.filter(({ metadata }) => this.#onceReady.has(metadata.name));
    const trial = pods.filter((pod) => digestOf(pod) === candidate);
    this.#trial = trial.map(({ metadata }) => metadata.name);
    const now = Date.now();
    for (const pod of trial) {
      const count = restartsOf(pod);
      this.#samples.push({ kind: 'restarts', at: now, side: 'candidate', pod: pod.metadata.name, count });
    }
    return pods;
  }

  async #round(pods: readonly Pod[]): Promise<void> {
    const { rules, candidate, service } = this.#options;
    const { port, paths, database, timeout } = rules.probe;
    const targets = pods.flatMap((pod) => {
      const { podIP: host } = pod.status;
      const side = digestOf(pod) === candidate ? ('candidate' as const) : ('stable' as const);
      return host === undefined ? [] : [{ pod: pod.metadata.name, side, host, port }];
    });
    const answers = targets.flatMap(({ pod, side, host }) => [
      ...paths.map(async (path): Promise<Sample> => {
        const at = Date.now();
        return { kind: 'http', at, side, pod, path, ...(await ask(host, port, path, timeout)) };
      }),
      ...(database === undefined
        ? []
        : [database].map(async (path): Promise<Sample> => {
            const at = Date.now();
            const { ok, seen } = await ask(host, port, path, timeout);
            return { kind: 'database', at, side, pod, ok, seen };
          })),
    ]);
    const through =
      service === undefined
        ? []
        : paths.map(async (path): Promise<Sample> => {
            const at = Date.now();
            const answer = await ask(service.host, service.port, path, timeout);
            return { kind: 'http', at, side: 'candidate', pod: SERVICE, path, ...answer };
          });
    const seen = await Promise.all([...answers, ...through]);
    const failed = seen.some((sample) => 'ok' in sample && !sample.ok && sample.pod !== SERVICE);
    const left = failed ? await this.#leaving(targets.map(({ pod }) => pod)) : new Set<string>();
    this.#samples.push(...seen.filter((sample) => !('pod' in sample && 'ok' in sample && left.has(sample.pod))));
  }

  async #measure(now: number): Promise<void> {
    const { analysis, probe } = this.#options.rules;
    const { prometheus } = probe;
    if (prometheus === undefined || now - this.#measured < MEASURED) return;
    this.#measured = now;
    this.#samples.push(...(await Promise.all(analysis.metrics.each.map((metric) => measure(prometheus, metric, now)))));
  }

  /** Those of the pods that were asked to go, or are gone. */
  async #leaving(asked: readonly string[]): Promise<ReadonlySet<string>> {
    const { fence, at, labels } = this.#options;
    const live = new Set((await livePods(fence, at, labels)).map(({ metadata }) => metadata.name));
    return new Set(asked.filter((pod) => !live.has(pod)));
  }
}
