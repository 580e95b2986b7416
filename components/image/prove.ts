/** Runs an image once to hear which version it is: see version.ts. */
import { randomBytes } from 'node:crypto';
import type { DockerHostRef } from '../core/index.ts';
import { dockerClient, unframed } from '../gates/index.ts';

interface Inputs {
  readonly host: DockerHostRef;
  readonly reference: string;
  readonly command: readonly string[];
  readonly says: string;
}

/** Bytes that a program needs at most to say its version (ours). */
const MEMORY = 256 * 1024 * 1024;
/** Milliseconds for the answer (ours). Seen: 300 for a program in Python. */
const PATIENCE = 30_000;
const MOST_CHARACTERS = 300;

/** What is wrong with an answer, in words; undefined where nothing is. Pure. */
export function wrongAnswer(code: number, output: string, says: string): string | undefined {
  const heard = output.trim().slice(-MOST_CHARACTERS) || 'nothing';
  if (code !== 0) return `ended with ${code} and said: ${heard}`;
  const words = output.split(/[^0-9A-Za-z.+-]+/).flatMap((word) => [word, word.replace(/^v/, '')]);
  return words.includes(says) ? undefined : `said: ${heard}`;
}

/** No network, no rights, nothing writable. */
const confined = (reference: string, [program, ...args]: readonly string[]) => ({
  Image: reference,
  Entrypoint: [program],
  Cmd: args,
  NetworkDisabled: true,
  HostConfig: {
    NetworkMode: 'none',
    ReadonlyRootfs: true,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    Memory: MEMORY,
    PidsLimit: 64,
  },
});

/** Runs it and removes what ran. @throws unless the answer is right */
async function heard({ host, reference, command, says }: Inputs): Promise<string> {
  const docker = dockerClient(host);
  const name = `version-${randomBytes(6).toString('hex')}`;
  await docker.json('POST', `/containers/create?name=${name}`, { body: confined(reference, command) });
  try {
    await docker.json('POST', `/containers/${name}/start`);
    const { StatusCode: code } = await docker.json<{ StatusCode: number }>('POST', `/containers/${name}/wait`, {
      timeout: PATIENCE,
    });
    const output = unframed(await docker.bytes('GET', `/containers/${name}/logs?stdout=1&stderr=1`));
    const wrong = wrongAnswer(code, output, says);
    if (wrong === undefined) return output.trim().slice(-MOST_CHARACTERS);
    throw new Error(
      `${reference}: ${command.join(' ')} ${wrong}; wanted ${says}. It was pushed, and nothing runs it: ` +
        `mend it, and build it under a tag of its own`,
    );
  } finally {
    await docker.json('DELETE', `/containers/${name}?force=true`);
  }
}

export const create = async (inputs: Inputs) => ({
  id: inputs.reference,
  outs: { ...inputs, heard: await heard(inputs) },
});

export const update = async (_id: string, _before: Inputs, inputs: Inputs) => ({
  outs: { ...inputs, heard: await heard(inputs) },
});
