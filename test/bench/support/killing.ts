/** One kill in the middle of a release, under users, and what became of everything after it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailed } from '../../../infra/sandbox/host/run.ts';
import { weightIn } from '../../../components/release/runner/phases.ts';
import type { Order } from '../../../components/release/runner/record.ts';
import type { Answer } from '../../e2e/support/open-loop.ts';
import type { Wanted } from '../../e2e/support/release/program.ts';
import type { Trial } from '../../e2e/support/release/trial.ts';
import { begun, BEGINS } from './engine-events.ts';
import type { Kill, Victim } from './plan-kills.ts';
import { below, isAlive, kindOf, turnBad, type Descendant } from './processes.ts';
import { Users } from './traffic.ts';
import { Witness } from './witness.ts';

export interface Killed extends Kill {
  /** The phase of the record at the moment of the kill; of one before the order, what the engine had begun. */
  readonly found: string;
  readonly how: string;
  readonly settledOn: string;
  readonly settledAfter: number;
  /** The engine's processes that outlived its kill, and for how many seconds those that ended by themselves did. */
  readonly orphans: readonly string[];
  readonly orphansEnded: number;
  readonly sent: number;
  readonly failed: number;
  /** Of those, what the bad version itself answered, and how many it could have. */
  readonly ofBad: number;
  readonly exposed: number;
  readonly badFor: number;
  readonly cancelled: boolean;
  readonly converged: string;
  readonly convergedIn: number;
  /** Claims that did not hold. */
  readonly violated: readonly string[];
}

/** With which a version serves: the steps of the trial's canary. */
const STEPS = { steps: [10, 50, 100].map((weight) => ({ weight, window: 0 })) } as unknown as Order;
/** How long a run may take to bring itself to rest. */
const AT_REST = 180_000;
/** How long an orphan may take to see that its engine is gone. */
const LEAVES = 3000;

export interface Field {
  readonly trial: Trial;
  readonly witness: Witness;
  readonly wanted: (version: string) => Wanted;
  /** How often the runner's process of this pod was killed: the kubelet lets the next ones wait. */
  readonly pod: { killed: boolean };
}

/** What stands ready to be killed: looked up beforehand, since some phases are over in milliseconds. */
async function aim({ trial, pod }: Field, victim: Victim): Promise<{ how: string; kill: () => Promise<void> | void }> {
  if (victim === 'engine') {
    const pid = trial.engineProcess();
    return { how: 'engine', kill: () => void process.kill(pid, 'SIGKILL') };
  }
  if (victim === 'runner') {
    if (pod.killed) {
      return {
        how: 'runner’s pod',
        kill: async () => {
          await trial.deleteRunner();
          pod.killed = false;
        },
      };
    }
    const pid = await trial.runnerProcess();
    return {
      how: 'runner’s process',
      kill: () => {
        process.kill(pid, 'SIGKILL');
        pod.killed = true;
      },
    };
  }
  const kill = (): void => {
    const found = below(trial.engineProcess()).filter((one) => kindOf(one) === victim);
    if (found.length === 0) throw new Error(`the engine has no ${victim} now`);
    for (const { pid } of found) process.kill(pid, 'SIGKILL');
  };
  return { how: victim, kill };
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

/** The `up` that people would do next; with `pulumi cancel` before it where the engine asks. */
async function next(trial: Trial, wanted: Wanted): Promise<{ seconds: number; cancelled: boolean }> {
  try {
    return { ...(await trial.up(wanted)), cancelled: false };
  } catch (thrown) {
    if (!(thrown instanceof CommandFailed && /currently locked by/.test(thrown.output))) throw thrown;
    await trial.stack.pulumi(['cancel', '--yes']);
    return { ...(await trial.up(wanted)), cancelled: true };
  }
}

/** The share of its users that the bad version had at most, from the moment on, and how many requests came while it answered. */
function exposure(witness: Witness, from: number, bad: readonly Answer[], all: readonly Answer[]): number {
  if (bad.length === 0) return 0;
  const last = Math.max(...bad.map(({ due, latency }) => due + latency));
  const phases = [witness.record(from), ...witness.since(from)].filter(({ at }) => at <= last);
  const share = Math.max(...phases.map(({ phase }) => (phase === undefined ? 0 : weightIn(phase, STEPS)))) / 100;
  const due = all.filter((answer) => answer.due >= from && answer.due <= last).length;
  // Who has which share is chance: four times its spread, and what was under way.
  return Math.ceil(due * share + 4 * Math.sqrt(due * share * (1 - share)) + 10);
}

const text = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** @param old what is live before; @param version what is released, and `mended` what comes after a bad one */
export async function killOnce(field: Field, kill: Kill, names: { old: string; version: string; mended: string }): Promise<Killed> {
  const { trial, witness, wanted } = field;
  const { old, version, mended } = names;
  const violated: string[] = [];
  const users = await Users.come(trial, 100);
  let answers: Answer[] = [];
  let endsTurning: (() => void) | undefined;
  let turnedAt = Infinity;
  const turn = (): void => {
    turnedAt = Date.now();
    endsTurning = turnBad(version);
  };
  try {
    await sleep(500);
    const began = Date.now();
    const epoch = Number(witness.record().token.split('.')[0]);
    const up = trial.up(wanted(version)).then(
      () => 'succeeded',
      (thrown: unknown) => (thrown instanceof CommandFailed ? thrown.output : text(thrown)),
    );
    let isOver = false;
    void up.then(() => (isOver = true));

    const reached =
      kill.phase in BEGINS
        ? begun(trial.stack.project, began, BEGINS[kill.phase]!, 120_000)
        : witness.reaches(kill.phase, 150_000);
    if (kill.bad === 'before') {
      await witness.reaches('step-1', 120_000);
      turn();
    }
    // The runner has its process already; the engine's need an engine that has got somewhere.
    const ready = kill.victim === 'engine' || kill.victim === 'runner' ? soon(() => aim(field, kill.victim)) : aim(field, kill.victim);
    ready.catch(() => undefined);
    await Promise.race([
      reached,
      up.then((output) => Promise.reject(new Error(`the up ended before ${kill.phase}: ${output.slice(-900)}`))),
    ]);
    const { how, kill: strike } = await ready;
    const children = kill.victim === 'engine' && kill.phase !== 'swap' ? below(trial.engineProcess()) : [];
    const found = kill.phase in BEGINS ? kill.phase : witness.phase;
    const at = Date.now();
    await strike();
    if (kill.bad === 'after') turn();

    const { stay, seconds: orphansEnded } = await outliving(children);
    const orphansGone = Date.now();
    await up;
    await rested(witness, AT_REST);
    // A run that begins by itself now would be one that nobody ordered.
    await sleep(1500);
    const settledAt = Math.max(at, witness.changes.findLast((c) => c.object === 'record' && c.phase === 'settled' && c.at > at && isEnd(witness, c.at))?.at ?? at);
    const orders = witness.since(at).filter((c) => c.object === 'record' && c.token.endsWith('.0')).length;
    if (kill.victim === 'engine' && new Set(witness.since(at).filter((c) => c.object === 'record' && c.token.endsWith('.0')).map((c) => c.token)).size > 0)
      violated.push(`${orders} orders after the engine was killed, and nobody gave one`);
    const signs = new Set(witness.since(orphansGone).filter((c) => c.object === 'record').map((c) => c.follower));
    if (kill.victim === 'engine' && signs.size > 1) violated.push('an orphan of the engine went on writing its sign');

    const { traffic, pods } = await trial.seen();
    const settledOn = [...new Set(pods[traffic])].join(' and ') || 'nothing';
    const mayBe = kill.bad === 'never' ? [old, version] : [old];
    if (!mayBe.includes(settledOn)) violated.push(`settled on ${settledOn}, wanted ${mayBe.join(' or ')}`);
    const ill = await users.unhealthy(settledOn);
    if (ill !== undefined) violated.push(`left alone: ${ill}`);
    endsTurning?.();

    // A version that was found bad is not tried again: the new one is then the next.
    const towards = kill.towards === 'old' ? old : kill.bad === 'never' ? version : mended;
    let [converged, convergedIn, cancelled] = ['not', 0, false];
    try {
      const helped = Date.now();
      ({ seconds: convergedIn, cancelled } = await next(trial, wanted(towards)));
      await trial.serves(towards, false);
      const left = await trial.pending();
      if (left.length > 0) throw new Error(`the preview after it shows ${left.join(', ')}`);
      const side = (await trial.stack.outputs())['side'];
      if (side !== (await trial.seen()).traffic) throw new Error(`the state says ${String(side)} is live`);
      const given = new Set(
        witness.since(helped).filter((c) => c.object === 'record' && c.token.endsWith('.0')).map(({ token }) => token),
      );
      const now = Number(witness.record().token.split('.')[0]);
      const before = Number(witness.record(helped).token.split('.')[0]);
      if (now - before !== given.size) violated.push(`epoch ${before} to ${now}, with ${given.size} orders`);
      const ill = await users.unhealthy(towards, 1000);
      if (ill !== undefined) throw new Error(ill);
      converged = towards;
    } catch (thrown) {
      violated.push(`one up towards ${towards}: ${text(thrown)}`);
    }
    violated.push(...witness.stray(began));
    if (Number(witness.record().token.split('.')[0]) < epoch) violated.push('the epoch went back');

    answers = await users.leave();
    const failed = answers.filter(({ failure }) => failure !== '');
    const bad = failed.filter((one) => one.version === version && one.failure === 'HTTP 500' && one.due + one.latency >= turnedAt);
    const exposed = exposure(witness, turnedAt, bad, answers);
    const others = failed.filter((one) => !bad.includes(one));
    if (others.length > 0) {
      const kinds = Map.groupBy(others, ({ failure, version }) => `${failure} of ${version || 'nobody'}`);
      violated.push(`failed by the kill: ${[...kinds].map(([kind, of]) => `${of.length} ${kind}`).join(', ')}`);
    }
    if (bad.length > exposed) violated.push(`${bad.length} failed by the bad version, which had at most ${exposed}`);
    const came = bad.map(({ due, latency }) => due + latency);
    // They are ours: nobody else ends them.
    for (const one of stay) if (isAlive(one)) process.kill(one.pid, 'SIGKILL');
    void isOver;
    return {
      ...kill,
      ...{ found, how, settledOn, settledAfter: (settledAt - at) / 1000, orphans: stay.map(kindOf), orphansEnded },
      ...{ sent: answers.length, failed: failed.length, ofBad: bad.length, exposed },
      badFor: came.length === 0 ? 0 : (Math.max(...came) - Math.min(...came)) / 1000,
      ...{ cancelled, converged, convergedIn, violated },
    };
  } catch (thrown) {
    if (answers.length === 0) await users.leave();
    throw thrown;
  } finally {
    endsTurning?.();
  }
}
