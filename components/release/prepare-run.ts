/** What a ReleasePrepare does: brings the workload to rest before anything that a release needs is begun. */
import { leaveWithTheEngine } from '../gates/index.ts';
import { asLeft } from './as-left.ts';
import { refuseRemoved, removed } from './by-hand.ts';
import { approved, approvedBy, unsigned } from './approved.ts';
import { follow, isFollowed } from './follow.ts';
import { digestOf, isKnown, reach, readRecord, refuse, refusal, type Reach, type ReleaseInputs } from './host.ts';
import { give } from './orders.ts';
import { reported, reportedLate } from './reported.ts';
import { objectAt, short, type ReleaseRecord } from './runner/record.ts';

type Outs = Record<string, unknown>;

/**
 * Whether the cluster rests on the wanted version as the last release left it, whatever the state says: after a kill, or a
 * change by hand, the state is not the truth. Where nobody can be asked, the state has to do.
 */
export async function differs(_before: unknown, inputs: ReleaseInputs, byState: boolean): Promise<boolean> {
  try {
    const way = await reach(inputs);
    const record = await readRecord(way);
    if (record === undefined) return byState;
    // What comes of values that only an up makes is another version, or will be found to be the same.
    if (!isKnown(inputs)) return true;
    const why = refusal(record, inputs) ?? (await unsigned(record, inputs));
    if (why !== undefined) way.log(why);
    const missing = await removed(way, inputs);
    if (missing.length > 0) {
      const what = missing.map(objectAt).join(', ');
      way.log(`not there: ${what}. Where this plan does not make it, it was removed by hand: run pulumi up --refresh`);
      return true;
    }
    const { good } = record;
    if (record.phase !== 'settled' || good?.digest !== digestOf(inputs)) return true;
    return !(await asLeft(way, good, inputs));
  } catch (thrown) {
    console.error(
      `${inputs.name}: compared with the state alone, since the cluster could not be asked: ${String(thrown)}`,
    );
    if (byState) await announce(inputs, undefined);
    return byState;
  }
}

/** A plan says what has to be signed before its up. */
async function announce(inputs: ReleaseInputs, record: ReleaseRecord | undefined): Promise<void> {
  const why = isKnown(inputs)
    ? await unsigned(record, inputs)
    : inputs.approvals && 'what has to be signed is not known before an up has made its secrets; that up will say it';
  if (why !== undefined) console.error(`${inputs.name}: ${why}`);
}

/** Refuses nothing. For a workload that no state knows yet nobody asks what differs, so this is where its plan says it. */
export async function check(before: object, inputs: ReleaseInputs): Promise<[]> {
  if (inputs.approvals === undefined || Object.keys(before).length > 0) return [];
  const record = await reach(inputs)
    .then(readRecord)
    .catch(() => undefined);
  await announce(inputs, record);
  return [];
}

/** @returns what was found, for people */
export async function rest(way: Reach, inputs: ReleaseInputs): Promise<string> {
  const record = await readRecord(way);
  if (record === undefined) throw new Error(`${inputs.name}: its record is not there; it has to be made before`);
  reportedLate(way, inputs, record);
  refuse(record, inputs);
  await refuseRemoved(way, inputs);
  const { phase, order, epoch, good } = record;
  if (phase !== 'settled' && order?.mode === 'release' && order.digest === digestOf(inputs)) {
    const ended = await follow(way, inputs, epoch);
    reported(way, inputs, ended);
    refuse(ended, inputs);
    return `a run of this very release (epoch ${epoch}), waited for: ${ended.outcome.verdict}`;
  }
  const signed = approvedBy(await approved(record, inputs));
  if (phase !== 'settled') {
    if (await isFollowed(way)) {
      throw new Error(
        `${inputs.name}: another engine is at work on release ${short(order?.digest ?? 'unknown')} (phase ${phase}); wait until it has ended, and run up again`,
      );
    }
    await follow(way, inputs, await give(way, inputs, record, 'undo'));
    return `an unfinished run of ${short(order?.digest ?? 'unknown')} (phase ${phase}), undone${signed}`;
  }
  if (good === undefined) return `nothing yet${signed}`;
  if (await asLeft(way, good, inputs)) return `at rest${signed}`;
  await follow(way, inputs, await give(way, inputs, record, 'undo'));
  return `changed by hand, put back${signed}`;
}

async function prepared(inputs: ReleaseInputs): Promise<Outs> {
  const stay = leaveWithTheEngine();
  try {
    const way = await reach(inputs);
    const found = await rest(way, inputs);
    // The next order's number, and which try to get there: what is done once for each attempt goes by it.
    const { epoch = 0 } = (await readRecord(way)) ?? {};
    return { ...inputs, found, next: `${epoch + 1}-${Date.now().toString(36)}` };
  } finally {
    stay();
  }
}

export const create = async (inputs: ReleaseInputs): Promise<{ id: string; outs: Outs }> => ({
  id: inputs.name,
  outs: await prepared(inputs),
});

export const update = async (_id: string, _before: unknown, inputs: ReleaseInputs): Promise<{ outs: Outs }> => ({
  outs: await prepared(inputs),
});
