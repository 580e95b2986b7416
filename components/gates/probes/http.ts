/** One HTTP request: status, headers, JSON body. Certificates are verified, redirects are answers, bodies are bounded. */
import { request as plain, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as secure } from 'node:https';
import { tlsFault } from '../faults.ts';
import { differences, type JsonExpectation, type Pattern } from '../json.ts';
import { bounded, fail, scalar, unless, type Reading } from '../judge.ts';
import { reaching, type Probe } from '../probe.ts';
import type { HttpQuestion } from '../questions.ts';

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined when it was longer than {@link LONGEST_BODY}. */
  readonly body: string | undefined;
}

/** Bytes of a body that are read. No health endpoint needs more; an endless one must not fill the memory. */
export const LONGEST_BODY = 1024 * 1024;

export const http: Probe<HttpQuestion> = async (question, attempt) => {
  const { target } = question;
  try {
    const answer =
      'url' in target
        ? await send(new URL(question.path, target.url), question, attempt.signal)
        : await reaching(target, attempt, ({ host, port }) =>
            send(new URL(question.path, `http://${host}:${port}`), question, attempt.signal),
          );
    return judge(question, answer);
  } catch (thrown) {
    // The other side answered, but with a certificate that proves nothing: that is an answer, and a wrong one.
    const distrusted = tlsFault(thrown);
    if (distrusted !== undefined) return fail('', `${nameOf(question)}: ${distrusted}`);
    throw thrown;
  }
};

const nameOf = ({ method = 'GET', path }: HttpQuestion): string => `${method} ${path}`;

/** What the answer is worth. */
export function judge(question: HttpQuestion, { status, headers, body }: Answer): Reading {
  const { expect } = question;
  const name = nameOf(question);
  const wanted = [expect.status].flat();
  const seen = `${status} ${bounded(body ?? '')}`.trim();
  if (!wanted.includes(status)) return fail(seen, `${name} answered ${status}; wanted ${wanted.join(' or ')}`);
  const reasons = Object.entries(expect.headers ?? {}).flatMap(([key, value]) =>
    fits(value, headers[key.toLowerCase()])
      ? []
      : [
          `${name}: header ${key} is ${bounded(scalar(headers[key.toLowerCase()]), 80)}; wanted ${bounded(scalar(value))}`,
        ],
  );
  if (expect.json !== undefined) reasons.push(...judgeBody(expect.json, body).map((reason) => `${name}: ${reason}`));
  return unless(reasons, seen);
}

function judgeBody(expected: JsonExpectation, body: string | undefined): string[] {
  if (body === undefined) return [`the body is longer than ${LONGEST_BODY} bytes`];
  let found: unknown;
  try {
    found = JSON.parse(body);
  } catch {
    return [`the body is not JSON: ${bounded(body, 80) || 'it is empty'}`];
  }
  return differences(expected, found);
}

const fits = (wanted: string | Pattern, found: string | undefined): boolean =>
  found !== undefined && (typeof wanted === 'string' ? wanted === found : new RegExp(wanted.matches, 'u').test(found));

function send(url: URL, { method = 'GET', headers, body }: HttpQuestion, signal: AbortSignal): Promise<Answer> {
  const options: RequestOptions = { method, signal, agent: false, headers: { connection: 'close', ...headers } };
  return new Promise((resolve, reject) => {
    const call = (url.protocol === 'https:' ? secure : plain)(url, options, (incoming) => {
      read(incoming).then(resolve, reject);
    });
    call.on('error', reject);
    call.end(body);
  });
}

async function read(incoming: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST_BODY) break; // Leaving the loop destroys the stream, and the connection with it.
    chunks.push(chunk);
  }
  const headers = Object.entries(incoming.headers).map(([key, value]) => [key, [value ?? ''].flat().join(', ')]);
  return {
    status: incoming.statusCode ?? 0,
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: length > LONGEST_BODY ? undefined : Buffer.concat(chunks).toString('utf8'),
  };
}
