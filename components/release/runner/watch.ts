/** Looks at both versions while one of them is on trial: asks their pods over HTTP, and reads how often they restarted. */
import { setTimeout as sleep } from 'node:timers/promises';
import { judge, type Compared, type Judgement, type MetricRule, type Sample } from './analysis.ts';
import { ask } from './ask.ts';
import type { Fence } from './fence.ts';
import { digestOf, isReady, livePods, restartsOf, type Pod } from './pods.ts';
import { measure } from './prometheus.ts';
import type { Paths, Rules } from './record.ts';

export interface WatchOptions {
  readonly fence: Fence;
  readonly at: Paths;
  readonly rules: Rules;
  /** What the pods of both sides have in common. */
  readonly labels: Readonly<Record<string, string>>;
  /** The digest on trial. Any other is stable. */
  readonly candidate: string;
  /** Where the Service answers; asked from {@link Watch.through} on. */
  readonly service?: { readonly host: string; readonly port: number };
  readonly compared: Compared;
  /** The digest that is live by the record; nothing at a first install. */
  readonly live?: string | undefined;
  /** Whether the candidate takes the live version's place pod by pod: then it stands where that one does. */
  readonly isInPlace?: boolean;
  /** Whether users are given to the candidate. The metrics are about them, and are left out where there are none. */
  readonly users: boolean;
  readonly log: (line: string) => void;
}

/** Somebody who is asked. */
interface Target {
  readonly pod: string;
  readonly side: 'candidate' | 'stable';
  readonly host: string;
  readonly port: number;
}

/** Milliseconds between lists of the pods. */
const LISTED = 250;
/** Milliseconds that a list counts. */
const STALE = 1000;
/** Milliseconds between readings of the metrics. */
const MEASURED = 2000;
/** How the Service is called in samples. */
const SERVICE = 'service';

/** Watches from its making on, until it is stopped. */
export class Watch {
  readonly #options: WatchOptions;
  readonly #samples: Sample[] = [];
  readonly #onceReady = new Set<string>();
  /** Those that have loops of their own, and the pods that are to keep them. */
  readonly #asked = new Set<string>();
  #live: ReadonlySet<string> = new Set();
  #trial: readonly string[] = [];
  /** Addresses of all that are on trial, ready or not. */
  #hosts: readonly string[] = [];
  /** Ready pods of the stable version, and of whoever stands on the live side. */
  #ready = { stable: 0, staff: 0 };
  #alarm: () => void = () => undefined;
  #isAlarmed = false;
  #isThrough = false;
  #stopped = false;
  #listed = 0;
  /** When the list that counts was asked for. */
  #looked = 0;
  #from = 0;
  #compared: Compared;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#compared = options.compared;
    void this.#run();
  }

  /** From now on only the candidate's later samples count. What stable has shown stays, for a comparison with before. */
  restart(compared = this.#compared): void {
    this.#from = Date.now();
    this.#compared = compared;
  }

  /** @param compared how the latency is compared, where it is not as the watch goes */
  judge(window?: number, compared = this.#compared): Judgement {
    const { analysis, probe } = this.#options.rules;
    const samples = this.#samples.filter((sample) => sample.at >= this.#from || this.#isKept(sample));
    return judge(
      samples,
      {
        ...{ ...analysis, metrics: { ...analysis.metrics, each: this.#metrics } },
        ...(window !== undefined && { window }),
        ...(probe.database === undefined && { database: null }),
      },
      {
        now: Date.now(),
        pods: [...this.#trial],
        paths: probe.paths,
        ...compared,
        ...{ stable: this.stable, interval: probe.interval },
      },
    );
  }

  get #metrics(): readonly MetricRule[] {
    return this.#options.users ? this.#options.rules.analysis.metrics.each : [];
  }

  #isKept(sample: Sample): boolean {
    return this.#compared.comparison === 'before' && sample.kind === 'http' && sample.side === 'stable';
  }

  /** Whether no pod is on trial; not where nobody has been able to look lately, or since the last restart. */
  get isDeserted(): boolean {
    return this.#looked >= this.#from && this.#trial.length === 0 && this.#isKnown;
  }

  /** Ready pods of the stable version; nothing where nobody has been able to look lately. */
  get stable(): number | undefined {
    return this.#isKnown ? this.#ready.stable : undefined;
  }

  /** Ready pods of those that stand on the live side; nothing where nobody has been able to look lately. */
  get staff(): number | undefined {
    return this.#isKnown ? this.#ready.staff : undefined;
  }

  get #isKnown(): boolean {
    return Date.now() - this.#listed < STALE;
  }

  /** What stable has answered on the path on which it gave the fewest good answers. */
  get baseline(): { readonly good: number; readonly failed: number } {
    const { paths } = this.#options.rules.probe;
    const of = this.#samples.filter((sample) => sample.kind === 'http').filter(({ side }) => side === 'stable');
    const counts = paths.map((path) => {
      const on = of.filter((sample) => sample.path === path);
      const good = on.filter(({ ok }) => ok).length;
      return { good, failed: on.length - good };
    });
    return counts.toSorted((a, b) => a.good - b.good)[0] ?? { good: 0, failed: 0 };
  }

  /**
   * Asks the Service too from now on: it leads to nobody but the candidate. Before that it would be blamed for what the version
   * does that it is to replace.
   */
  through(): void {
    this.#isThrough = true;
    this.#beginService();
  }

  #beginService(): void {
    const { service } = this.#options;
    if (service !== undefined && this.#isThrough) this.#begin([{ ...service, pod: SERVICE, side: 'candidate' }]);
  }

  /** Everything that was seen, windows or not. Waits for nobody: a pod that does not answer must not hold up an undo. */
  stop(): readonly Sample[] {
    this.#stopped = true;
    return [...this.#samples];
  }

  /** Waits for a failed answer since the last such wait, and no longer than that. */
  async noticed(longest: number): Promise<void> {
    if (!this.#isAlarmed) {
      const over = new AbortController();
      const failed = new Promise<void>((resolve) => (this.#alarm = resolve));
      await Promise.race([failed, sleep(longest, undefined, { signal: over.signal }).catch(() => undefined)]);
      over.abort();
    }
    this.#isAlarmed = false;
  }

  async #run(): Promise<void> {
    const { log } = this.#options;
    void this.#measure();
    while (!this.#stopped) {
      const round = Date.now();
      try {
        this.#begin(await this.#list());
        this.#beginService();
      } catch (thrown) {
        // What ends the run is noticed where the run writes; here nothing is seen meanwhile, and nothing passes.
        log(`cannot watch: ${String(thrown)}`);
      }
      await sleep(Math.max(10, LISTED - (Date.now() - round)));
    }
  }

  /** Pods that have been ready once: one that is not any more is asked all the same. */
  async #list(): Promise<Target[]> {
    const { fence, at, labels, candidate, rules, isInPlace = false } = this.#options;
    const asked = Date.now();
    const live = await livePods(fence, at, labels);
    for (const pod of live.filter(isReady)) this.#onceReady.add(pod.metadata.name);
    const pods = live.filter(({ metadata }) => this.#onceReady.has(metadata.name));
    const trial = pods.filter((pod) => digestOf(pod) === candidate);
    this.#trial = trial.map(({ metadata }) => metadata.name);
    const ready = pods.filter(isReady);
    const others = ready.filter((pod) => digestOf(pod) !== candidate);
    const staff = isInPlace ? ready : others.filter((pod) => digestOf(pod) === this.#options.live);
    this.#ready = { stable: others.length, staff: staff.length };
    this.#hosts = live.filter((pod) => digestOf(pod) === candidate).flatMap(({ status }) => status.podIP ?? []);
    const now = Date.now();
    for (const pod of trial) {
      const count = restartsOf(pod);
      this.#samples.push({ kind: 'restarts', at: now, side: 'candidate', pod: pod.metadata.name, count });
    }
    [this.#looked, this.#listed] = [asked, now];
    this.#live = new Set(pods.map(({ metadata }) => metadata.name));
    return pods.flatMap((pod: Pod) => {
      const { podIP: host } = pod.status;
      const side = digestOf(pod) === candidate ? ('candidate' as const) : ('stable' as const);
      return host === undefined ? [] : [{ pod: pod.metadata.name, side, host, port: rules.probe.port }];
    });
  }

  /** Each pod and path is asked in its own time: one that is slow holds up nobody else's failure. */
  #begin(targets: readonly Target[]): void {
    const { paths, database } = this.#options.rules.probe;
    for (const target of targets) {
      for (const path of paths) void this.#ask(target, path, 'http');
      if (database !== undefined && target.pod !== SERVICE) void this.#ask(target, database, 'database');
    }
  }

  /** While the pod is there. Where nobody has been able to say so lately, its address may be another's by now. */
  #isThere(pod: string): boolean {
    const isKnown = pod === SERVICE || this.#live.has(pod);
    return !this.#stopped && isKnown && this.#isKnown;
  }

  async #ask({ pod, side, host, port }: Target, path: string, kind: 'http' | 'database'): Promise<void> {
    const { interval, timeout } = this.#options.rules.probe;
    const key = `${kind} ${pod} ${path}`;
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    while (this.#isThere(pod)) {
      const at = Date.now();
      const { ok, seen, latency } = await ask(host, port, path, timeout);
      // What a leaving pod fails to answer, nobody asks it any more.
      if (!ok && pod !== SERVICE && (await this.#isLeaving(pod))) break;
      this.#samples.push(
        kind === 'http' ? { kind, at, side, pod, path, ok, seen, latency } : { kind, at, side, pod, ok, seen },
      );
      if (!ok) {
        this.#isAlarmed = true;
        this.#alarm();
      }
      await sleep(Math.max(1, interval - (Date.now() - at)));
    }
    this.#asked.delete(key);
  }

  /** In its own time: a store that is slow holds up no list of pods. `measure` never rejects. */
  async #measure(): Promise<void> {
    const { prometheus } = this.#options.rules.probe;
    while (prometheus !== undefined && !this.#stopped) {
      const now = Date.now();
      const looks = this.#metrics.map((metric) => measure(prometheus, metric, { at: now, hosts: this.#hosts }));
      this.#samples.push(...(await Promise.all(looks)));
      await sleep(Math.max(10, MEASURED - (Date.now() - now)));
    }
  }

  /** Whether it was asked to go, or is gone. Where nobody can tell, it stays: a failure counts. */
  async #isLeaving(pod: string): Promise<boolean> {
    const { fence, at, labels } = this.#options;
    try {
      return !(await livePods(fence, at, labels)).some(({ metadata }) => metadata.name === pod);
    } catch {
      return false;
    }
  }
}
