/** Going back to what is live by the record, whatever is there. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Breach, type Run } from './ground.ts';
import type { Journal } from './journal.ts';
import { isDeserted, isRolledOut, readSide, rolledOut, setReplicas, setSide } from './moves.ts';
import { otherSide, short, type Good, type Side } from './record.ts';
import { arrival } from './traffic.ts';

/** Milliseconds between looks whether somebody still stands where the traffic has gone. */
const LOOKED = 500;

/**
 * Brings the live side back. Traffic first: nothing else is urgent. But not to a side with nobody on it, which somebody has
 * sent to rest, while the other one still answers.
 *
 * @param side where the version stands that did not make it
 * @param isStaffed whether somebody is known to be ready on the live side. Who knows spares a look before the traffic moves
 * @returns what could not be brought about
 */
export async function back(run: Run, journal: Journal, side: Side, isStaffed = false): Promise<readonly string[]> {
  const { record, order, driver, pause, log } = run;
  const { good } = record;
  const { ready } = order.rules;
  if (good === undefined) {
    await setReplicas(run, side, 0);
    await emptied(run, journal, side);
    return [];
  }
  let [says, looked] = ['going back', Date.now()];
  const end = looked + ready;
  const between = async (): Promise<void> => {
    await journal.sign(says);
    if (Date.now() > end) throw new Breach('error', [`undo: ${short(good.digest)} is not ready in ${ready / 1000} s`]);
    if (Date.now() - looked < LOOKED) return;
    looked = Date.now();
    if (await isDeserted(run, good.side)) await restored(run, good);
  };
  // Nobody else could do better by waiting: the run goes on to its end, and says what it leaves.
  const troubles = new Set<string>();
  const tried = async (act: () => Promise<void>): Promise<void> => {
    try {
      await act();
    } catch (thrown) {
      if (!(thrown instanceof Breach)) throw thrown;
      for (const reason of thrown.reasons) troubles.add(reason);
      log(thrown.message);
    }
  };
  const staffed = async (): Promise<void> => {
    if (!(await isDeserted(run, good.side))) return;
    says = `waiting for ${short(good.digest)}, of which no pod is ready`;
    await setSide(run, good.side, good);
    await restored(run, good);
    // Where nobody is ready on either side, traffic is nowhere better off.
    while ((await isDeserted(run, good.side)) && !(await isDeserted(run, otherSide(good.side)))) {
      await between();
      await sleep(pause);
    }
  };
  if (!isStaffed) await tried(staffed);
  says = 'going back';
  await driver.share(good.side, 100);
  await setSide(run, good.side, good);
  await tried(async () => {
    await arrival(driver, good.side, 100, { pause, limit: ready, between });
    await rolledOut(run, good.side, good, { pause, limit: ready, crashes: Infinity, between });
    await staffed();
  });
  // Rolled in place, the version had no side of its own.
  if (run.traffic.alone) return [...troubles];
  // Its pods end what is under way while they leave; whoever still is on a kept connection should not stay there.
  await setReplicas(run, otherSide(good.side), 0);
  await emptied(run, journal, otherSide(good.side));
  return [...troubles];
}

/**
 * Gives the live side its pods again where somebody took them all: as many as are ordered, or as the other side has, or one,
 * from which an autoscaler goes on.
 */
async function restored(run: Run, { side }: Good): Promise<void> {
  if ((await readSide(run, side)).spec.replicas > 0) return;
  const other = async (): Promise<number> =>
    run.traffic.alone ? 0 : (await readSide(run, otherSide(side))).spec.replicas;
  await setReplicas(run, side, run.order.replicas ?? Math.max(await other(), 1));
}

/** No pod of the side is left, or will not be for long. */
async function emptied(run: Run, journal: Journal, side: Side): Promise<void> {
  const { order, pause } = run;
  const end = Date.now() + order.rules.ready;
  while (Date.now() < end) {
    await journal.sign('going back');
    if (isRolledOut(await readSide(run, side))) return;
    await sleep(pause);
  }
}
