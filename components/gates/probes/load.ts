/** A bounded load from this process, and how what it met is judged: failures, times, and what a cache spared. */
import { milliseconds, type Duration } from '../../core/index.ts';
import { bounded, error, fail, inconclusive, unless, type Reading } from '../judge.ts';
import type { Probe } from '../probe.ts';
import type { HitExpectation, LoadQuestion } from '../questions.ts';

/** One request: how long it took in milliseconds, and whether it succeeded. */
export interface Sample {
  readonly ms: number;
  readonly ok: boolean;
}

/** The counters of a cache at one moment. */
export interface Counters {
  readonly hits: number;
  readonly misses: number;
}

/** A request without an answer is over after this, so that a service that hangs fails instead of ending the load late. */
const LONGEST_ANSWER: Duration = '30s';
/** After a failure a user waits, so that one that is refused at once does not ask a thousand times a second. */
const PAUSE_MS = 100;

export const load: Probe<LoadQuestion> = async (question, { signal }) => {
  const { hits } = question.expect;
  const read = hits && (() => countersAt(new URL(hits.path, question.target.url), hits, signal));
  const before = await read?.();
  const samples = await driven(question, signal);
  const after = await read?.();
  return judge(question, samples, before && after && { before, after });
};

/** All users at once, until the time is over. */
async function driven(question: LoadQuestion, signal: AbortSignal): Promise<Sample[]> {
  const { target, path, method = 'GET', headers = {}, bodies = [], users, duration } = question;
  const url = new URL(path, target.url);
  const until = performance.now() + milliseconds(duration);
  const samples: Sample[] = [];
  let turn = 0;
  const user = async (): Promise<void> => {
    while (performance.now() < until && !signal.aborted) {
      const body = bodies[turn++ % bodies.length];
      const began = performance.now();
      const ok = await succeeds(url, { method, headers, ...(body !== undefined && { body }) }, signal);
      samples.push({ ms: performance.now() - began, ok });
      if (!ok) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };
  await Promise.all(Array.from({ length: users }, user));
  signal.throwIfAborted();
  return samples;
}

async function succeeds(url: URL, options: RequestInit, signal: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(milliseconds(LONGEST_ANSWER))]);
  try {
    const answer = await fetch(url, { ...options, signal: limit, redirect: 'manual' });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}

async function countersAt(url: URL, wanted: HitExpectation, signal: AbortSignal): Promise<Counters> {
  const answer = await fetch(url, { signal, redirect: 'manual' });
  if (!answer.ok) throw new Error(`${url.pathname} answered ${answer.status}; wanted figures of the cache`);
  return counters(await answer.text(), wanted);
}

/** Both counters out of the text that Prometheus reads. One that is not there is not a number. Pure. */
export function counters(text: string, { hits, misses }: Pick<HitExpectation, 'hits' | 'misses'>): Counters {
  const value = (series: string): number => {
    const line = text.split('\n').find((one) => one.startsWith(`${series} `));
    return line === undefined ? NaN : Number(line.slice(series.length).trim().split(' ')[0]);
  };
  return { hits: value(hits), misses: value(misses) };
}

/** The 95th percentile by the nearest rank: a time that really was measured. Pure. */
export function p95(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? NaN;
}

/** What the load says. Limits are strict: what only reaches one has failed. Pure. */
export function judge(
  { expect }: Pick<LoadQuestion, 'expect'>,
  samples: readonly Sample[],
  cache?: { readonly before: Counters; readonly after: Counters },
): Reading {
  if (samples.length === 0) return inconclusive('no requests', 'the load made no request');
  const good = samples.filter(({ ok }) => ok);
  const errors = (100 * (samples.length - good.length)) / samples.length;
  const slow = p95(good.map(({ ms }) => ms));
  const seen = [`${samples.length} requests`, `${rounded(errors)} % errors`, `p95 ${rounded(slow)} ms`];
  if (good.length === 0) return fail(seen.join(', '), 'no request succeeded');

  const reasons: string[] = [];
  if (errors >= expect.errorsBelow) {
    reasons.push(`${rounded(errors)} % of ${samples.length} requests failed; wanted less than ${expect.errorsBelow} %`);
  }
  if (slow >= milliseconds(expect.p95Below)) {
    reasons.push(`the 95th percentile is ${rounded(slow)} ms; wanted less than ${expect.p95Below}`);
  }
  if (expect.hits === undefined) return unless(reasons, seen.join(', '));

  if (cache === undefined) return error('the figures of the cache were not read');
  const [hits, misses] = [cache.after.hits - cache.before.hits, cache.after.misses - cache.before.misses];
  const share = (100 * hits) / (hits + misses);
  // A counter that went back belongs to a process that started anew; one that stands still says nothing.
  if (!Number.isFinite(share) || hits < 0 || misses < 0) {
    const said = bounded(`${cache.after.hits} hits and ${cache.after.misses} misses`);
    if (reasons.length > 0) return fail(seen.join(', '), ...reasons);
    return inconclusive(seen.join(', '), `the cache counted ${said}, which tells no share`);
  }
  if (share <= expect.hits.above) {
    reasons.push(`${rounded(share)} % of the lookups were in the cache; wanted more than ${expect.hits.above} %`);
  }
  return unless(reasons, [...seen, `${rounded(share)} % cache hits`].join(', '));
}

const rounded = (value: number): string => (Math.round(value * 10) / 10).toString();
