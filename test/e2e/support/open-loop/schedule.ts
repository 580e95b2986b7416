/** What a client of the open loop is told. */
export interface Schedule {
  /** Where the requests go; its host is the name that is asked for, in the header and in the handshake. */
  readonly url: string;
  /** The address to connect to, where no name server knows the host. */
  readonly address?: string;
  /** Requests a second. */
  readonly rate: number;
  /** A new connection for each request, or connections that stay open between requests. */
  readonly connections: 'kept' | 'fresh';
  /** How many clients take turns, each with a connection of its own, where connections are kept. */
  readonly clients: number;
  /** Milliseconds for one answer. */
  readonly timeout: number;
  /** The status of a good answer. */
  readonly status: number;
  /** The header of an answer that says which version gave it, in lower case. */
  readonly header: string;
  readonly headers: Readonly<Record<string, string>>;
  /** PEM of who signed the server's certificate. */
  readonly ca?: string;
  /** Where the answers are written to. */
  readonly file: string;
}

/** What became of one request. */
export interface Answer {
  /** When it was due; milliseconds since 1970. */
  readonly due: number;
  /** Milliseconds from when it was due until the end of the answer: what a user waits, however late the client was. */
  readonly latency: number;
  /** Milliseconds by which the client itself was late. */
  readonly lag: number;
  /** 0 where no answer came. */
  readonly status: number;
  /** Empty for a good answer; else its kind: `HTTP 503`, `ECONNREFUSED`, `timeout`, `cut short`. */
  readonly failure: string;
  /** Empty where the answer did not say. */
  readonly version: string;
}

type Line = readonly [due: number, latency: number, lag: number, status: number, failure: string, version: string];

/** The answers in a client's file, by when they were due; and how many requests it sent, once it has ended. */
export function read(text: string): { answers: Answer[]; sent: number | undefined } {
  // The last line may still be being written.
  const lines = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1);
  const parsed = lines.map((line) => JSON.parse(line) as Line | { readonly sent: number });
  const last = parsed.at(-1);
  return {
    answers: parsed
      .filter((line): line is Line => Array.isArray(line))
      .map(([due, latency, lag, status, failure, version]) => ({ due, latency, lag, status, failure, version }))
      .toSorted((a, b) => a.due - b.due),
    sent: last !== undefined && 'sent' in last ? last.sent : undefined,
  };
}
