/** A command inside a running container of a Docker host. */
import { SUBJECT } from '../../core/index.ts';
import { dockerClient, unframed } from '../docker.ts';
import { differences } from '../json.ts';
import { atLeast, bounded, error, fail, pass, unless, type Reading } from '../judge.ts';
import type { Probe } from '../probe.ts';
import type { ExecQuestion } from '../questions.ts';
import type { Inspected } from './container.ts';

export const exec: Probe<ExecQuestion> = async (question, { subject, signal }) => {
  const { host, container: name, command, says, expect } = question;
  const client = dockerClient(host);
  const path = `/containers/${encodeURIComponent(name)}`;
  const { Config, State } = await client.json<Inspected>('GET', `${path}/json`, { signal });
  const live = Config.Labels?.[SUBJECT];
  if (subject !== undefined && live !== subject) {
    return error(`what is live is not the subject: ${name} carries ${live ?? 'no subject'}; wanted ${subject}`);
  }
  if (State.Status !== 'running') return error(`${name} is ${State.Status}`);
  const wanted = { Cmd: command, AttachStdout: true, AttachStderr: true };
  const { Id } = await client.json<{ Id: string }>('POST', `${path}/exec`, { body: wanted, signal });
  const start = { body: { Detach: false, Tty: false }, signal };
  const output = unframed(await client.bytes('POST', `/exec/${Id}/start`, start));
  const { ExitCode } = await client.json<{ ExitCode: number | null }>('GET', `/exec/${Id}/json`, { signal });
  const reading = judge(command[0]!, ExitCode, output, says);
  return reading.verdict === 'pass' && expect !== undefined ? fits(command[0]!, expect, output.trim()) : reading;
};

/** What a command's end and output are worth. Pure. */
export function judge(program: string, code: number | null, output: string, says?: string): Reading {
  const seen = bounded(output);
  if (code === null) return error(`${program} has not ended`);
  if (code !== 0) return fail(seen, `${program} ended with ${code}: ${seen || 'it printed nothing'}`);
  if (says !== undefined && !output.includes(says)) {
    return fail(seen, `${program} printed ${seen || 'nothing'}; wanted "${bounded(says)}" in it`);
  }
  return pass(seen || `${program} ended with 0`);
}

/** What it printed, held against what it should have. Pure. */
export function fits(program: string, expect: NonNullable<ExecQuestion['expect']>, printed: string): Reading {
  const { reply, contains = [], atLeast: least, json } = expect;
  if (least !== undefined) return atLeast([printed], least, program);
  const seen = bounded(printed);
  const reasons = [
    ...(reply === undefined || printed === reply
      ? []
      : [`${program} printed ${seen || 'nothing'}; wanted "${bounded(reply)}"`]),
    ...[contains]
      .flat()
      .flatMap((part) => (printed.includes(part) ? [] : [`${program} printed nothing of "${bounded(part)}"`])),
  ];
  if (json !== undefined) {
    try {
      reasons.push(...differences(json, JSON.parse(printed)).map((reason) => `${program}: ${reason}`));
    } catch {
      reasons.push(`${program} printed no JSON: ${seen || 'nothing'}`);
    }
  }
  return unless(reasons, seen);
}
