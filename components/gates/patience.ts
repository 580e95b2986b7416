/**
 * How long a gate goes on asking. The engine's timeouts and Ctrl-C do not reach a dynamic resource, so the deadline is
 * the gate's own, and hard: a gate is over at most one try after it.
 */
import { milliseconds, type Duration } from '../core/index.ts';
import { explain } from './faults.ts';
import { error, type Reading, type Verdict } from './judge.ts';

/** How patient a gate is. A change does not make a gate ask again: it judges nothing. */
export interface Patience {
  /** The longest that one try may take; a slower answer is an `error`. */
  readonly perTry: Duration;
  /** From the start of one try to the start of the next. */
  readonly interval: Duration;
  /** Passes in a row that open the gate. */
  readonly successes: number;
  /** Fails in a row that shut it before the deadline. `none` goes on until the deadline. */
  readonly failureLimit: number | 'none';
  /** Errors in a row that shut it before the deadline. `none` goes on until the deadline. */
  readonly errorLimit: number | 'none';
  /** No try starts later than this. */
  readonly deadline: Duration;
}

/** What a gate does unless it is told otherwise. Figures without a requirement's id are this project's own choice. */
export const PATIENCE = {
  // A-GATE-1..4: 10 s a request. A-RB-1: 3 failures in a row.
  HttpGate: {
    perTry: '10s',
    interval: '2s',
    successes: 2,
    failureLimit: 3,
    errorLimit: 'none',
    deadline: '60s',
  },
  // A-MIG-1: every 2 s, for 60 s.
  SqlGate: { perTry: '5s', interval: '2s', successes: 1, failureLimit: 3, errorLimit: 'none', deadline: '60s' },
  RedisGate: { perTry: '5s', interval: '2s', successes: 1, failureLimit: 3, errorLimit: 'none', deadline: '60s' },
  // One round decides, and only an answer that never came is worth a second; `perTry` has to outlast the load.
  LoadGate: { perTry: '11m', interval: '1s', successes: 1, failureLimit: 1, errorLimit: 2, deadline: '11m' },
  S3Gate: { perTry: '5s', interval: '2s', successes: 1, failureLimit: 3, errorLimit: 'none', deadline: '60s' },
  // A-GATE-9: every 5 s, for 180 s.
  RolloutGate: {
    perTry: '10s',
    interval: '5s',
    successes: 1,
    failureLimit: 'none',
    errorLimit: 'none',
    deadline: '180s',
  },
  // A-OK-1: a window of 10 minutes, which the deadline has to outlast.
  RestartGate: {
    perTry: '10s',
    interval: '5s',
    successes: 1,
    failureLimit: 1,
    errorLimit: 'none',
    deadline: '11m',
  },
  // A kubelet counts its images every 30 s, and tells within another 10: one that was loaded just now may not be listed yet.
  ImageGate: { perTry: '10s', interval: '2s', successes: 1, failureLimit: 'none', errorLimit: 3, deadline: '45s' },
  // Nothing that is asked can change while it asks.
  PinGate: { perTry: '5s', interval: '1s', successes: 1, failureLimit: 1, errorLimit: 1, deadline: '5s' },
  // Ours: an ACME order takes seconds to a minute, and its server may let one wait its turn.
  CertificateGate: {
    perTry: '10s',
    interval: '2s',
    successes: 1,
    failureLimit: 'none',
    errorLimit: 'none',
    deadline: '5m',
  },
  // Ours: the injector writes the webhook's authority within seconds of its start.
  AdmissionGate: {
    perTry: '15s',
    interval: '1s',
    successes: 2,
    failureLimit: 'none',
    errorLimit: 'none',
    deadline: '2m',
  },
  // Ours: Docker has counted wrong answers already, so a second look at `unhealthy` only rules out a race with it.
  ContainerGate: {
    perTry: '10s',
    interval: '1s',
    successes: 1,
    failureLimit: 2,
    errorLimit: 'none',
    deadline: '2m',
  },
  // Ours: what was made to end says so itself, and a wrong end stays one.
  TaskGate: { perTry: '10s', interval: '500ms', successes: 1, failureLimit: 1, errorLimit: 'none', deadline: '5m' },
  // Ours: a host that is there answers at once; one that is still prepared is given more by who makes it.
  DockerGate: { perTry: '20s', interval: '5s', successes: 1, failureLimit: 1, errorLimit: 'none', deadline: '60s' },
  // As for a query: C-MIG-1 gives no patience (GAP-10, ours).
  ExecGate: { perTry: '30s', interval: '2s', successes: 1, failureLimit: 3, errorLimit: 'none', deadline: '60s' },
} as const satisfies Record<string, Patience>;

/** Time, as the loop needs it, so that tests run in time of their own. */
export interface Clock {
  /** Milliseconds from any fixed point; never goes back. */
  now(): number;
  /** Calls back after that many milliseconds, unless the function that is returned is called first. */
  after(ms: number, call: () => void): () => void;
}

export const wallClock: Clock = {
  now: () => performance.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

/** One try. `signal` tells it that nobody waits for its answer any more. */
export interface Try {
  /** Counted from 0. */
  readonly number: number;
  readonly signal: AbortSignal;
}

/** How the asking ended. */
export interface Outcome extends Reading {
  readonly tries: number;
  readonly seconds: number;
}

/** Asks until the answer is settled or the deadline has come. Never rejects, whatever the probe does. */
export async function patiently(
  ask: (attempt: Try) => Promise<Reading>,
  patience: Patience,
  clock: Clock = wallClock,
): Promise<Outcome> {
  const began = clock.now();
  const deadline = began + milliseconds(patience.deadline);
  const reasons = new Map<string, number>();
  let row: { verdict: Verdict; length: number } = { verdict: 'error', length: 0 };

  for (let number = 0; ; number++) {
    const started = clock.now();
    const reading = await once(ask, number, patience.perTry, clock);
    row = { verdict: reading.verdict, length: reading.verdict === row.verdict ? row.length + 1 : 1 };
    for (const reason of reading.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);

    const spent = { tries: number + 1, seconds: Math.round((clock.now() - began) / 100) / 10 };
    if (reading.verdict === 'pass' && row.length >= patience.successes) return { ...reading, ...spent };
    const limit = {
      pass: 'none',
      inconclusive: 'none',
      fail: patience.failureLimit,
      error: patience.errorLimit,
    } as const;
    const most = limit[reading.verdict];
    if (most !== 'none' && row.length >= most) {
      return { ...reading, ...spent, reasons: told(reading, reasons, `${row.length} in a row; the limit is ${most}`) };
    }
    if (clock.now() >= deadline) {
      const end = `the deadline of ${patience.deadline} has passed`;
      if (reading.verdict !== 'pass') return { ...reading, ...spent, reasons: told(reading, reasons, end) };
      const few = `${row.length} of ${patience.successes} passes in a row`;
      return { ...reading, ...spent, verdict: 'inconclusive', reasons: told(reading, reasons, `${few} when ${end}`) };
    }
    await sleep(Math.min(started + milliseconds(patience.interval), deadline) - clock.now(), clock);
  }
}

const MOST_REASONS = 6;

/** The last try's reasons, how the asking ended, and what else was said on the way. */
function told(last: Reading, all: ReadonlyMap<string, number>, end: string): string[] {
  const earlier = [...all]
    .filter(([reason]) => !last.reasons.includes(reason))
    .map(([reason, times]) => `earlier, ${times === 1 ? 'once' : `${times} times`}: ${reason}`);
  return [...last.reasons.slice(0, MOST_REASONS), end, ...earlier.slice(-MOST_REASONS)];
}

/** One try within its time. A probe that ignores its signal is left behind, not waited for. */
function once(
  ask: (attempt: Try) => Promise<Reading>,
  number: number,
  perTry: Duration,
  clock: Clock,
): Promise<Reading> {
  const abort = new AbortController();
  return new Promise((resolve) => {
    const cancel = clock.after(milliseconds(perTry), () => {
      resolve(error(`no answer within ${perTry}`));
      abort.abort();
    });
    const settle = (reading: Reading): void => {
      cancel();
      resolve(reading);
    };
    // A probe may throw before it returns its promise.
    Promise.resolve()
      .then(() => ask({ number, signal: abort.signal }))
      .then(settle, (thrown: unknown) => settle(error(explain(thrown))));
  });
}

const sleep = (ms: number, clock: Clock): Promise<void> =>
  ms <= 0 ? Promise.resolve() : new Promise((resolve) => void clock.after(ms, resolve));
