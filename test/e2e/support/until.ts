/** Waits for what a cluster does in its own time. */
import { setTimeout as sleep } from 'node:timers/promises';

/** @throws when it does not hold within the time, with what the last look threw, if it did */
export async function until(what: string, holds: () => Promise<boolean>, ms = 180_000): Promise<void> {
  const end = Date.now() + ms;
  let last: unknown;
  for (;;) {
    try {
      if (await holds()) return;
    } catch (thrown) {
      last = thrown;
    }
    if (Date.now() > end) throw new Error(`after ${ms / 1000} s it does not hold that ${what}`, { cause: last });
    await sleep(500);
  }
}
