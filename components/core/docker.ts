/** How a Docker host is named: by an address that says all, and by files that hold what may not be written down. */
import type * as pulumi from '@pulumi/pulumi';
import type { Problems } from './problems.ts';
import { shown } from './problems.ts';

/** A Docker host. Plain data without a secret: it may stand in the state. */
export interface DockerHostRef {
  /** `unix:///path/to/docker.sock`, or `ssh://user@host[:port]`. Never TCP: it would have to be closed by TLS or not at all. */
  readonly address: string;
  /** Only for `ssh://`, and necessary there. */
  readonly ssh?: {
    /** Absolute path of the file with the host's public key. A host whose key is not in it is not spoken to. */
    readonly knownHosts: string;
    /** Absolute path of the private key. @default what the SSH agent offers */
    readonly key?: string;
  };
}

/** The same for a program that makes the host itself: a server's address is known once there is one. */
export interface DockerHostInput extends Omit<DockerHostRef, 'address'> {
  readonly address: pulumi.Input<string>;
}

const UNIX = /^unix:\/\/\/[^\s?#]+$/;
const SSH = /^ssh:\/\/[a-z_][a-z0-9_-]*@[A-Za-z0-9][A-Za-z0-9.-]*(:\d{1,5})?$/;
const ABSOLUTE = /^\/\S+$/;

/** Notes what is wrong with a host's name. */
export function checkDockerHost({ address, ssh }: DockerHostInput, where: string, problems: Problems): void {
  // What is still to be made is a server, and no socket of this machine.
  const remote = typeof address !== 'string' || address.startsWith('ssh://');
  problems.require(typeof address !== 'string' || UNIX.test(address) || SSH.test(address), {
    where: `${where}.address`,
    found: shown(address),
    wanted: '"unix:///path/to/docker.sock" or "ssh://user@host[:port]"',
    ...(/^(tcp|https?):/.test(address as string) && {
      remedy: 'a daemon that listens on TCP gives root to whoever reaches it: go over SSH instead',
    }),
  });
  if (remote) {
    problems.require(ssh !== undefined && ABSOLUTE.test(ssh.knownHosts), {
      where: `${where}.ssh.knownHosts`,
      found: shown(ssh?.knownHosts),
      wanted: 'the absolute path of a known_hosts file: the host is to be who it says',
    });
    problems.require(ssh?.key === undefined || ABSOLUTE.test(ssh.key), {
      where: `${where}.ssh.key`,
      found: shown(ssh?.key),
      wanted: 'the absolute path of a private key, or nothing',
    });
  } else {
    problems.require(ssh === undefined, {
      where: `${where}.ssh`,
      found: 'SSH settings',
      wanted: `none for ${shown(address)}`,
    });
  }
}

/** What `ssh` is told so that it asks nobody and believes only the named keys; empty for a local host. */
export function sshOptions({ address, ssh }: DockerHostInput): string[] {
  if (ssh === undefined || (typeof address === 'string' && !address.startsWith('ssh://'))) return [];
  const options = {
    BatchMode: 'yes',
    StrictHostKeyChecking: 'yes',
    UserKnownHostsFile: ssh.knownHosts,
    GlobalKnownHostsFile: '/dev/null',
    ConnectTimeout: '10',
    ServerAliveInterval: '5',
    ServerAliveCountMax: '3',
    ...(ssh.key !== undefined && { IdentitiesOnly: 'yes', IdentityFile: ssh.key }),
  };
  return Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}
