/**
 * Asks Prometheus for the readings of one metric. Never throws: whatever is not one number comes back as the reading that
 * says so, and is then judged as undecided or as an error, never as good.
 *
 * Both queries are evaluated for the same moment. Write them over a range (`rate(…[30s])`): a bare series is answered from
 * up to five minutes ago.
 */
import { request as plain, type IncomingMessage } from 'node:http';
import { request as secure } from 'node:https';
import type { MetricRule } from './rules.ts';
import type { MetricSample, Reading } from './samples.ts';

/** Where Prometheus answers. */
export interface Prometheus {
  /** `http://prometheus.monitoring:9090`, with the path before `/api/v1` where there is one. */
  readonly url: string;
  /** PEM of who signed its certificate, for `https` with an authority of one's own. */
  readonly ca?: string;
  /** Milliseconds for one answer. @default 5000 */
  readonly timeout?: number;
}

/** Longer answers are not read: one number takes a hundred bytes. */
const MOST_BYTES = 256 * 1024;
const MOST_CHARACTERS = 200;

const unreachable = (reason: string): Reading => ({
  kind: 'unreachable',
  reason: reason.replace(/\s+/g, ' ').slice(0, MOST_CHARACTERS),
});

/** What the query gives now, by Prometheus' own rules, at one moment. */
export async function instant(store: Prometheus, query: string, at: number): Promise<Reading> {
  try {
    const { status, body } = await get(
      store,
      `/api/v1/query?${new URLSearchParams({ query, time: String(at / 1000) }).toString()}`,
    );
    return status === 200 ? readingOf(body) : unreachable(`HTTP ${status}: ${complaintOf(body)}`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return unreachable(code === undefined ? message : `${code}: ${message}`);
  }
}

/** What stands in a query for the pods on trial. */
const CANDIDATE = '$candidate';

/**
 * An expression that fits the label `instance` of these pods on whatever port, and nobody else's. It has no quote and no
 * backslash in it, so that it means the same in any PromQL text. Of none, one that fits nothing that was ever read.
 */
export function instances(hosts: readonly string[]): string {
  const each = hosts.map((host) => (host.includes(':') ? `.${host}.` : host.replaceAll('.', '[.]')));
  return each.length === 0 ? '' : `(${each.toSorted().join('|')}):[0-9]+`;
}

/** One look at a metric: its value, and how many requests are behind it. */
export async function measure(
  store: Prometheus,
  rule: MetricRule,
  { at, hosts }: { readonly at: number; readonly hosts: readonly string[] },
): Promise<MetricSample> {
  const asked = [rule.query, rule.requests].map((query) => query.replaceAll(CANDIDATE, () => instances(hosts)));
  const [value, requests] = await Promise.all([instant(store, asked[0]!, at), instant(store, asked[1]!, at)]);
  return { kind: 'metric', at, name: rule.name, value, requests };
}

/** @throws when nothing, too much, or nothing in time comes back */
async function get({ url, ca, timeout = 5000 }: Prometheus, path: string): Promise<{ status: number; body: string }> {
  const target = new URL(url.replace(/\/+$/, '') + path);
  // Of the whole exchange: a server that sends a byte now and then does not keep us waiting.
  const signal = AbortSignal.timeout(timeout);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const send = target.protocol === 'https:' ? secure : plain;
      const options = {
        agent: false,
        signal,
        headers: { accept: 'application/json' },
        ...(ca !== undefined && { ca }),
      };
      send(target, options, resolve).on('error', reject).end();
    });
    let body = '';
    for await (const part of response.setEncoding('utf8')) {
      body += part as string;
      if (body.length > MOST_BYTES) throw new Error(`the answer is longer than ${MOST_BYTES} bytes`);
    }
    return { status: response.statusCode ?? 0, body };
  } catch (error) {
    throw signal.aborted ? new Error(`no answer in ${timeout} ms`) : error;
  }
}

interface Answer {
  readonly status?: string;
  readonly error?: string;
  readonly data?: { readonly resultType?: string; readonly result?: unknown };
}

const parsed = (body: string): Answer => {
  const answer: unknown = JSON.parse(body);
  return typeof answer === 'object' && answer !== null ? answer : {};
};

/** A query that Prometheus refuses is answered with the reason; anything between us and it answers with a page. */
function complaintOf(body: string): string {
  try {
    return parsed(body).error ?? body;
  } catch {
    return body;
  }
}

/** A value is a pair of a time and a text: `[1700000000.1, "0.25"]`; `NaN` and `+Inf` are such texts too. */
function valueOf(pair: unknown): Reading {
  const text: unknown = Array.isArray(pair) ? pair[1] : undefined;
  if (typeof text !== 'string' || text === '') return unreachable(`its answer is no value: ${JSON.stringify(pair)}`);
  return { kind: 'value', value: Number(text.replace(/Inf$/, 'Infinity')) };
}

function readingOf(body: string): Reading {
  const { status, data } = parsed(body);
  if (status !== 'success' || !Array.isArray(data?.result)) return unreachable(`its answer is no result: ${body}`);
  const { resultType, result } = data as { resultType?: string; result: unknown[] };
  if (resultType === 'scalar') return valueOf(result);
  if (resultType !== 'vector') return unreachable(`the query gives a ${String(resultType)}; wanted one number`);
  if (result.length === 0) return { kind: 'no-data' };
  if (result.length > 1) return { kind: 'ambiguous', series: result.length };
  return valueOf((result[0] as { value?: unknown }).value);
}
