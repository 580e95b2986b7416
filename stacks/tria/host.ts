/** The server: one that the stack makes on EC2, or one that is there (C-HOST). */
import * as pulumi from '@pulumi/pulumi';
import { DockerHost } from '../../infra/docker/index.ts';
import type { SettingsOf } from '../config/systems/index.ts';
import { hostAt } from '../docker.ts';

export interface Standing {
  readonly docker: DockerHost;
  /** Where clients reach its ports. */
  readonly address: pulumi.Output<string>;
  /** What has to stand before it is asked for anything. */
  readonly ready: readonly pulumi.Resource[];
}

type Settings = SettingsOf<'tria'>;

/** @param variables what a server that is made keeps for the containers */
export async function hostOf(
  settings: Settings,
  variables: Readonly<Record<string, pulumi.Input<string>>>,
): Promise<Standing> {
  const { existing } = settings.host;
  if (existing !== undefined) {
    const docker = new DockerHost('host', hostAt(existing.address, settings.host.ssh));
    return { docker, address: pulumi.output(existing.publicAddress), ready: [] };
  }
  // Only a stack that makes a server loads what it takes.
  const { serverOf } = await import('./server.ts');
  const { publicIp, ready } = serverOf(settings, variables);
  const address = pulumi.interpolate`ssh://${settings.host.user}@${publicIp}`;
  return { docker: new DockerHost('host', hostAt(address, settings.host.ssh)), address: publicIp, ready };
}
