/** Time that passes only when nothing else is left to do, so that a wait of an hour takes no time at all. */
import { setImmediate } from 'node:timers/promises';
import type { Clock, Try } from '../../../../../components/gates/patience.ts';
import { error, fail, inconclusive, pass, type Reading, type Verdict } from '../../../../../components/gates/judge.ts';

export interface VirtualClock extends Clock {
  /** Lets time pass until the promise is settled. Throws when nothing is left that could settle it. */
  run<T>(promise: Promise<T>): Promise<T>;
}

export function virtualClock(): VirtualClock {
  let time = 0;
  const timers = new Set<{ at: number; call: () => void }>();
  return {
    now: () => time,
    after: (ms, call) => {
      const timer = { at: time + ms, call };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    run: async (promise) => {
      let settled = false;
      const watched = promise.finally(() => (settled = true));
      watched.catch(() => undefined); // The caller gets it; here only its end matters.
      for (;;) {
        await setImmediate(); // Lets every promise that is ready go on.
        if (settled) return watched;
        const [next] = [...timers].toSorted((a, b) => a.at - b.at);
        if (next === undefined) throw new Error(`nothing is left to happen at ${time} ms`);
        timers.delete(next);
        time = next.at;
        next.call();
      }
    },
  };
}

const READINGS: Readonly<Record<Verdict, Reading>> = {
  pass: pass('fine'),
  fail: fail('503', 'answered 503'),
  inconclusive: inconclusive('no data', 'no data'),
  error: error('connection refused'),
};

/** A probe that gives these verdicts one after the other, and the last one for ever. `hung` never answers. */
export const sequence =
  (...verdicts: readonly (Verdict | 'hung')[]) =>
  ({ number }: Try): Promise<Reading> => {
    const verdict = verdicts[Math.min(number, verdicts.length - 1)]!;
    return verdict === 'hung' ? new Promise(() => undefined) : Promise.resolve(READINGS[verdict]);
  };
