/** What the enforcer asks of the kernel of its own network namespace. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { TABLE } from './table.ts';

function nft(args: readonly string[], input = ''): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('nft', args, { stdio: ['pipe', 'ignore', 'pipe'], timeout: 10_000, killSignal: 'SIGKILL' });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`nft ${args.join(' ')} ended with ${code ?? 'a signal'}: ${errors.trim().slice(0, 500)}`));
    });
    // nft closes the pipe early on a syntax error; its exit code tells.
    child.stdin.on('error', () => undefined).end(input);
  });
}

/** Puts a table in force in one transaction: all of it, or the one before stays. */
export const load = (text: string): Promise<void> => nft(['-f', '-'], text);

/** Whether a table of ours is in force at all. */
export const inForce = (): Promise<boolean> =>
  nft(['list', 'chain', ...TABLE.split(' '), 'forward']).then(
    () => true,
    () => false,
  );

/**
 * Lets the kernel drop a packet that comes in by another link than its sender's address is reached by: policies judge by
 * addresses, so a pod must not borrow one. Holds for links that come later too.
 */
export function refuseForgedSenders(): void {
  const file = '/proc/sys/net/ipv4/conf/all/rp_filter';
  if (readFileSync(file, 'utf8').trim() !== '1') writeFileSync(file, '1');
}
