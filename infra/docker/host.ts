/** A Docker host that a stack deploys to: named by its address, never by what happens to be in the environment. */
import * as docker from '@pulumi/docker';
import type * as pulumi from '@pulumi/pulumi';
import {
  checkDockerHost,
  PlatformComponent,
  Problems,
  sshOptions,
  type DockerHostInput,
} from '../../components/core/index.ts';

export interface DockerHostArgs extends DockerHostInput {
  /**
   * Registries that images are pulled from with a name and a password.
   * @default none
   */
  readonly registries?: readonly {
    /** `host[:port]` */
    readonly address: string;
    readonly username: pulumi.Input<string>;
    /** A secret. */
    readonly password: pulumi.Input<string>;
  }[];
}

/**
 * A host reached by the Docker API, local or over SSH (A-HOST, C-HOST: an existing server is a host too).
 *
 * Over SSH the host's key must be known beforehand; nothing is asked and nothing new is believed. Plans are made without
 * reaching the host. Another address is another host: everything on the old one is replaced, so move data first.
 */
export class DockerHost extends PlatformComponent {
  /** For containers, networks and volumes: `{ provider: host.provider }`. */
  readonly provider: docker.Provider;
  /** For those who ask the host themselves: gates, rollovers. */
  readonly ref: DockerHostInput;

  constructor(name: string, args: DockerHostArgs, options: pulumi.ComponentResourceOptions = {}) {
    const problems = new Problems();
    checkDockerHost(args, name, problems);
    problems.throwIfAny(`DockerHost "${name}"`);
    super('platform:host:DockerHost', name, { address: args.address }, options);
    const { address, ssh, registries = [] } = args;
    this.ref = { address, ...(ssh !== undefined && { ssh }) };
    this.provider = new docker.Provider(
      `${name}-provider`,
      {
        host: address,
        ...(ssh !== undefined && { sshOpts: sshOptions(this.ref) }),
        ...(registries.length > 0 && { registryAuth: registries.map((registry) => ({ ...registry })) }),
      },
      { parent: this },
    );
    this.registerOutputs({ address });
  }
}
