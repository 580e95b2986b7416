/** Watching both versions while something is done, and what ends it: the gates' decision, or a breach. */
import { decide, sentence, type Compared } from './analysis.ts';
import { Breach, type Run } from './ground.ts';
import type { Journal } from './journal.ts';
import type { Patience } from './moves.ts';
import { weightIn } from './phases.ts';
import { bounded } from './record.ts';
import { Watch } from './watch.ts';

/** Its traffic would have nobody to answer it. The version is not to blame. */
export const nobody = (weight: number): Breach =>
  new Breach('error', [`pods: no pod of the new version is ready; wanted at least one for ${weight} % of the traffic`]);

export class Judging {
  readonly #run: Run;
  readonly #journal: Journal;
  #watch: Watch | undefined;

  constructor(run: Run, journal: Journal) {
    [this.#run, this.#journal] = [run, journal];
  }

  /** Whether somebody was ready on the side that is live by the record, just now; not where that is not known. */
  get isStaffed(): boolean {
    return (this.#watch?.staff ?? 0) > 0;
  }

  /** Runs with both versions watched, to its end or to a breach. */
  async watched(compared: Compared, act: (watch: Watch) => Promise<void>, throughService = false): Promise<void> {
    const { fence, at, labels, order, record, log } = this.#run;
    const service = throughService ? await this.#service() : undefined;
    const { rules, digest: candidate } = order;
    // Who is the first has nobody's users to be judged by.
    const users = record.good !== undefined && this.#journal.phase !== 'candidate';
    const watch = new Watch({
      ...{ fence, at, labels, rules, candidate, compared, users, log },
      ...{ live: record.good?.digest, isInPlace: order.strategy === 'rolling' },
      ...(service && { service }),
    });
    this.#watch = watch;
    try {
      await act(watch);
    } finally {
      this.#journal.keep(watch.stop());
    }
  }

  async #service(): Promise<{ host: string; port: number }> {
    const { fence, at } = this.#run;
    const { spec } = await fence.get<{ spec: { clusterIP: string; ports: { port: number }[] } }>(at.service);
    return { host: spec.clusterIP, port: spec.ports[0]!.port };
  }

  /** Watches until the gates have decided. */
  async window(watch: Watch, window: number): Promise<void> {
    const { order, driver, pause } = this.#run;
    const { hold } = order.rules.analysis;
    const began = Date.now();
    for (;;) {
      const weight = weightIn(this.#journal.phase, order);
      if (weight > 0 && watch.isDeserted) throw nobody(weight);
      const judgement = watch.judge(window);
      this.#journal.gates = judgement.gates;
      const next = decide(judgement, Date.now() - began, { ...order.rules.analysis, window });
      if (next.kind === 'advance') return;
      if (next.kind === 'undo') throw new Breach(next.verdict === 'fail' ? 'rejected' : 'error', next.reasons);
      const says = next.kind === 'hold' ? `undecided: ${next.reasons.join('; ')}` : `watched: ${judgement.verdict}`;
      await this.#journal.sign(bounded(says), {
        until: Date.now() + next.left,
        ...(next.kind === 'hold' && { held: hold - next.left }),
      });
      await driver.tend();
      await watch.noticed(pause);
    }
  }

  /** What is looked at while something else is waited for: a breach ends the wait. */
  still(watch?: Watch): () => Promise<void> {
    return async () => {
      await this.#journal.sign('waiting');
      // Pods that have just started are slower than others: how fast they are is for the windows.
      const gates = watch?.judge(undefined, { comparison: 'none' }).gates ?? [];
      const bad = gates.filter(({ verdict }) => verdict === 'fail');
      if (bad.length > 0) this.#journal.gates = gates;
      if (bad.length > 0) throw new Breach('rejected', bad.map(sentence));
    };
  }

  patience(watch?: Watch): Patience {
    const { order, pause } = this.#run;
    return { pause, limit: order.rules.ready, crashes: order.rules.crashes, between: this.still(watch) };
  }
}
