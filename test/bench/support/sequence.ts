/** A workload to which things happen one after the other, and what has to hold after each of them. */
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { rollback } from '../../../infra/sandbox/verbs/rollback.ts';
import { platform } from '../../e2e/support/platform.ts';
import type { Wanted } from '../../e2e/support/release/program.ts';
import type { Trial } from '../../e2e/support/release/trial.ts';
import { until } from '../../e2e/support/until.ts';
import { isLocked } from './locks.ts';
import type { Chance } from './random.ts';
import type { Users } from './traffic.ts';
import type { Witness } from './witness.ts';

export const KINDS = [
  ...['good image', 'bad image', 'environment change', 'label', 'refresh', 'kill', 'rollback', 'strategy change'],
] as const;
export type Kind = (typeof KINDS)[number];

const FAULTS = [{ ERROR_SHARE: '0.3' }, { ERROR_SHARE: '0.3' }, { CRASH: 'yes' }, { READY: 'no' }] as const;
const STRATEGIES = ['rolling', 'blueGreen', 'canary'] as const;
/** Phases of a run that last long enough to be met. */
const PHASES = {
  rolling: ['roll', 'soak'],
  blueGreen: ['candidate', 'step-0', 'soak'],
  canary: ['candidate', 'step-0', 'step-1', 'step-2', 'soak'],
} as const;
const AT_REST = 150_000;

export interface Stepped {
  readonly kind: Kind;
  readonly what: string;
  readonly seconds: number;
  readonly sent: number;
  readonly failed: number;
  /** What does not hold. */
  readonly violated: readonly string[];
}

const config = new KubeConfig();
config.loadFromFile(platform.kubeconfig);
const core = config.makeApiClient(CoreV1Api);

const text = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown)).slice(-900);

export class Course {
  readonly #trial: Trial;
  readonly #witness: Witness;
  readonly #chance: Chance;
  readonly #name: string;
  /** What the configuration says. */
  #wanted: Wanted;
  /** Whether the last `up` with it was refused, as it has to be. */
  #isRefused = false;
  /** What a refused `up` may have left undone beside the release. */
  #besides = false;
  #count = 0;
  #podKilled = false;

  /**
   * @param live what runs when it begins
   * @param name what its versions are called, with a number each
   */
  constructor(trial: Trial, witness: Witness, chance: Chance, live: Wanted, name: string) {
    [this.#trial, this.#witness, this.#chance, this.#wanted] = [trial, witness, chance, live];
    this.#name = name;
  }

  get wanted(): Wanted {
    return this.#wanted;
  }

  #fresh(over: Partial<Wanted> = {}): Wanted {
    const { environment: _environment, ...rest } = this.#wanted;
    return { ...rest, version: `${this.#name}-${++this.#count}`, ...over };
  }

  /** What the pods of this configuration call themselves. */
  static called = ({ version, environment }: Wanted): string => environment?.['VERSION'] ?? version;

  async step(kind: Kind, users: Users): Promise<Stepped> {
    const began = Date.now();
    const violated: string[] = [];
    let what = '';
    const faulty = new Set<string>();
    try {
      what = await this.#do(kind);
      if (this.#isFaulty()) faulty.add(Course.called(this.#wanted));
    } catch (thrown) {
      violated.push(text(thrown));
    }
    try {
      violated.push(...(await this.#holds(users)));
    } catch (thrown) {
      violated.push(text(thrown));
    }
    const answers = users.answers(began);
    const failed = answers.filter(({ failure }) => failure !== '');
    const others = failed.filter(({ failure, version }) => failure !== 'HTTP 500' || !faulty.has(version));
    if (others.length > 0) {
      const kinds = Map.groupBy(others, ({ failure, version }) => `${failure} of ${version || 'nobody'}`);
      violated.push(`failed: ${[...kinds].map(([kind, of]) => `${of.length} ${kind}`).join(', ')}`);
    }
    const seconds = (Date.now() - began) / 1000;
    return { kind, what, seconds, sent: answers.length, failed: failed.length, violated };
  }

  /** A good version, whatever came before it, and nothing left to do. */
  async end(users: Users): Promise<Stepped> {
    return this.step('good image', users);
  }

  /** After a step that went wrong: on with something known. */
  async recover(): Promise<void> {
    await this.#trial.stack.pulumi(['cancel', '--yes']).catch(() => undefined);
    this.#wanted = this.#fresh();
    await this.#trial.up(this.#wanted);
    [this.#isRefused, this.#besides] = [false, false];
  }

  #isFaulty(): boolean {
    const { environment = {} } = this.#wanted;
    return ['ERROR_SHARE', 'CRASH', 'READY'].some((name) => name in environment);
  }

  async #do(kind: Kind): Promise<string> {
    switch (kind) {
      case 'good image':
        return this.#up(this.#fresh());
      case 'bad image':
        return this.#up(this.#fresh({ environment: this.#chance.one(FAULTS) }));
      case 'environment change': {
        const { environment = {}, version } = this.#wanted;
        const tune = String(++this.#count);
        return this.#up({
          ...this.#wanted,
          environment: { ...environment, TUNE: tune, VERSION: `${version}.${tune}` },
        });
      }
      case 'label':
        return this.#up({ ...this.#wanted, label: `label-${++this.#count}` });
      case 'strategy change': {
        const others = STRATEGIES.filter((one) => one !== this.#wanted.strategy);
        return this.#up({ ...this.#wanted, strategy: this.#chance.one(others) });
      }
      case 'refresh':
        await this.#trial.want(this.#wanted);
        await this.#trial.stack.refresh();
        return 'refreshed';
      case 'rollback':
        return this.#back();
      case 'kill':
        return this.#kill();
    }
  }

  /** One `up`, which has to succeed unless the version is bad. */
  async #up(next: Wanted): Promise<string> {
    const isSame = Course.called(next) === Course.called(this.#wanted);
    this.#wanted = next;
    if (this.#isFaulty()) {
      const { output } = await this.#trial.up(next, { fails: true });
      this.#isRefused = true;
      this.#besides ||= isSame;
      const why = /(?:rejected: |was rejected and is not tried again)[^\n]{0,80}/.exec(output)?.[0];
      if (why === undefined) throw new Error(`the up failed, but not as rejected: ${output.slice(-600)}`);
      return `${next.strategy} ${Course.called(next)}: ${why}`;
    }
    await this.#trial.up(next);
    [this.#isRefused, this.#besides] = [false, false];
    return `${next.strategy} ${Course.called(next)} live`;
  }

  /** The verb that people have for it. */
  async #back(): Promise<string> {
    await this.#trial.want(this.#wanted);
    const { project, env } = this.#trial.stack;
    process.env['KUBECONFIG'] = platform.kubeconfig;
    const back = await rollback({ stack: env['PULUMI_STACK']!, project, env: { ...env } }).catch((thrown: unknown) => {
      // Nothing was done, and what is live stays: the right answer where all that came before was left for good.
      if (/every earlier version was rejected since/.test(text(thrown))) return undefined;
      throw thrown;
    });
    if (back === undefined) return 'refused: nothing earlier may be tried';
    const { live, atOnce } = back;
    // With which configuration: the history knows.
    const { output } = await this.#trial.stack.pulumi(['stack', 'history', '--json', '--page-size', '1']);
    const [last] = JSON.parse(output) as { config: Record<string, { value?: string; objectValue?: unknown }> }[];
    const { value, objectValue } = last!.config['test:wanted']!;
    const { timing: _timing, ...wanted } = (objectValue ?? JSON.parse(value!)) as Wanted;
    this.#wanted = { ...wanted, ...(this.#wanted.timing && { timing: this.#wanted.timing }) };
    [this.#isRefused, this.#besides] = [false, false];
    return `back to ${Course.called(this.#wanted)} (${live.digest.slice(0, 8)})${atOnce ? ', whose pods still ran' : ''}`;
  }

  async #kill(): Promise<string> {
    const trial = this.#trial;
    const next = this.#fresh();
    const victim = this.#chance.one(['engine', 'runner'] as const);
    const phase = this.#chance.one<string>(PHASES[next.strategy]);
    this.#wanted = next;
    const reached = this.#witness.reaches(phase, 90_000);
    reached.catch(() => undefined);
    const up = trial.up(next).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    await Promise.race([
      reached,
      up.then((thrown) => Promise.reject(new Error(`the up ended before ${phase}: ${text(thrown)}`))),
    ]);
    if (victim === 'engine') process.kill(trial.engineProcess(), 'SIGKILL');
    else if (this.#podKilled) await trial.deleteRunner();
    else await trial.killRunner();
    if (victim === 'runner') this.#podKilled = !this.#podKilled;
    const thrown = await up;
    await until('the run has come to rest', async () => this.#witness.phase === 'settled', AT_REST);
    if (victim === 'runner' && thrown !== undefined) throw thrown as Error;
    if (isLocked(trial)) await trial.stack.pulumi(['cancel', '--yes']);
    await trial.up(next);
    [this.#isRefused, this.#besides] = [false, false];
    return `${victim} killed in ${phase}, then ${next.strategy} ${Course.called(next)} live`;
  }

  /** What does not hold now. */
  async #holds(users: Users): Promise<string[]> {
    const violated: string[] = [];
    const { good, phase } = await this.#trial.record();
    if (phase !== 'settled') violated.push(`the record is in phase ${phase}`);
    const spec = good!.template.spec as { containers: { envFrom: { configMapRef: { name: string } }[] }[] };
    const { name } = spec.containers[0]!.envFrom[0]!.configMapRef;
    const { data } = await core.readNamespacedConfigMap({ namespace: this.#trial.namespace, name });
    const live = data!['VERSION']!;
    const { traffic, pods } = await this.#trial.seen();
    if (traffic !== good!.side || pods[traffic]?.some((one) => one !== live) !== false)
      violated.push(`${JSON.stringify(pods)} with traffic on ${traffic}; the record says ${live} on ${good!.side}`);
    const ill = await users.unhealthy(live);
    if (ill !== undefined) violated.push(ill);
    if (!this.#isRefused && live !== Course.called(this.#wanted))
      violated.push(`${live} is live, the configuration says ${Course.called(this.#wanted)}`);

    await this.#trial.want(this.#wanted);
    const pending = await this.#trial.pending();
    const rest = pending.filter((step) => !/ settings-/.test(step));
    const release = ['update web-prepare', 'update web-release'];
    const more = rest.filter((step) => !release.includes(step));
    const isRight = this.#isRefused
      ? release.every((step) => rest.includes(step)) && (this.#besides ? more.every(isLabel) : more.length === 0)
      : pending.length === 0;
    if (!isRight)
      violated.push(
        `the preview shows ${pending.join(', ') || 'no change'}${this.#isRefused ? ', wanted exactly the release' : ''}`,
      );
    violated.push(...this.#witness.stray());
    return violated;
  }
}

/** Of what carries the workload's labels. */
const isLabel = (step: string): boolean => /^update web/.test(step);
