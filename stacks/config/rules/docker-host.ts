/** The group `docker`, of any stack that runs or builds on a Docker host. */
import type { Problems } from '../../../components/core/index.ts';
import { PORTS } from '../../../infra/host/index.ts';
import type { Settings } from '../systems/standalone.ts';

/** Of any stack with a group `docker`. */
export function checkDockerHost(
  { docker: { address, ssh } }: { readonly docker: Pick<Settings['docker'], 'address' | 'ssh'> },
  problems: Problems,
): void {
  const remote = address.startsWith('ssh://');
  problems.require(remote === (ssh !== undefined), {
    where: 'docker.ssh',
    found: ssh === undefined ? 'nothing' : 'SSH settings',
    wanted: remote
      ? `the group, since docker.address is "${address}": the host is to be who it says`
      : `none, since docker.address is "${address}"`,
  });
}

/** The port that SSH has on the host, as far as its address tells: no container gets it. */
export const sshPort = (address: string): number =>
  Number((address.startsWith('ssh://') && new URL(address).port) || PORTS.ssh);
