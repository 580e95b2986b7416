/** One query on PostgreSQL, in a session that cannot write. */
import pg from 'pg';
import { atLeast, bounded, fail, inconclusive, pass, scalar, unless, type Reading } from '../judge.ts';
import { reaching, type Probe } from '../probe.ts';
import type { SqlExpectation, SqlQuestion } from '../questions.ts';

export const sql: Probe<SqlQuestion> = async (question, attempt) => {
  const password = await attempt.credentials.read(question.password);
  const { database, user, query } = question;
  return reaching(question.target, attempt, async ({ host, port }) => {
    const client = new pg.Client({
      ...{ host, port, database, user, password },
      application_name: 'platform-gate',
      options: '-c default_transaction_read_only=on',
    });
    // A connection that breaks after the answer is nobody's concern; one that breaks before rejects the query.
    client.on('error', () => undefined);
    const stop = (): void => void client.end().catch(() => undefined); // Ended twice is ended.
    attempt.signal.addEventListener('abort', stop, { once: true });
    try {
      await client.connect();
      const { rows } = await client.query<unknown[]>({ text: query, rowMode: 'array' });
      return judge(
        rows.map((row) => row[0]),
        question.expect,
      );
    } catch (thrown) {
      return refused(thrown);
    } finally {
      attempt.signal.removeEventListener('abort', stop);
      stop();
    }
  });
};

/** PostgreSQL answered with an error: its SQLSTATE tells a wrong answer from a server that is not ready to answer. */
function refused(thrown: unknown): Reading {
  const { code, message, severity } = thrown as { code?: string; message?: string; severity?: string };
  if (severity === undefined || code === undefined) throw thrown;
  // 57P0x: starting up or shutting down. 53xxx: out of connections or memory. Both pass by themselves.
  if (code.startsWith('57P') || code.startsWith('53')) throw thrown;
  return fail('', `PostgreSQL: ${message ?? 'an error'} (${code})`);
}

/** What the first column of all rows is worth. Pure. */
export function judge(column: readonly unknown[], expect: SqlExpectation): Reading {
  const seen = column.length === 1 ? bounded(scalar(column[0])) : `${column.length} rows`;
  if (expect.rows !== undefined && column.length !== expect.rows) {
    return fail(seen, `the query gave ${column.length} rows; wanted ${expect.rows}`);
  }
  if (expect.contains !== undefined) {
    const found = new Set(column.map(scalar));
    const missing = expect.contains.filter((wanted) => !found.has(wanted));
    return unless(missing.length === 0 ? [] : [`missing: ${missing.join(', ')}`], seen);
  }
  if (expect.atLeast !== undefined) return atLeast(column, expect.atLeast, 'the query');
  if (expect.equals !== undefined) {
    if (column.length !== 1) return inconclusive(seen, `the query gave ${column.length} rows; wanted one`);
    const wanted = String(expect.equals);
    const same = scalar(column[0]) === wanted;
    return unless(same ? [] : [`the query gave ${seen}; wanted ${bounded(wanted)}`], seen);
  }
  if (column.length === 0 && expect.rows === undefined) return inconclusive('no data', 'the query gave no rows');
  return pass(seen);
}
