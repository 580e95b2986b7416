/** OpenSSH's own judgement of signatures. Nothing here decides; it asks `ssh-keygen` and hands on what it said. */
import { execFile } from 'node:child_process';
import { NAMESPACE } from './statement.ts';

interface Said {
  readonly good: boolean;
  readonly text: string;
  readonly complaint: string;
}

/** @throws when there is no ssh-keygen */
function keygen(args: readonly string[], input: string): Promise<Said> {
  return new Promise((resolve, reject) => {
    const options = { timeout: 10_000, env: { PATH: process.env['PATH'], LC_ALL: 'C' } };
    const child = execFile('ssh-keygen', ['-Y', ...args], options, (error, text, complaint) => {
      if (error?.code === 'ENOENT') {
        reject(
          new Error(
            'ssh-keygen is missing; it checks the approvals of a release. On Debian: apt-get install openssh-client',
          ),
        );
      } else resolve({ good: error === null, text: text.trim(), complaint: complaint.trim().replace(/\s+/g, ' ') });
    });
    // One that refuses its arguments does not read; that is told by its exit code.
    child.stdin!.on('error', () => undefined).end(input);
  });
}

/** Whether a signer who is allowed under this name signed exactly this text. */
export const verify = (signers: string, role: string, signature: string, text: string): Promise<Said> =>
  keygen(['verify', '-f', signers, '-I', role, '-n', NAMESPACE, '-s', signature], text);

/** Whether anybody at all signed exactly this text. */
export const fits = (signature: string, text: string): Promise<Said> =>
  keygen(['check-novalidate', '-n', NAMESPACE, '-s', signature], text);

/** The names under which the key of a signature is allowed; none for a key that is not. */
export async function principals(signers: string, signature: string): Promise<readonly string[]> {
  const { good, text } = await keygen(['find-principals', '-f', signers, '-s', signature], '');
  return good ? text.split(/[\n,]/).filter((name) => name !== '') : [];
}

/** The kind and the fingerprint of the key that `ssh-keygen` named: `ED25519 SHA256:…`. */
export const keyIn = (text: string): string =>
  /with (\S+) key (\S+)/.exec(text)?.slice(1).join(' ') ?? 'an unknown key';
