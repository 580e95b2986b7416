/** Bringing a Patroni cluster to what is stated, member by member. Knows Patroni's API, not how it is reached. */
import { canonical } from '../core/index.ts';
import type { Agreed } from './patroni.ts';

/** A configuration as Patroni gives it. */
export type Configuration = Readonly<Record<string, unknown>>;

/** A member as it says of itself. */
export interface Member {
  readonly name: string;
  readonly leads: boolean;
  readonly running: boolean;
  /** Whether it has been told what it can only take up at its next start. */
  readonly pendingRestart: boolean;
  /** Names of the members that it streams to. */
  readonly streams: readonly string[];
}

/** The part of Patroni's REST API that is needed here. */
export interface Patroni {
  configuration(): Promise<Configuration>;
  /** Lays a change over the configuration; `null` takes a key away. */
  change(change: Configuration): Promise<void>;
  members(): Promise<readonly Member[]>;
  restart(member: string): Promise<void>;
}

/** Keys that people set by hand for a while and that nobody states: `patronictl pause`. */
const BY_HAND = ['pause'];

const isObject = (value: unknown): value is Configuration =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What has to be laid over `seen` to make it `wanted`; empty when nothing has to. */
export function difference(seen: Configuration, wanted: Configuration): Configuration {
  const change: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(seen), ...Object.keys(wanted)])) {
    const [is, should] = [seen[key], wanted[key]];
    if (should === undefined) change[key] = null;
    else if (isObject(is) && isObject(should)) {
      const inner = difference(is, should);
      if (Object.keys(inner).length > 0) change[key] = inner;
    } else if (canonical(is ?? null) !== canonical(should)) change[key] = should;
  }
  return change;
}

/** What is really agreed, without what people set by hand for a while. */
export async function look(patroni: Pick<Patroni, 'configuration'>): Promise<Configuration> {
  const entries = Object.entries(await patroni.configuration());
  return Object.fromEntries(entries.filter(([key]) => !BY_HAND.includes(key)));
}

/** Waiting, so that a test need not. */
export interface Clock {
  /** Milliseconds since any moment. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

/** How long the members may take to agree on being well. A large one restarts slowly. */
const PATIENCE_MS = 180_000;
/** Members restart at most so often in one change: replicas, leader, and replicas that had to wait for the leader. */
const ROUNDS = 3;

/**
 * Changes what differs, and restarts those members that need it for that, one after the other and the leader last. Less of
 * what a replica must have as much of as its leader (connections, locks) waits for the leader: then the replicas go again.
 *
 * @returns the members that were restarted, in order
 */
export async function converge(patroni: Patroni, wanted: Agreed, members: number, clock: Clock): Promise<string[]> {
  const change = difference(await look(patroni), wanted);
  const changed = Object.keys(change).length > 0;
  if (changed) {
    await patroni.change(change);
    // Each member takes it up in its next round at the latest; until then it does not know what it needs.
    await clock.sleep((wanted.loop_wait + 2) * 1000);
  }
  const restarted: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const seen = await whole(patroni, members, clock);
    const pending = seen.filter(({ pendingRestart }) => pendingRestart);
    if (pending.length === 0) return restarted;
    for (const { name } of pending.toSorted(
      (a, b) => Number(a.leads) - Number(b.leads) || (a.name < b.name ? -1 : 1),
    )) {
      await patroni.restart(name);
      restarted.push(name);
      await whole(patroni, members, clock);
    }
    await clock.sleep((wanted.loop_wait + 2) * 1000);
  }
  const left = (await patroni.members()).filter(({ pendingRestart }) => pendingRestart).map(({ name }) => name);
  if (left.length === 0) return restarted;
  throw new Error(`${left.join(', ')} still wait for a restart after ${ROUNDS} rounds: see what PostgreSQL logs`);
}

/** Waits until all members run, one of them leads, and it streams to all others: only then may the next one go. */
async function whole(patroni: Patroni, members: number, clock: Clock): Promise<readonly Member[]> {
  const deadline = clock.now() + PATIENCE_MS;
  for (;;) {
    const seen = await patroni.members();
    const leaders = seen.filter(({ leads }) => leads);
    const running = seen.filter((member) => member.running);
    const followed = new Set(leaders[0]?.streams);
    const missing = seen.filter(({ name, leads }) => !leads && !followed.has(name)).map(({ name }) => name);
    if (leaders.length === 1 && running.length === members && missing.length === 0) return seen;
    if (clock.now() > deadline) {
      const behind = missing.length > 0 ? `, ${missing.join(', ')} do not follow` : '';
      throw new Error(
        `the cluster is not whole: ${running.length} of ${members} members run, ${leaders.length} lead${behind}`,
      );
    }
    await clock.sleep(1000);
  }
}
