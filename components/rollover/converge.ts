/**
 * The steps of a rollover, on whatever is found: nothing, one colour, or what a killed predecessor has left. Nothing here
 * knows Docker: see `machine.ts`.
 *
 * What holds at every moment, so that an engine may die at any: the proxy leads to a container that runs and was well when it
 * was led there; the colour that it may still lead to is not touched.
 */
import { milliseconds } from '../core/index.ts';
import type { Verdict } from '../gates/index.ts';
import { COLOURS, other, type Colour, type Order } from './order.ts';

export interface Seen {
  readonly subject: string;
  readonly running: boolean;
}

/** What is on the host. */
export interface Scene {
  /** Where the proxy's file leads. */
  readonly live: Colour | undefined;
  readonly colours: Readonly<Partial<Record<Colour, Seen>>>;
}

export interface Judged {
  readonly verdict: Verdict;
  readonly seen: string;
  readonly reasons: readonly string[];
}

/** What can be done to the host. Each acts only while the rollover is this one's; otherwise it throws. */
export interface Machine {
  look(): Promise<Scene>;
  /** Makes and starts the container of a colour. */
  create(colour: Colour): Promise<void>;
  /** Lets it end by itself for the order's grace, and removes it. Fine where there is none. */
  remove(colour: Colour): Promise<void>;
  judge(colour: Colour): Promise<Judged>;
  /** Leads the proxy there, and waits until none of its workers takes requests for elsewhere. */
  lead(colour: Colour): Promise<void>;
  /** Whether the proxy has finished what it had begun before it was last led elsewhere. */
  drained(): Promise<boolean>;
}

export interface Clock {
  now(): number;
  sleep(ms: number): Promise<void>;
}

export interface Result {
  readonly colour: Colour;
  readonly reading: string;
}

/** A version that was not taken; what was live before is live. */
export class Undone extends Error {
  constructor(what: string, cause?: unknown) {
    super(what, { cause });
    this.name = 'Undone';
  }
}

const LOOK = 500;

/**
 * Makes the order's version the one that users reach.
 *
 * @param interrupted whether a predecessor did not come to its end: then the proxy may not have read its file
 * @throws Undone when the version is not well; whatever the host says, where it cannot be reached
 */
export async function converge(
  order: Order,
  machine: Machine,
  clock: Clock,
  interrupted: boolean,
  log: (line: string) => void,
): Promise<Result> {
  const { live, colours } = await machine.look();
  const standing = live !== undefined && colours[live]?.running === true ? live : undefined;
  if (standing !== undefined && interrupted) {
    log(`an earlier rollover was cut short; the proxy is led to ${standing} once more`);
    await machine.lead(standing);
  }
  const target = targetOf(order, standing, colours);
  if (!isThere(order, colours[target])) {
    log(`starting ${target}${standing === undefined ? '' : ` beside ${standing}`}`);
    await machine.remove(target);
    await machine.create(target);
  }
  const gate = await well(order, machine, clock, target);
  if (gate.verdict !== 'pass') {
    if (target === standing) throw new Error(`${order.name}: what is live is not well: ${told(gate)}`);
    await machine.remove(target);
    throw undone(order, standing, `${target} did not become well in ${order.patience.deadline}: ${told(gate)}`);
  }
  if (target !== standing) await handOver(order, machine, clock, standing, target, log);
  await finish(order, machine, clock, target, log);
  return { colour: target, reading: gate.seen };
}

/** The live one where it is the version already, else the other, else, with nothing live, the first. */
function targetOf(order: Order, standing: Colour | undefined, colours: Scene['colours']): Colour {
  if (standing === undefined) {
    const version = COLOURS.find((colour) => isThere(order, colours[colour]));
    // What runs may be of use yet to whoever looks into it.
    return version ?? COLOURS.find((colour) => colours[colour]?.running !== true) ?? 'blue';
  }
  return isThere(order, colours[standing]) ? standing : other(standing);
}

const isThere = ({ subject }: Order, seen: Seen | undefined): boolean =>
  seen?.running === true && seen.subject === subject;

const told = ({ verdict, reasons }: Judged): string => `${verdict}: ${reasons.join('; ')}`;

function undone({ name, subject }: Order, standing: Colour | undefined, why: string, cause?: unknown): Undone {
  const state = standing === undefined ? 'nothing was live before, and nothing is' : `${standing} serves as before`;
  return new Undone(`${name}: version ${subject} was undone, ${state}. ${why}`, cause);
}

/** Asks until it is well, is certain not to become so, or the deadline has come. */
async function well(order: Order, machine: Machine, clock: Clock, colour: Colour): Promise<Judged> {
  const end = clock.now() + milliseconds(order.patience.deadline);
  for (let fails = 0; ;) {
    const judged = await machine.judge(colour);
    fails = judged.verdict === 'fail' ? fails + 1 : 0;
    if (judged.verdict === 'pass' || fails >= 2 || clock.now() >= end) return judged;
    await clock.sleep(LOOK);
  }
}

/** Leads the users over, and back again where the new container does not stay well under their requests. */
async function handOver(
  order: Order,
  machine: Machine,
  clock: Clock,
  from: Colour | undefined,
  to: Colour,
  log: (line: string) => void,
): Promise<void> {
  let breach: string | undefined;
  let cause: unknown;
  try {
    log(`leading the proxy to ${to}`);
    await machine.lead(to);
    breach = await breachIn(order, machine, clock, to);
  } catch (thrown) {
    // Nothing may be done any more by one who was overtaken; anything else is undone.
    if (thrown instanceof Overtaken) throw thrown;
    [breach, cause] = [thrown instanceof Error ? thrown.message : String(thrown), thrown];
  }
  if (breach === undefined) return;
  log(`undoing: ${breach}`);
  if (from !== undefined) {
    await machine.lead(from);
    await quiet(order, machine, clock);
  }
  await machine.remove(to);
  throw undone(order, from, breach, cause);
}

/** Somebody else has taken the rollover over. */
export class Overtaken extends Error {
  constructor(name: string) {
    super(
      `${name}: another engine has taken this rollover over; nothing more is done here. Run up again when it has ended.`,
    );
    this.name = 'Overtaken';
  }
}

/** Watches a container for the order's time; gives why it is not kept. */
async function breachIn(order: Order, machine: Machine, clock: Clock, colour: Colour): Promise<string | undefined> {
  const end = clock.now() + milliseconds(order.patience.watch);
  for (let bad = 0; ;) {
    const judged = await machine.judge(colour);
    bad = judged.verdict === 'pass' ? 0 : bad + 1;
    if (judged.verdict === 'fail' || bad >= 3) return `${colour} did not stay well: ${told(judged)}`;
    if (clock.now() >= end) return undefined;
    await clock.sleep(LOOK);
  }
}

/** Waits until nobody is served by what was left, at most for the order's time. */
async function quiet(order: Order, machine: Machine, clock: Clock): Promise<void> {
  const end = clock.now() + milliseconds(order.patience.drain);
  while (!(await machine.drained()) && clock.now() < end) await clock.sleep(LOOK);
}

async function finish(
  order: Order,
  machine: Machine,
  clock: Clock,
  live: Colour,
  log: (line: string) => void,
): Promise<void> {
  const left = other(live);
  if ((await machine.look()).colours[left] === undefined) return;
  log(`draining ${left}`);
  await quiet(order, machine, clock);
  await machine.remove(left);
}
