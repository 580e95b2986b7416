/** A Docker host that answers, with a daemon that is new enough. */
import { dockerClient } from '../docker.ts';
import { fail, inconclusive, pass, type Reading } from '../judge.ts';
import type { Probe } from '../probe.ts';
import type { DockerQuestion } from '../questions.ts';

export const docker: Probe<DockerQuestion> = async ({ host, least }, { signal }) => {
  const { Version } = await dockerClient(host).json<{ Version?: string }>('GET', '/version', { signal });
  return judge(Version, least);
};

/** What a daemon's version is worth. Pure. */
export function judge(version: string | undefined, least: string): Reading {
  const [major, minor] = (/^(\d+)\.(\d+)/.exec(version ?? '') ?? []).slice(1).map(Number);
  const [wantedMajor, wantedMinor] = least.split('.').map(Number) as [number, number];
  if (major === undefined || minor === undefined) return inconclusive(version ?? '', 'the daemon tells no version');
  const enough = major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
  return enough
    ? pass(`Docker ${version}`)
    : fail(`Docker ${version}`, `Docker is ${version}; wanted ${least} or later`);
}
