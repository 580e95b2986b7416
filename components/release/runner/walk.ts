/**
 * One run: from an order to a settled record. Which phases there are follows from the record alone, and a phase is written
 * down before anything is done in it, so that whoever takes over goes on where the last one was.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Compared } from './analysis.ts';
import { baselineOf } from './baseline.ts';
import { Invalid } from './fence.ts';
import { Breach, type Run } from './ground.ts';
import { Journal } from './journal.ts';
import { Judging, nobody } from './judging.ts';
import { isDeserted, readSide, rolledOut, setReplicas, setSide } from './moves.ts';
import { phasesOf, returns, sideOf } from './phases.ts';
import type { Outcome, Phase, Side } from './record.ts';
import { arrival, type Arrival } from './traffic.ts';
import { back } from './undo.ts';
import type { Watch } from './watch.ts';

export class Walk {
  readonly #run: Run;
  readonly #side: Side;
  readonly #journal: Journal;
  readonly #judging: Judging;

  constructor(run: Run) {
    this.#run = run;
    this.#side = sideOf(run.record, run.order);
    this.#journal = new Journal(run);
    this.#judging = new Judging(run, this.#journal);
  }

  /** Runs to a settled record. @throws Fenced when another one has taken over */
  async toTheEnd(): Promise<Outcome> {
    const { record, order, log } = this.#run;
    // What was found before the last process ended stays the reason.
    const begun = record.outcome?.epoch === record.epoch ? record.outcome : undefined;
    let outcome = begun ?? this.#journal.outcome('undone', []);
    if (order.mode === 'release' && record.phase !== 'undo') {
      try {
        await this.#forward();
        return await this.#journal.promoted(this.#side);
      } catch (thrown) {
        const breach = thrown instanceof Invalid ? new Breach('rejected', [`API server: ${thrown.message}`]) : thrown;
        if (!(breach instanceof Breach)) throw thrown;
        // What was live just before was proven: where it does not come up again, something around it is missing.
        const verdict = returns(record, order) ? 'error' : breach.verdict;
        log(`${verdict}: ${breach.message}`);
        outcome = this.#journal.outcome(verdict, breach.reasons);
      }
    }
    // The reasons stand in the record before the undo begins.
    await this.#journal.enter('undo', { outcome });
    const troubles = await back(this.#run, this.#journal, this.#side, this.#judging.isStaffed);
    return this.#journal.settled({ ...outcome, reasons: [...outcome.reasons, ...troubles] });
  }

  async #forward(): Promise<void> {
    const { record, order, log } = this.#run;
    const phases = phasesOf(record, order);
    const odd = order.steps.find(({ weight }) => !this.#run.driver.can(weight));
    if (odd) throw new Breach('error', [`traffic: this driver cannot give ${odd.weight} %; wanted steps that it can`]);
    await this.#checkTraffic();
    for (const phase of phases.slice(Math.max(0, phases.indexOf(record.phase)))) {
      // A rolling update soaks where it rolled, with what it had seen there.
      if (phase === this.#journal.phase) continue;
      await this.#journal.enter(phase);
      log(`phase ${phase}`);
      await this.#perform(phase);
    }
  }

  /** A version that takes another side's place is not begun where no traffic could be moved to it. */
  async #checkTraffic(): Promise<void> {
    const { record, order, driver } = this.#run;
    if (record.phase !== 'ordered' || !phasesOf(record, order).some((phase) => phase.startsWith('step'))) return;
    const trouble = await driver.trouble();
    if (trouble !== undefined) throw new Breach('error', [`traffic: ${trouble}; wanted a way to move it`]);
  }

  #arrival(watch: Watch, between: Arrival['between']): Arrival {
    const { order, pause } = this.#run;
    return { pause, limit: order.rules.ready, between, nap: (longest) => watch.noticed(longest) };
  }

  async #perform(phase: Phase): Promise<void> {
    const { order, record } = this.#run;
    const { rules } = order;
    switch (phase) {
      case 'candidate':
        await setSide(this.#run, this.#side, order, await this.#size());
        if (returns(record, order)) return rolledOut(this.#run, this.#side, order, this.#judging.patience());
        return this.#judging.watched(this.#compared(), async (watch) => {
          // Asked as soon as they are ready: the first answers of a process are slow, and no measure of it.
          await rolledOut(this.#run, this.#side, order, this.#judging.patience(watch));
          watch.restart();
          await this.#judging.window(watch, rules.candidate);
        });
      case 'roll':
        return this.#roll();
      case 'soak':
        return this.#judging.watched(
          this.#compared(
            order.strategy === 'rolling' ? 'the runner began anew in the soak of a rolling update' : undefined,
          ),
          (watch) => {
            watch.through();
            return this.#judging.window(watch, rules.soak);
          },
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
    const { order, record, driver } = this.#run;
    const quick = returns(record, order);
    const { weight, window } = quick ? { weight: 100, window: 0 } : order.steps[index]!;
    await this.#judging.watched(
      this.#compared(),
      async (watch) => {
        const still = quick ? () => this.#journal.sign('back to the version before') : this.#judging.still(watch);
        await this.#grown(watch);
        if (await isDeserted(this.#run, this.#side)) throw nobody(weight);
        await driver.share(this.#side, weight);
        await arrival(driver, this.#side, weight, this.#arrival(watch, still));
        watch.through();
        watch.restart();
        if (!quick) await this.#judging.window(watch, window);
      },
      weight === 100,
    );
  }

  /** An autoscaler goes on at its work on the live side: whoever takes its traffic over needs as many pods by then. */
  async #grown(watch: Watch): Promise<void> {
    const { order } = this.#run;
    if (order.replicas !== undefined) return;
    const [size, own] = [await this.#size(), (await readSide(this.#run, this.#side)).spec.replicas];
    if (size <= own) return;
    await setReplicas(this.#run, this.#side, size);
    await rolledOut(this.#run, this.#side, order, this.#judging.patience(watch));
  }

  /** The live side in place; a first install too, which has nothing to compare with and nobody to disturb. */
  async #roll(): Promise<void> {
    const { order, record, driver } = this.#run;
    const first = record.good === undefined;
    const compared = this.#compared();
    await this.#judging.watched(compared, async (watch) => {
      const why = compared.why ?? (await this.#measured(watch));
      await setSide(this.#run, this.#side, order, order.replicas ?? (first ? 1 : undefined));
      await rolledOut(this.#run, this.#side, order, this.#judging.patience(watch));
      await driver.share(this.#side, 100);
      await arrival(driver, this.#side, 100, this.#arrival(watch, this.#judging.still(watch)));
      watch.restart(why === undefined ? { comparison: 'before' } : { comparison: 'none', why });
      await this.#journal.enter('soak');
      await this.#judging.window(watch, order.rules.soak);
    });
  }

  /** Waits for what a rolling update will be compared with. @returns why there is nothing, where there is */
  async #measured(watch: Watch): Promise<string | undefined> {
    const { order, pause, log } = this.#run;
    const { analysis, probe } = order.rules;
    for (const began = Date.now(); ;) {
      const { enough, why } = baselineOf(watch, { analysis, interval: probe.interval, waited: Date.now() - began });
      if (enough) return undefined;
      if (why !== undefined) {
        log(`latency is not compared: ${why}`);
        return why;
      }
      await this.#journal.sign('measuring the stable version');
      await sleep(pause);
    }
  }

  /** What latencies are compared with. @param otherwise why there is nothing here, where there is another reason for it */
  #compared(otherwise?: string): Compared {
    const { record, order } = this.#run;
    const why =
      record.good === undefined
        ? 'a first install has no stable version'
        : order.leaves === undefined
          ? otherwise
          : 'the stable version is left on purpose, and is no measure';
    return why === undefined ? { comparison: 'same-time' } : { comparison: 'none', why };
  }

  /** As many pods as the live side has, where nobody says how many. */
  async #size(): Promise<number> {
    const { order, record } = this.#run;
    return order.replicas ?? (await readSide(this.#run, record.good!.side)).spec.replicas;
  }
}
