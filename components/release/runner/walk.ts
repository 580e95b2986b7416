/**
 * One run: from an order to a settled record. Which phases there are follows from the record alone, and a phase is written
 * down before anything is done in it, so that whoever takes over goes on where the last one was.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { decide, sentence, type GateVerdict } from './analysis.ts';
import { Invalid } from './fence.ts';
import { historyWith } from './history.ts';
import { Breach, isRolledOut, readSide, rolledOut, setReplicas, setSide, type Patience } from './moves.ts';
import {
  bounded,
  otherSide,
  rejectedWith,
  short,
  type Course,
  type Good,
  type Order,
  type Outcome,
  type Phase,
  type ReleaseRecord,
  type Side,
  type Stage,
} from './record.ts';
import { series, type Point } from './series.ts';
import { arrival, type Ground, type TrafficDriver } from './traffic.ts';
import { Watch } from './watch.ts';

export interface Run extends Ground {
  readonly record: ReleaseRecord;
  readonly order: Order;
  readonly driver: TrafficDriver;
  readonly log: (line: string) => void;
  /** Milliseconds between looks. */
  readonly pause: number;
}

/** Milliseconds between signs of life. */
const SIGN = 2000;
/** Milliseconds that a rolling update waits at most for what it will be compared with. */
const BASELINE = 10_000;
/** Points of a plot that a record holds, each some 80 bytes; with two versions, enough for half an hour. */
const MOST_POINTS = 2000;

const sideOf = ({ good }: ReleaseRecord, { strategy }: Order): Side =>
  good === undefined ? 'blue' : strategy === 'rolling' ? good.side : otherSide(good.side);

/** Whether the version was live just before, and still stands where it was. */
const returns = ({ kept }: ReleaseRecord, order: Order): boolean =>
  kept?.digest === order.digest && order.strategy !== 'rolling';

/** The phases of an order, in their order. The same from the first to the last write of a run. */
export function phasesOf(record: ReleaseRecord, order: Order): readonly Phase[] {
  if (record.good?.digest === order.digest) return ['scale'];
  if (record.good === undefined || order.strategy === 'rolling') return ['roll', 'soak', 'swap'];
  if (returns(record, order)) return ['candidate', 'step-0', 'swap'];
  return ['candidate', ...order.steps.map((_, index): Phase => `step-${index}`), 'soak', 'swap'];
}

/** The new version's share of the traffic in a phase, in percent; of a rolling one nobody can tell. */
function weightIn(phase: Phase, { steps }: Order): number {
  const index = /^step-(\d+)$/.exec(phase)?.[1];
  if (index !== undefined) return steps[Number(index)]?.weight ?? 100;
  return phase === 'soak' || phase === 'swap' ? 100 : 0;
}

export class Walk {
  readonly #run: Run;
  readonly #side: Side;
  readonly #stages: Stage[];
  readonly #points: Point[];
  #gates: readonly GateVerdict[] = [];
  #began = Date.now();
  #signed = 0;
  #phase: Phase = 'ordered';

  constructor(run: Run) {
    this.#run = run;
    this.#side = sideOf(run.record, run.order);
    const { course, epoch } = run.record;
    // What an earlier process of this run has seen stays a part of it.
    const before = course?.epoch === epoch ? course : undefined;
    [this.#stages, this.#points] = [[...(before?.stages ?? [])], [...(before?.points ?? [])]];
  }

  /** Runs to a settled record. @throws Fenced when another one has taken over */
  async toTheEnd(): Promise<Outcome> {
    const { record, order, log } = this.#run;
    // What was found before the last process ended stays the reason.
    const begun = record.outcome?.epoch === record.epoch ? record.outcome : undefined;
    let outcome = begun ?? this.#outcome('undone', []);
    if (order.mode === 'release' && record.phase !== 'undo') {
      try {
        await this.#forward();
        return await this.#promoted();
      } catch (thrown) {
        const breach = thrown instanceof Invalid ? new Breach('rejected', [`API server: ${thrown.message}`]) : thrown;
        if (!(breach instanceof Breach)) throw thrown;
        log(`${breach.verdict}: ${breach.message}`);
        outcome = this.#outcome(breach.verdict, breach.reasons);
      }
    }
    // The reasons stand in the record before the undo begins.
    await this.#enter('undo', { outcome });
    const troubles = await this.#back();
    return this.#settled({ ...outcome, reasons: [...outcome.reasons, ...troubles] });
  }

  async #forward(): Promise<void> {
    const { record, order, log } = this.#run;
    const phases = phasesOf(record, order);
    const odd = order.steps.find(({ weight }) => !this.#run.driver.can(weight));
    if (odd) throw new Breach('error', [`traffic: this driver cannot give ${odd.weight} %; wanted steps that it can`]);
    for (const phase of phases.slice(Math.max(0, phases.indexOf(record.phase)))) {
      // A rolling update soaks where it rolled, with what it had seen there.
      if (phase === this.#phase) continue;
      await this.#enter(phase);
      log(`phase ${phase}`);
      await this.#perform(phase);
    }
  }

  /** Writes a phase down before anything is done in it; what the one before came to, with it. */
  async #enter(phase: Phase, more: { outcome?: Outcome } = {}): Promise<void> {
    this.#leave();
    this.#phase = phase;
    await this.#run.fence.note({ phase, course: this.#course(), ...more });
  }

  #leave(): void {
    const { order, record } = this.#run;
    const from = this.#began;
    this.#began = Date.now();
    if (this.#phase === 'ordered') return;
    const known = order.strategy !== 'rolling' && record.good !== undefined;
    const weight = this.#phase === 'undo' ? 0 : weightIn(this.#phase, order);
    this.#stages.push({ phase: this.#phase, ...(known && { weight }), from, to: this.#began, gates: this.#gates });
    this.#gates = [];
  }

  #course(): Course {
    return { epoch: this.#run.record.epoch, stages: this.#stages, points: this.#points.slice(-MOST_POINTS) };
  }

  async #perform(phase: Phase): Promise<void> {
    const { order, record } = this.#run;
    const { rules } = order;
    switch (phase) {
      case 'candidate':
        await setSide(this.#run, this.#side, order, await this.#size());
        if (returns(record, order)) return rolledOut(this.#run, this.#side, order, this.#patience());
        return this.#watched('same-time', async (watch) => {
          // Asked as soon as they are ready: the first answers of a process are slow, and no measure of it.
          await rolledOut(this.#run, this.#side, order, this.#patience(watch));
          watch.restart();
          await this.#window(watch, rules.candidate);
        });
      case 'roll':
        return this.#roll();
      case 'soak':
        // Who takes over in the soak of a rolling update finds no stable version left to compare with.
        return this.#watched(
          order.strategy === 'rolling' || record.good === undefined ? 'none' : 'same-time',
          (watch) => this.#window(watch, rules.soak),
          true,
        );
      case 'swap':
      case 'ordered':
      case 'settled':
      case 'undo':
        return;
      case 'scale':
        if (order.replicas !== undefined) await setReplicas(this.#run, record.good!.side, order.replicas);
        return;
      default:
        return this.#step(Number(phase.split('-')[1]));
    }
  }

  async #step(index: number): Promise<void> {
    const { order, record, driver, pause } = this.#run;
    const quick = returns(record, order);
    const { weight, window } = quick ? { weight: 100, window: 0 } : order.steps[index]!;
    await this.#watched(
      'same-time',
      async (watch) => {
        const still = quick ? () => this.#sign('back to the version before') : this.#still(watch);
        await driver.share(this.#side, weight);
        await arrival(driver, this.#side, weight, pause, still);
        watch.restart();
        if (!quick) await this.#window(watch, window);
      },
      weight === 100,
    );
  }

  /** The live side in place; a first install too, which has nothing to compare with and nobody to disturb. */
  async #roll(): Promise<void> {
    const { order, record, driver, pause } = this.#run;
    const { latency } = order.rules.analysis;
    const first = record.good === undefined;
    await this.#watched(first ? 'none' : 'same-time', async (watch) => {
      const needed = first || latency === null ? 0 : latency.minimum;
      const end = Date.now() + BASELINE;
      while (watch.baseline < needed && Date.now() < end) {
        await this.#sign('measuring the stable version');
        await sleep(pause);
      }
      await setSide(this.#run, this.#side, order, order.replicas ?? (first ? 1 : undefined));
      await rolledOut(this.#run, this.#side, order, this.#patience(watch));
      await driver.share(this.#side, 100);
      await arrival(driver, this.#side, 100, pause, this.#still(watch));
      watch.restart(!first && watch.baseline >= needed ? 'before' : 'none');
      await this.#enter('soak');
      await this.#window(watch, order.rules.soak);
    });
  }

  /** As many pods as the live side has, where nobody says how many. */
  async #size(): Promise<number> {
    const { order, record } = this.#run;
    return order.replicas ?? (await readSide(this.#run, record.good!.side)).spec.replicas;
  }

  /** Runs with both versions watched, to its end or to a breach. */
  async #watched(
    comparison: 'same-time' | 'none',
    act: (watch: Watch) => Promise<void>,
    throughService = false,
  ): Promise<void> {
    const { fence, at, labels, order, log } = this.#run;
    const service = throughService ? await this.#service() : undefined;
    const { rules, digest: candidate } = order;
    const watch = new Watch({ fence, at, labels, rules, candidate, comparison, log, ...(service && { service }) });
    try {
      await act(watch);
    } finally {
      this.#points.push(...series(watch.stop()));
    }
  }

  async #service(): Promise<{ host: string; port: number }> {
    const { fence, at } = this.#run;
    const { spec } = await fence.get<{ spec: { clusterIP: string; ports: { port: number }[] } }>(at.service);
    return { host: spec.clusterIP, port: spec.ports[0]!.port };
  }

  /** Watches until the gates have decided. */
  async #window(watch: Watch, window: number): Promise<void> {
    const { order, pause } = this.#run;
    const began = Date.now();
    for (;;) {
      const judgement = watch.judge(window);
      this.#gates = judgement.gates;
      const next = decide(judgement, Date.now() - began, { ...order.rules.analysis, window });
      if (next.kind === 'advance') return;
      if (next.kind === 'undo') throw new Breach(next.verdict === 'fail' ? 'rejected' : 'error', next.reasons);
      const says = next.kind === 'hold' ? `undecided: ${next.reasons.join('; ')}` : `watched: ${judgement.verdict}`;
      await this.#sign(bounded(says), Date.now() + next.left);
      await sleep(pause);
    }
  }

  /** What is looked at while something else is waited for: a breach ends the wait. */
  #still(watch?: Watch): () => Promise<void> {
    return async () => {
      await this.#sign('waiting');
      // Pods that have just started are slower than others: how fast they are is for the windows.
      const gates = watch?.judge(undefined, 'none').gates ?? [];
      const bad = gates.filter(({ verdict }) => verdict === 'fail');
      if (bad.length > 0) this.#gates = gates;
      if (bad.length > 0) throw new Breach('rejected', bad.map(sentence));
    };
  }

  #patience(watch?: Watch): Patience {
    const { order, pause } = this.#run;
    return { pause, limit: order.rules.ready, crashes: order.rules.crashes, between: this.#still(watch) };
  }

  /** Tells how far the run is, and learns whether it still holds the record. */
  async #sign(says: string, until?: number): Promise<void> {
    const { order, fence } = this.#run;
    const now = Date.now();
    if (this.#phase !== 'undo' && now - order.startedAt > order.rules.deadline) {
      const limit = order.rules.deadline / 1000;
      throw new Breach('error', [`deadline: in phase ${this.#phase}; wanted it done in ${limit} s`]);
    }
    if (now - this.#signed < SIGN) return;
    this.#signed = now;
    const weight = weightIn(this.#phase, order);
    await fence.note({
      progress: {
        at: now,
        phase: this.#phase,
        weight,
        says,
        gates: this.#gates,
        ...(until !== undefined && { until }),
      },
    });
  }

  async #promoted(): Promise<Outcome> {
    const { record, order } = this.#run;
    const { good } = record;
    const { digest, template, rules } = order;
    const scaled = this.#phase === 'scale';
    this.#leave();
    const outcome = this.#outcome('promoted', []);
    const side = scaled ? good!.side : this.#side;
    const { epoch, seconds, evidence } = outcome;
    const proof = { epoch, seconds, evidence };
    const swapped = good !== undefined && good.side !== side;
    const live: Good = scaled
      ? { ...good!, digest, template }
      : { digest, template, side, since: outcome.endedAt, ...proof };
    // Nobody goes back to a version that was sent away: its side need not wait.
    const until = order.leaves ? Date.now() : Date.now() + rules.keepFor;
    await this.#run.fence.note({
      phase: 'settled',
      outcome,
      progress: undefined,
      course: this.#course(),
      good: live,
      ...(!scaled && { history: historyWith(record, live, order.attempt) }),
      ...(order.leaves && { rejected: rejectedWith(record.rejected, order.leaves) }),
      ...(swapped && {
        kept: { digest: good.digest, template: good.template, side: good.side, until },
      }),
    });
    return outcome;
  }

  /** Brings the live side back. Traffic first: nothing else is urgent. */
  async #back(): Promise<readonly string[]> {
    const { record, order, driver, pause, log } = this.#run;
    const { good } = record;
    const { ready } = order.rules;
    if (good === undefined) {
      await setReplicas(this.#run, this.#side, 0);
      await this.#emptied(this.#side);
      return [];
    }
    await driver.share(good.side, 100);
    await setSide(this.#run, good.side, good);
    const end = Date.now() + ready;
    const between = async (): Promise<void> => {
      await this.#sign('going back');
      if (Date.now() > end)
        throw new Breach('error', [`undo: ${short(good.digest)} is not ready in ${ready / 1000} s`]);
    };
    const troubles: string[] = [];
    try {
      await arrival(driver, good.side, 100, pause, between);
      await rolledOut(this.#run, good.side, good, { pause, limit: ready, crashes: Infinity, between });
    } catch (thrown) {
      if (!(thrown instanceof Breach)) throw thrown;
      // Nobody else could do better by waiting: the run ends, and says what it leaves.
      troubles.push(...thrown.reasons);
      log(thrown.message);
    }
    // Its pods end what is under way while they leave; whoever still is on a kept connection should not stay there.
    await setReplicas(this.#run, otherSide(good.side), 0);
    await this.#emptied(otherSide(good.side));
    return troubles;
  }

  /** No pod of the side is left, or will not be for long. */
  async #emptied(side: Side): Promise<void> {
    const { order, pause } = this.#run;
    const end = Date.now() + order.rules.ready;
    while (Date.now() < end) {
      await this.#sign('going back');
      if (isRolledOut(await readSide(this.#run, side))) return;
      await sleep(pause);
    }
  }

  async #settled(outcome: Outcome): Promise<Outcome> {
    const { record, order, fence } = this.#run;
    this.#leave();
    const final = this.#outcome(outcome.verdict, outcome.reasons);
    const { digest, attempt } = order;
    await fence.note({
      phase: 'settled',
      outcome: final,
      progress: undefined,
      course: this.#course(),
      kept: undefined,
      ...(final.verdict === 'rejected' && {
        rejected: rejectedWith(record.rejected, { digest, attempt, reasons: final.reasons }),
      }),
    });
    return final;
  }

  #outcome(verdict: Outcome['verdict'], reasons: readonly string[]): Outcome {
    const { order, record } = this.#run;
    const judged = [...this.#stages, { phase: this.#phase, gates: this.#gates }].filter(
      ({ gates }) => gates.length > 0,
    );
    const evidence = Object.fromEntries(judged.map(({ phase, gates }) => [phase, gates]));
    return {
      ...{ verdict, epoch: record.epoch, digest: order.digest, reasons: reasons.map(bounded), evidence },
      seconds: Math.round((Date.now() - order.startedAt) / 1000),
      endedAt: new Date().toISOString(),
    };
  }
}
