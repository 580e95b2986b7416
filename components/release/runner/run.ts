/** What the runner does over and over: looks at the record, and takes on what it finds there to be done. */
import { Fence } from './fence.ts';
import { ApiError, type Kube } from './kube.ts';
import { setReplicas } from './moves.ts';
import { parse, short, type Outcome, type Paths, type ReleaseRecord } from './record.ts';
import { driverOf } from './drivers.ts';
import type { EdgePods } from './edge-pods.ts';
import { tend } from './traffic-nginx.ts';
import { heldOf, SERVICE, type Traffic } from './traffic.ts';
import { Walk } from './walk.ts';

export interface RunnerOptions {
  readonly kube: Kube;
  readonly at: Paths;
  readonly name: string;
  /** What the pods of both sides have in common. */
  readonly labels: Readonly<Record<string, string>>;
  /** @default the Service alone */
  readonly traffic?: Traffic;
  readonly log: (line: string) => void;
  /** Milliseconds between looks while a run is under way. */
  readonly pause: number;
  /** Milliseconds that traffic takes to follow after its objects say that it does. */
  readonly lag?: number;
  /** The edge's pods, where they divide the traffic: `edgeOf`. */
  readonly edge?: EdgePods | undefined;
}

/** What one look led to. */
export type Look =
  { readonly kind: 'idle' } | { readonly kind: 'retired' } | { readonly kind: 'ran'; readonly outcome: Outcome };

/**
 * Looks once, and does all that there is to do.
 *
 * @throws Fenced when another process has taken over in the middle of it
 */
export async function look(options: RunnerOptions): Promise<Look> {
  const { kube, at } = options;
  const seen = parse(await kube.get(at.record));
  if (seen.phase !== 'settled') return ran(options);
  return isDue(seen) ? retired(options) : { kind: 'idle' };
}

const isDue = ({ kept }: ReleaseRecord): boolean => kept !== undefined && Date.now() >= kept.until;

async function ran(options: RunnerOptions): Promise<Look> {
  const { kube, at, name, labels, traffic = SERVICE, edge, log, pause, lag } = options;
  const { fence, record } = await Fence.claim(kube, at, heldOf(at, traffic), { log, pause });
  const { order, phase } = record;
  if (phase === 'settled' || order === undefined) return { kind: 'idle' };
  log(`${fence.token}: ${order.mode} ${short(order.digest)}, ${order.strategy}, from phase ${phase}`);
  const ground = { fence, at, name, labels, traffic };
  const driver = driverOf(ground, edge, lag);
  const outcome = await new Walk({ ...ground, record, order, driver, log, pause }).toTheEnd();
  log(`${outcome.verdict} after ${outcome.seconds} s`);
  return { kind: 'ran', outcome };
}

/** Sends the replaced side to rest when its time is over. */
async function retired(options: RunnerOptions): Promise<Look> {
  const { kube, at, name, labels, traffic = SERVICE, log, pause } = options;
  const { fence, record } = await Fence.claim(kube, at, heldOf(at, traffic), { log, pause });
  // An order that came between is the next look's.
  if (record.phase !== 'settled' || !isDue(record)) return { kind: 'idle' };
  await setReplicas({ fence, at, name, labels, traffic }, record.kept!.side, 0);
  await fence.note({ kept: undefined });
  log(`${record.kept!.side} has gone to rest`);
  return { kind: 'retired' };
}

/** Between runs: gives pods of the edge that have come, or were changed by hand, the shares that hold. */
export async function tended({ kube, at, edge }: RunnerOptions): Promise<void> {
  if (edge !== undefined) await tend(kube, at, edge);
}

/** Whether the record is there no more, or not ours any more: the stack is being taken away. */
export const isGone = (thrown: unknown): boolean =>
  thrown instanceof ApiError && (thrown.status === 403 || thrown.status === 404);
