/** One kill in the middle of a release, under users, and what became of everything after it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailed } from '../../../infra/sandbox/host/run.ts';
import type { Answer } from '../../e2e/support/open-loop.ts';
import type { Wanted } from '../../e2e/support/release/program.ts';
import type { Trial } from '../../e2e/support/release/trial.ts';
import { until } from '../../e2e/support/until.ts';
import { aim, ready, type Field } from './aim.ts';
import { begun, BEGINS } from './engine-events.ts';
import { blamed, type Failures } from './exposure.ts';
import { isLocked } from './locks.ts';
import type { Kill } from './plan-kills.ts';
import { below, isAlive, kindOf, turnBad, type Descendant } from './processes.ts';
import { Users } from './traffic.ts';

export interface Killed extends Kill, Failures {
  /** The phase of the record at the moment of the kill; of one before the order, what the engine had begun. */
  readonly found: string;
  readonly how: string;
  readonly settledOn: string;
  readonly settledAfter: number;
  /** The engine's processes that outlived its kill and stayed, and how many seconds those took that did not. */
  readonly orphans: readonly string[];
  readonly orphansEnded: number;
  readonly cancelled: boolean;
  readonly converged: string;
  readonly convergedIn: number;
  /** Claims that did not hold. */
  readonly violated: readonly string[];
}

/** How long a run may take to bring itself to rest. */
const AT_REST = 180_000;
/** How long an orphan may take to see that its engine is gone. */
const LEAVES = 3000;
/** Orders that one `up` gives at most: to undo what it finds, and its own. */
const ORDERS = 2;

const text = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

export interface Names {
  /** What is live before. */
  readonly old: string;
  readonly version: string;
  /** What comes after the version where that was bad. */
  readonly mended: string;
}

/** Who outlives a killed engine, until all have ended or have shown that they stay. */
async function outliving(left: readonly Descendant[]): Promise<{ stay: Descendant[]; seconds: number }> {
  const began = Date.now();
  let seconds = 0;
  let alive = left.filter(isAlive);
  while (alive.length > 0 && Date.now() - began < LEAVES) {
    await sleep(100);
    const now = alive.filter(isAlive);
    if (now.length < alive.length) seconds = (Date.now() - began) / 1000;
    alive = now;
  }
  return { stay: alive, seconds };
}

/** The `up` that people would do next; with `pulumi cancel` before it where the engine asks, which it does for a lock. */
async function next(trial: Trial, wanted: Wanted): Promise<{ seconds: number; cancelled: boolean }> {
  const cancelled = isLocked(trial);
  if (cancelled) await trial.stack.pulumi(['cancel', '--yes']);
  const { seconds } = await trial.up(wanted);
  return { seconds, cancelled };
}

interface Struck {
  readonly at: number;
  readonly found: string;
  readonly how: string;
  readonly children: readonly Descendant[];
  readonly ended: Promise<unknown>;
}

/** Begins a release, and kills in its phase. @param turn has the version turn bad */
async function strike(
  { trial, witness, wanted, pod }: Field,
  kill: Kill,
  version: string,
  turn: () => void,
): Promise<Struck> {
  const began = Date.now();
  const ended = trial.up(wanted(version)).then(
    () => 'succeeded',
    (thrown: unknown) => (thrown instanceof CommandFailed ? thrown.output : text(thrown)),
  );
  const isBefore = kill.phase in BEGINS;
  const reached = Promise.race([
    isBefore ? begun(trial.stack.project, began, BEGINS[kill.phase]!, 120_000) : witness.reaches(kill.phase, 150_000),
    ended.then((output) => Promise.reject(new Error(`the up ended before ${kill.phase}: ${output.slice(-900)}`))),
  ]);
  reached.catch(() => undefined);
  if (kill.bad === 'before') {
    await Promise.race([witness.reaches('step-1', 120_000), reached]);
    turn();
  }
  const target = await ready(() => aim({ trial, witness, wanted, pod }, kill));
  const childrenNow = (): Descendant[] => (kill.victim === 'engine' ? below(trial.engineProcess()) : []);
  const early = childrenNow();
  await reached;
  // A swap is over before they are found again.
  const children = kill.phase === 'swap' ? early : childrenNow();
  const found = isBefore ? kill.phase : witness.phase;
  const at = Date.now();
  await target.strike();
  if (kill.bad === 'after') turn();
  return { at, found, how: target.how, children, ended };
}

interface Alone {
  readonly settledOn: string;
  readonly settledAfter: number;
  readonly stay: readonly Descendant[];
  readonly orphansEnded: number;
}

/** What becomes of it without anyone's help. */
async function leftAlone({ trial, witness }: Field, kill: Kill, struck: Struck, violated: string[]): Promise<Alone> {
  const { at, children, ended } = struck;
  const { stay, seconds: orphansEnded } = await outliving(children);
  const orphansGone = Date.now();
  await ended;
  await until('the run has come to rest', async () => witness.phase === 'settled', AT_REST);
  // What is written now, nobody has asked for.
  await sleep(1500);
  if (kill.victim === 'engine') {
    const unasked = witness.ordersSince(at);
    if (unasked > 0) violated.push(`${unasked} orders after the engine was killed`);
    const signs = new Set(witness.since(orphansGone).flatMap(({ follower }) => follower ?? []));
    if (signs.size > 1) violated.push('an orphan of the engine went on writing its sign');
    const late = witness.since(orphansGone).filter(({ declaredAt }) => declaredAt > orphansGone);
    violated.push(...new Set(late.map(({ object }) => `an orphan of the engine wrote to ${object}`)));
  }
  const { traffic, pods } = await trial.seen();
  const settledOn = [...new Set(pods[traffic])].join(' and ') || 'nothing';
  return { settledOn, settledAfter: ((witness.settledSince(at) ?? at) - at) / 1000, stay, orphansEnded };
}

/** The one `up` after it. @throws when it does not bring everything about */
async function converge({ trial, witness, wanted }: Field, towards: string, users: Users) {
  const helped = Date.now();
  const { seconds, cancelled } = await next(trial, wanted(towards));
  await trial.serves(towards, false);
  const left = await trial.pending();
  if (left.length > 0) throw new Error(`the preview after it shows ${left.join(', ')}`);
  const side = (await trial.stack.outputs())['side'];
  if (side !== (await trial.seen()).traffic) throw new Error(`the state says ${String(side)} is live`);
  const given = witness.ordersSince(helped);
  if (given > ORDERS) throw new Error(`${given} orders of one up`);
  const ill = await users.unhealthy(towards, 1000);
  if (ill !== undefined) throw new Error(ill);
  return { converged: towards, convergedIn: seconds, cancelled };
}

export async function killOnce(field: Field, kill: Kill, { old, version, mended }: Names): Promise<Killed> {
  const { trial, witness } = field;
  const violated: string[] = [];
  const users = await Users.come(trial, 100);
  let answers: Answer[] | undefined;
  let endsTurning: (() => void) | undefined;
  let turnedAt = Infinity;
  const turn = (): void => {
    turnedAt = Date.now();
    endsTurning = turnBad(version);
  };
  try {
    await sleep(500);
    const began = Date.now();
    const struck = await strike(field, kill, version, turn);
    const { stay, orphansEnded, settledOn, settledAfter } = await leftAlone(field, kill, struck, violated);
    const mayBe = kill.bad === 'never' ? [old, version] : [old];
    if (!mayBe.includes(settledOn)) violated.push(`settled on ${settledOn}, wanted ${mayBe.join(' or ')}`);
    const ill = await users.unhealthy(settledOn);
    if (ill !== undefined) violated.push(`left alone: ${ill}`);
    endsTurning?.();

    // A version that was found bad is not tried again: the new one is then the next.
    const towards = kill.towards === 'old' ? old : kill.bad === 'never' ? version : mended;
    const end = await converge(field, towards, users).catch((thrown: unknown) => {
      violated.push(`one up towards ${towards}: ${text(thrown)}`);
      return { converged: 'not', convergedIn: 0, cancelled: false };
    });
    violated.push(...witness.stray(began));
    answers = await users.leave();
    const { failures, violated: by } = blamed(answers, version, turnedAt, witness);
    violated.push(...by);
    // They are ours: nobody else ends them.
    for (const one of stay) if (isAlive(one)) process.kill(one.pid, 'SIGKILL');
    const { found, how } = struck;
    return {
      ...{ ...kill, found, how, settledOn, settledAfter, orphans: stay.map(kindOf), orphansEnded },
      ...{ ...failures, ...end, violated },
    };
  } finally {
    endsTurning?.();
    if (answers === undefined) await users.leave();
  }
}
