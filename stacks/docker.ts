/** What the settings of a stack say of a Docker host, as the host's own types want it: what is left out is not there. */
import type { DockerHostRef } from '../components/core/index.ts';

interface Ssh {
  readonly knownHosts: string;
  readonly key?: string | undefined;
}

/** For any stack that reaches Docker by an address. */
export const hostAt = <A>(address: A, ssh: Ssh | undefined): { readonly address: A } & Pick<DockerHostRef, 'ssh'> => ({
  address,
  ...(ssh && { ssh: { knownHosts: ssh.knownHosts, ...(ssh.key !== undefined && { key: ssh.key }) } }),
});
