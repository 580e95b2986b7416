/** Waits for what a cluster does in its own time. */
import { setTimeout as sleep } from 'node:timers/promises';

/** In the spare lane a process has what others leave: what waits for something there waits longer. */
const SLACK = process.env.PLATFORM_IDLE === undefined ? 1 : 4;
export const patient = (ms: number): number => ms * SLACK;

/** @throws when it does not hold within the time, with what the last look threw, if it did */
export async function until(what: string, holds: () => Promise<boolean>, ms = 180_000): Promise<void> {
  const end = Date.now() + patient(ms);
  for (;;) {
    let thrown: Error | undefined;
    try {
      if (await holds()) return;
    } catch (error) {
      thrown = error as Error;
    }
    if (Date.now() > end) {
      // In the message: whoever has only that sees why.
      const why = thrown === undefined ? '' : `: ${thrown.message}`;
      throw new Error(`after ${patient(ms) / 1000} s it does not hold that ${what}${why}`, { cause: thrown });
    }
    await sleep(500);
  }
}
