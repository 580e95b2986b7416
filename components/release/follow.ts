/** Waits for what was ordered, tells how it goes, and sees whether somebody else does. */
import { setTimeout as sleep } from 'node:timers/promises';
import { gone, isThere } from './by-hand.ts';
import { readRecord, type Reach } from './host.ts';
import { told } from './report/index.ts';
import { fields, runnerName, type Order, type Outcome, type ReleaseRecord } from './runner/record.ts';

/** Milliseconds between signs that an engine waits. */
const SIGN = 2000;

/**
 * Waits for an order to be settled, and tells how it goes: at the most as long as the order and its undoing may take.
 *
 * @throws when another order takes its place, nobody works on it, an object that it needs was removed, or it does not end
 */
export async function follow(
  way: Reach,
  inputs: { readonly name: string; readonly namespace: string },
  epoch: number,
): Promise<ReleaseRecord & { outcome: Outcome }> {
  const { kube, at, log, pause, still } = way;
  const begun = Date.now();
  let [seen, moved, last, signed] = ['', begun, '', 0];
  for (;;) {
    let record: ReleaseRecord | undefined;
    let lost: string | undefined;
    try {
      record = await readRecord(way);
      if (record !== undefined && record.phase !== 'settled' && Date.now() - signed > SIGN) {
        signed = Date.now();
        await kube.patch(at.record, fields({ follower: `${process.pid} ${signed}` }));
      }
      // It may have been made since the runner looked.
      const missing = record?.progress?.missing;
      if (missing !== undefined && !(await isThere(kube, missing))) lost = missing;
    } catch (thrown) {
      // The API server may be away for a while; the runner waits for it too.
      if (Date.now() - moved > still) throw thrown;
      await sleep(pause);
      continue;
    }
    if (record?.epoch !== epoch) {
      throw new Error(
        `${inputs.name}: another order took the place of this one (epoch ${record?.epoch ?? 'none'}, this is ${epoch})`,
      );
    }
    if (record.phase === 'settled' && record.outcome?.epoch === epoch) return { ...record, outcome: record.outcome };
    if (lost !== undefined) throw gone(inputs, [lost]);
    // A new token is no progress: each process that tries in vain takes one.
    const { phase, progress, order } = record;
    const now = JSON.stringify([phase, progress?.missing ?? progress]);
    if (now !== seen) [seen, moved] = [now, Date.now()];
    if (Date.now() - moved > still) {
      throw new Error(
        `${inputs.name}: nothing has happened for ${still / 1000} s in phase ${record.phase}; wanted a runner at work. ` +
          `See: kubectl -n ${inputs.namespace} describe deployment ${runnerName(inputs.name)}. Then run up again: it is picked up where it is.`,
      );
    }
    const longest = order === undefined ? Infinity : longestOf(order);
    if (Date.now() - begun > longest) {
      throw new Error(
        `${inputs.name}: not ended in ${longest / 1000} s, which is its deadline and three times ready; it is in phase ${phase}. ` +
          `See: kubectl -n ${inputs.namespace} logs deployment/${runnerName(inputs.name)}. Then run up again: it is picked up where it is.`,
      );
    }
    const line = told(record);
    if (line !== last) log((last = line));
    await sleep(pause);
  }
}

/** What a run may take: an undo waits at most for the traffic, for the pods that come, and for those that go. */
const longestOf = ({ rules }: Order): number => rules.deadline + 3 * rules.ready;

/** Whether another engine waits for the run that is under way. */
export async function isFollowed(way: Reach): Promise<boolean> {
  const before = (await readRecord(way))?.follower;
  if (before === undefined) return false;
  await sleep(way.others);
  return (await readRecord(way))?.follower !== before;
}
