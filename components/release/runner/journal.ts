/**
 * What a run writes into the record: the phase before anything is done in it, signs of life, how it ended. What is written here
 * is all that whoever takes over knows.
 */
import type { GateVerdict } from './analysis.ts';
import { Breach, type Run } from './ground.ts';
import { historyWith } from './history.ts';
import { weightIn } from './phases.ts';
import {
  bounded,
  rejectedWith,
  type Course,
  type Good,
  type Outcome,
  type Phase,
  type Progress,
  type Side,
  type Stage,
} from './record.ts';
import { series, type Point } from './series.ts';
import type { Sample } from './samples.ts';

/** Milliseconds between signs of life. */
const SIGN = 2000;
/** Points of a plot that a record holds, each some 80 bytes; with two versions, enough for half an hour. */
const MOST_POINTS = 2000;

export class Journal {
  /** What the gates said last in this phase. */
  gates: readonly GateVerdict[] = [];
  readonly #run: Run;
  readonly #stages: Stage[];
  readonly #points: Point[];
  /** When the run began, by this node's clock: the engine's may go otherwise. */
  readonly #start: number;
  #began = Date.now();
  #signed = 0;
  #phase: Phase = 'ordered';

  constructor(run: Run) {
    this.#run = run;
    const { course, epoch } = run.record;
    // What an earlier process of this run has seen stays a part of it.
    const before = course?.epoch === epoch ? course : undefined;
    [this.#stages, this.#points] = [[...(before?.stages ?? [])], [...(before?.points ?? [])]];
    this.#start = before?.began ?? this.#began;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Keeps what was seen, for a plot. */
  keep(samples: readonly Sample[]): void {
    this.#points.push(...series(samples));
  }

  /** Writes a phase down before anything is done in it; what the one before came to, with it. */
  async enter(phase: Phase, more: { outcome?: Outcome } = {}): Promise<void> {
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
    this.#stages.push({ phase: this.#phase, ...(known && { weight }), from, to: this.#began, gates: this.gates });
    this.gates = [];
  }

  #course(): Course {
    const { epoch } = this.#run.record;
    return { epoch, began: this.#start, stages: this.#stages, points: this.#points.slice(-MOST_POINTS) };
  }

  /** Tells how far the run is, and learns whether it still holds the record. */
  async sign(says: string, time: Pick<Progress, 'until' | 'held'> = {}): Promise<void> {
    const { order, fence } = this.#run;
    const now = Date.now();
    if (this.#phase !== 'undo' && now - this.#start > order.rules.deadline) {
      const limit = order.rules.deadline / 1000;
      throw new Breach('error', [`deadline: in phase ${this.#phase}; wanted it done in ${limit} s`]);
    }
    if (now - this.#signed < SIGN) return;
    this.#signed = now;
    const weight = weightIn(this.#phase, order);
    await fence.note({
      progress: { at: now, phase: this.#phase, weight, says, gates: this.gates, ...time },
    });
  }

  /** The version is live. @param side where it was brought */
  async promoted(to: Side): Promise<Outcome> {
    const { record, order } = this.#run;
    const { good } = record;
    const { digest, template, rules } = order;
    const scaled = this.#phase === 'scale';
    this.#leave();
    const outcome = this.outcome('promoted', []);
    const side = scaled ? good!.side : to;
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
      ...(swapped && { kept: { digest: good.digest, template: good.template, side: good.side, until } }),
    });
    return outcome;
  }

  /** What was live before is live. */
  async settled(outcome: Outcome): Promise<Outcome> {
    const { record, order, fence } = this.#run;
    this.#leave();
    const final = this.outcome(outcome.verdict, outcome.reasons);
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

  /** How the run would end now, as far as it is known. */
  outcome(verdict: Outcome['verdict'], reasons: readonly string[]): Outcome {
    const { order, record } = this.#run;
    const judged = [...this.#stages, { phase: this.#phase, gates: this.gates }].filter(({ gates }) => gates.length > 0);
    const evidence = Object.fromEntries(judged.map(({ phase, gates }) => [phase, gates]));
    return {
      ...{ verdict, epoch: record.epoch, digest: order.digest, reasons: reasons.map(bounded), evidence },
      seconds: Math.round((Date.now() - this.#start) / 1000),
      endedAt: new Date().toISOString(),
    };
  }
}
