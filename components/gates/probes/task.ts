/** A container on a Docker host that was made to end: it has, with 0, as its subject, and has said what it should. */
import { SUBJECT } from '../../core/index.ts';
import { dockerClient, DockerSaid } from '../docker.ts';
import { error, fail, inconclusive, pass, type Reading } from '../judge.ts';
import type { Probe } from '../probe.ts';
import type { TaskQuestion } from '../questions.ts';
import { outputOf, type Inspected } from './container.ts';

/** The last lines of a task that are read, and looked through for what it should say. */
const LINES = 200;

export const task: Probe<TaskQuestion> = async ({ host, container: name, says }, { subject, signal }) => {
  const client = dockerClient(host);
  let inspected: Inspected;
  try {
    inspected = await client.json<Inspected>('GET', `/containers/${encodeURIComponent(name)}/json`, { signal });
  } catch (thrown) {
    if (thrown instanceof DockerSaid && thrown.status === 404) return error(`there is no container ${name}`);
    throw thrown;
  }
  const ended = inspected.State.Status === 'exited';
  return judge(name, inspected, ended ? await outputOf(client, name, LINES, signal) : '', { says, subject });
};

/** What an inspection and the output are worth. Pure. */
export function judge(
  name: string,
  { State, Config }: Pick<Inspected, 'State' | 'Config'>,
  output: string,
  wanted: { readonly says?: string | undefined; readonly subject?: string | undefined },
): Reading {
  const live = Config.Labels?.[SUBJECT];
  if (wanted.subject !== undefined && live !== wanted.subject) {
    return error(`what is there is not the subject: ${name} carries ${live ?? 'no subject'}; wanted ${wanted.subject}`);
  }
  if (State.Status !== 'exited') return inconclusive(`${name} ${State.Status}`, `${name} has not ended yet`);
  const lines = output.trim();
  const last = lines === '' ? `${name} has printed nothing` : `the last lines of ${name}:\n${lines.slice(-400)}`;
  if (State.ExitCode !== 0) {
    const how = State.OOMKilled ? 'was ended by the kernel for its memory' : `ended with ${State.ExitCode}`;
    return fail(`${name} ended with ${State.ExitCode}`, `${name} ${how}`, last);
  }
  if (wanted.says !== undefined && !output.includes(wanted.says)) {
    return fail(`${name} ended with 0`, `${name} did not say "${wanted.says}"`, last);
  }
  return pass(`${name} ended with 0${wanted.says === undefined ? '' : `, saying "${wanted.says}"`}`);
}
