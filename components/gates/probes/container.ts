/** A container on a Docker host that is its subject, runs, and calls itself healthy. */
import { SUBJECT } from '../../core/index.ts';
import { dockerClient, DockerSaid, unframed, type DockerClient } from '../docker.ts';
import { error, fail, inconclusive, pass, type Reading } from '../judge.ts';
import type { Probe } from '../probe.ts';
import type { ContainerQuestion } from '../questions.ts';

/** The parts of a container's inspection that a gate looks at. */
export interface Inspected {
  readonly Id: string;
  readonly RestartCount: number;
  readonly State: {
    readonly Status: string;
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly Health?: { readonly Status: string; readonly Log?: readonly { readonly Output: string }[] | null };
  };
  readonly Config: { readonly Labels: Readonly<Record<string, string>> | null };
}

/** Restarts from which on a container does not only wait for something: Docker has then waited 3 s between them. */
const RESTARTS = 5;
const LINES = 10;

export const container: Probe<ContainerQuestion> = async ({ host, container: name }, { subject, signal }) => {
  const client = dockerClient(host);
  let inspected: Inspected;
  try {
    inspected = await client.json<Inspected>('GET', `/containers/${encodeURIComponent(name)}/json`, { signal });
  } catch (thrown) {
    if (thrown instanceof DockerSaid && thrown.status === 404) return error(`there is no container ${name}`);
    throw thrown;
  }
  const reading = judge(name, inspected, subject);
  if (reading.verdict === 'pass' || reading.verdict === 'error') return reading;
  return { ...reading, reasons: [...reading.reasons, await lastWords(client, name, signal)] };
};

/** What an inspection is worth. Pure. */
export function judge(name: string, { State, Config, RestartCount }: Inspected, subject?: string): Reading {
  const live = Config.Labels?.[SUBJECT];
  if (subject !== undefined && live !== subject) {
    return error(`what is live is not the subject: ${name} carries ${live ?? 'no subject'}; wanted ${subject}`);
  }
  if (State.Status !== 'running') {
    const how = State.OOMKilled ? 'ended by the kernel for its memory' : `ended with ${State.ExitCode}`;
    const seen = `${name} ${State.Status}`;
    const reason = `${name} is ${State.Status}, ${how}, after ${RestartCount} restarts`;
    return RestartCount >= RESTARTS ? fail(seen, reason) : inconclusive(seen, reason);
  }
  const health = State.Health?.Status ?? 'none';
  const answer = State.Health?.Log?.at(-1)?.Output.trim().slice(-200) ?? '';
  switch (health) {
    case 'healthy':
      return pass(`${name} healthy${RestartCount > 0 ? `, ${RestartCount} restarts` : ''}`);
    case 'starting':
      return RestartCount >= RESTARTS
        ? fail(`${name} starting`, `${name} starts again and again: ${RestartCount} restarts`)
        : inconclusive(`${name} starting`, `${name} is starting${answer && `; its last check said: ${answer}`}`);
    case 'unhealthy':
      return fail(`${name} unhealthy`, `${name} is unhealthy; its last check said: ${answer || 'nothing'}`);
    default:
      return error(`${name} has no health check: nothing tells whether it is well`);
  }
}

/** The last lines that a container printed, both of its streams. */
export async function outputOf(
  client: DockerClient,
  name: string,
  lines: number,
  signal?: AbortSignal,
): Promise<string> {
  const path = `/containers/${encodeURIComponent(name)}/logs?stdout=1&stderr=1&tail=${lines}`;
  return unframed(await client.bytes('GET', path, { signal }));
}

/** The end of what the container printed: what a person would look for first. */
export async function lastWords(client: DockerClient, name: string, signal?: AbortSignal): Promise<string> {
  const lines = (await outputOf(client, name, LINES, signal)).trim();
  return lines === '' ? `${name} has printed nothing` : `the last lines of ${name}:\n${lines.slice(-400)}`;
}
