/** Going back to what is live by the record, whatever is there. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Breach, type Run } from './ground.ts';
import type { Journal } from './journal.ts';
import { isRolledOut, readSide, rolledOut, setReplicas, setSide } from './moves.ts';
import { otherSide, short, type Side } from './record.ts';
import { arrival } from './traffic.ts';

/**
 * Brings the live side back. Traffic first: nothing else is urgent.
 *
 * @param side where the version stands that did not make it
 * @returns what could not be brought about
 */
export async function back(run: Run, journal: Journal, side: Side): Promise<readonly string[]> {
  const { record, order, driver, pause, log } = run;
  const { good } = record;
  const { ready } = order.rules;
  if (good === undefined) {
    await setReplicas(run, side, 0);
    await emptied(run, journal, side);
    return [];
  }
  await driver.share(good.side, 100);
  await setSide(run, good.side, good);
  const end = Date.now() + ready;
  const between = async (): Promise<void> => {
    await journal.sign('going back');
    if (Date.now() > end) throw new Breach('error', [`undo: ${short(good.digest)} is not ready in ${ready / 1000} s`]);
  };
  const troubles: string[] = [];
  try {
    await arrival(driver, good.side, 100, { pause, limit: ready, between });
    await rolledOut(run, good.side, good, { pause, limit: ready, crashes: Infinity, between });
  } catch (thrown) {
    if (!(thrown instanceof Breach)) throw thrown;
    // Nobody else could do better by waiting: the run ends, and says what it leaves.
    troubles.push(...thrown.reasons);
    log(thrown.message);
  }
  // Its pods end what is under way while they leave; whoever still is on a kept connection should not stay there.
  await setReplicas(run, otherSide(good.side), 0);
  await emptied(run, journal, otherSide(good.side));
  return troubles;
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
