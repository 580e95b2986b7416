/** One command to Redis that changes nothing. */
import { Redis } from 'ioredis';
import { explain } from '../faults.ts';
import { bounded, fail, unless, type Reading } from '../judge.ts';
import { reaching, type Probe } from '../probe.ts';
import type { RedisQuestion } from '../questions.ts';

export const redis: Probe<RedisQuestion> = async (question, attempt) => {
  const password = await attempt.credentials.read(question.password);
  const command = [question.command].flat() as [string, ...string[]];
  return reaching(question.target, attempt, async ({ host, port }) => {
    const client = new Redis({
      ...{ host, port, password },
      lazyConnect: true,
      // The gate has patience of its own; a library that tries again would hide what went wrong.
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      enableReadyCheck: false,
      enableOfflineQueue: false,
    });
    let broke: Error | undefined;
    client.on('error', (thrown: Error) => (broke = thrown));
    const stop = (): void => client.disconnect();
    attempt.signal.addEventListener('abort', stop, { once: true });
    try {
      await client.connect();
      return judge(String(await client.call(...command)), question);
    } catch (thrown) {
      return refused(thrown, broke);
    } finally {
      attempt.signal.removeEventListener('abort', stop);
      stop();
    }
  });
};

/** Redis answered with an error, unless the connection itself broke. */
function refused(thrown: unknown, broke: Error | undefined): Reading {
  const said = thrown instanceof Error && thrown.name === 'ReplyError' ? thrown : broke;
  if (said?.name !== 'ReplyError') throw broke ?? thrown;
  // LOADING: it reads its data set. BUSY: a script holds it up. Both pass by themselves.
  if (/^(LOADING|BUSY)\b/.test(said.message)) throw said;
  return fail('', `Redis: ${explain(said)}`);
}

/** What the reply is worth. Pure. */
export function judge(reply: string, { command, expect }: Pick<RedisQuestion, 'command' | 'expect'>): Reading {
  const name = [command].flat().join(' ');
  const seen = bounded(reply);
  const reasons: string[] = [];
  if (expect.reply !== undefined && reply !== expect.reply) {
    reasons.push(`${name} replied ${seen}; wanted ${bounded(expect.reply)}`);
  }
  if (expect.contains !== undefined && !reply.includes(expect.contains)) {
    reasons.push(`${name} replied without ${bounded(expect.contains)}`);
  }
  return unless(reasons, seen);
}
