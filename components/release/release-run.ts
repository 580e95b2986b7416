/** What a Release does: orders the version, waits for what becomes of it, and fails unless it is live. */
import { leaveWithTheEngine } from '../gates/index.ts';
import { asLeft, asMany } from './as-left.ts';
import { approved } from './approved.ts';
import { refuseRemoved, removed } from './by-hand.ts';
import { follow } from './follow.ts';
import { digestOf, reach, readRecord, refuse, whereabouts, type Reach, type ReleaseInputs } from './host.ts';
import { give } from './orders.ts';
import { reported, reportedLate } from './reported.ts';
import { short, type Good, type Outcome, type ReleaseRecord } from './runner/record.ts';

type Outs = Record<string, unknown>;

/**
 * Whether something else than the wanted version is live, or in another number; or the state does not know it yet, because
 * a runner ended its work when no engine was there any more.
 */
export async function differs(before: { since?: unknown }, inputs: ReleaseInputs, byState: boolean): Promise<boolean> {
  try {
    const way = await reach(inputs);
    const record = await readRecord(way);
    if (record === undefined) return byState;
    const { phase, good } = record;
    if (phase !== 'settled' || good?.digest !== digestOf(inputs)) return true;
    if ((await removed(way, inputs)).length > 0) return true;
    return before.since !== good.since || !(await asMany(way, good, inputs));
  } catch {
    // ReleasePrepare has said why.
    return byState;
  }
}

export interface Released {
  readonly verdict: 'promoted';
  readonly side: Good['side'];
  readonly epoch: number;
  readonly seconds: number;
  /** When the version became live. */
  readonly since: string;
  /** What the gates said, by phase. */
  readonly evidence: Outcome['evidence'];
}

/** @throws plainly when the version is not live at the end: what is live is then what it was before */
export async function released(way: Reach, inputs: ReleaseInputs): Promise<Released> {
  const found = await readRecord(way);
  if (found === undefined) throw new Error(`${inputs.name}: its record is not there; it has to be made before`);
  reportedLate(way, inputs, found);
  refuse(found, inputs);
  await refuseRemoved(way, inputs);
  if (isLive(found, inputs) && (await asMany(way, found.good, inputs))) {
    // Changed by hand since it was prepared.
    if (!(await asLeft(way, found.good, inputs))) {
      await follow(way, inputs, await give(way, inputs, found, 'undo'));
    }
    return told(found.good);
  }
  const { phase, order, epoch } = found;
  const isOurs = order?.mode === 'release' && order.digest === digestOf(inputs);
  // ReleasePrepare left it at rest: who ordered since then did so while this engine was at work on what comes between.
  if (phase !== 'settled' && !isOurs) {
    throw new Error(
      `${inputs.name}: another engine has begun release ${short(order?.digest ?? 'unknown')} meanwhile (phase ${phase}); wait until it has ended, and run up again`,
    );
  }
  if (phase === 'settled') await approved(found, inputs);
  const record = await follow(way, inputs, phase === 'settled' ? await give(way, inputs, found, 'release') : epoch);
  reported(way, inputs, record);
  if (isLive(record, inputs)) return told(record.good);
  const { outcome, good } = record;
  const back = good
    ? `Back on ${short(good.digest)} (${whereabouts(inputs, good)})`
    : 'There was no earlier version to go back to';
  const retry =
    outcome.verdict === 'error' ? ' It was not the version that was found wanting: run up again to try it anew.' : '';
  throw new Error(
    `${inputs.name}: release ${short(digestOf(inputs))} ${outcome.verdict}: ${outcome.reasons.join('; ')}. ${back}.${retry}`,
  );
}

const isLive = (record: ReleaseRecord, inputs: ReleaseInputs): record is ReleaseRecord & { good: Good } =>
  record.phase === 'settled' && record.good?.digest === digestOf(inputs);

const told = ({ side, since, epoch, seconds, evidence }: Good): Released => ({
  ...{ verdict: 'promoted', side, since, epoch, seconds, evidence },
});

async function live(inputs: ReleaseInputs): Promise<Outs> {
  const stay = leaveWithTheEngine();
  try {
    return { ...inputs, ...(await released(await reach(inputs), inputs)) };
  } finally {
    stay();
  }
}

export const create = async (inputs: ReleaseInputs): Promise<{ id: string; outs: Outs }> => ({
  id: inputs.name,
  outs: await live(inputs),
});

export const update = async (_id: string, _before: unknown, inputs: ReleaseInputs): Promise<{ outs: Outs }> => ({
  outs: await live(inputs),
});
