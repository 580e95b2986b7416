/** Locks that the kernel takes back when their holder dies, however it dies. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Milliseconds. */
const PATIENCE = 1000;

/**
 * Runs `work` while holding the lock on a file (made if missing) or folder; waits for whoever holds it now.
 *
 * The lock belongs to a `flock` process that lives as long as the pipe from this one, so a killed holder frees it.
 *
 * @param waiting called once where somebody else has held it for a second: people want to know what nothing happens for
 */
export async function locked<T>(path: string, work: () => Promise<T>, waiting?: () => void): Promise<T> {
  const holder = spawn('flock', ['--no-fork', path, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(holder, 'exit');
  const patience = setTimeout(() => waiting?.(), PATIENCE);
  const first = await Promise.race([once(holder.stdout, 'data'), ended]).finally(() => clearTimeout(patience));
  if (String(first[0]) !== 'held\n')
    throw new Error(`flock ${path} ended with ${first[0]}: is the folder above it there?`);
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
