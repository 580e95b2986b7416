/** What a ReleasePrepare does: brings the workload to rest before anything that a release needs is begun. */
import { leaveWithTheEngine } from '../gates/index.ts';
import { asLeft } from './as-left.ts';
import {
  digestOf,
  follow,
  give,
  isFollowed,
  reach,
  readRecord,
  refuse,
  refusal,
  type Reach,
  type ReleaseInputs,
} from './host.ts';
import { short } from './runner/record.ts';

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
    const why = refusal(record, inputs);
    if (why !== undefined) way.log(why);
    const { good } = record;
    if (record.phase !== 'settled' || good?.digest !== digestOf(inputs)) return true;
    return !(await asLeft(way, good, inputs));
  } catch (thrown) {
    console.error(
      `${inputs.name}: compared with the state alone, since the cluster could not be asked: ${String(thrown)}`,
    );
    return byState;
  }
}

/** @returns what was found, for people */
export async function rest(way: Reach, inputs: ReleaseInputs): Promise<string> {
  const record = await readRecord(way);
  if (record === undefined) throw new Error(`${inputs.name}: its record is not there; it has to be made before`);
  refuse(record, inputs);
  const { phase, order, epoch, good } = record;
  if (phase !== 'settled') {
    if (order?.mode === 'release' && order.digest === digestOf(inputs)) {
      const ended = await follow(way, inputs, epoch);
      refuse(ended, inputs);
      return `a run of this very release (epoch ${epoch}), waited for: ${ended.outcome.verdict}`;
    }
    if (await isFollowed(way)) {
      throw new Error(
        `${inputs.name}: another engine is at work on release ${short(order?.digest ?? 'unknown')} (phase ${phase}); wait until it has ended, and run up again`,
      );
    }
    await follow(way, inputs, await give(way, inputs, record, 'undo'));
    return `an unfinished run of ${short(order?.digest ?? 'unknown')} (phase ${phase}), undone`;
  }
  if (good === undefined) return 'nothing yet';
  if (await asLeft(way, good, inputs)) return 'at rest';
  await follow(way, inputs, await give(way, inputs, record, 'undo'));
  return 'changed by hand, put back';
}

async function prepared(inputs: ReleaseInputs): Promise<Outs> {
  const stay = leaveWithTheEngine();
  try {
    return { ...inputs, found: await rest(await reach(inputs), inputs) };
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
