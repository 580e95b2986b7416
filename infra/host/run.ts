/** Runs the preparation on a server: the script goes in at one end of an SSH connection, and its words come back. */
import { spawn } from 'node:child_process';
import { leaveWithTheEngine, type Runner } from '../../components/gates/index.ts';
import { sshOptions, type DockerHostRef } from '../../components/core/index.ts';
import type { PreparationInputs } from './prepared.ts';

/** As root already, or by sudo, which is not to ask. */
const AS_ROOT = 'if [ "$(id -u)" = 0 ]; then exec /bin/sh -s; else exec sudo -n /bin/sh -s; fi';

/** Packages may have to come over a slow line (ours). */
const MINUTES = 30;

/** What of the script's output an error shows. */
const LAST_LINES = 15;

/**
 * Gives what the script said.
 *
 * @throws Error with the last words of the script, or of ssh
 */
export function prepareOverSsh(host: DockerHostRef, script: string): Promise<string> {
  const { username, hostname, port } = new URL(host.address);
  const way = [...sshOptions(host), ...(port ? ['-p', port] : []), '--', `${username}@${hostname}`, AS_ROOT];
  return new Promise((resolve, reject) => {
    const child = spawn('ssh', way, { stdio: ['pipe', 'pipe', 'pipe'], timeout: MINUTES * 60_000 });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-20_000)));
    child.on('error', (error) => reject(new Error(`ssh could not be started: ${error.message}`)));
    child.on('close', (code) => {
      const last = said.trimEnd().split('\n').slice(-LAST_LINES).join('\n  ');
      const how = code ?? `nothing within ${MINUTES} minutes`;
      if (code === 0) resolve(said);
      else reject(new Error(`${host.address} was not prepared: ended with ${how}:\n  ${last}`));
    });
    // A server that refuses closes this early; the code tells.
    child.stdin.on('error', () => undefined).end(script);
  });
}

async function prepare(inputs: Record<string, unknown>): Promise<Record<string, unknown>> {
  const done = leaveWithTheEngine();
  const { host, script } = inputs as unknown as PreparationInputs;
  await prepareOverSsh(host, script).finally(done);
  return { ...inputs, prepared: true };
}

export const create: Runner['create'] = async (inputs) => ({
  id: (inputs as unknown as PreparationInputs).host.address,
  outs: await prepare(inputs),
});

export const update: Runner['update'] = async (_id, _before, inputs) => ({ outs: await prepare(inputs) });
