/** A server that is there already, prepared over SSH (C-HOST-6: C's option C). */
import type * as pulumi from '@pulumi/pulumi';
import {
  checkDockerHost,
  PlatformComponent,
  Problems,
  shown,
  type DockerHostRef,
} from '../../components/core/index.ts';
import { ShelledResource } from '../../components/gates/index.ts';
import { hostScript } from './script.ts';
import type { HostSettings } from './settings.ts';

/** What the runner is given. The script is plain: a preview shows what of it changes. */
export interface PreparationInputs {
  readonly host: DockerHostRef;
  readonly script: string;
}

/** One run of the script on the server. Another script, or another server, is another run. */
class Preparation extends ShelledResource {
  constructor(name: string, inputs: PreparationInputs, options: pulumi.CustomResourceOptions) {
    const runner = 'infra/host/run.ts';
    super({ folder: 'host', type: 'Preparation', runner, outputs: ['prepared'] }, name, { ...inputs }, options);
  }
}

export interface PreparedHostArgs {
  /** `ssh://user@host`: a user that is root, or becomes it by `sudo` without being asked. */
  readonly host: DockerHostRef;
  readonly settings: HostSettings;
}

/**
 * An existing Ubuntu 22.04 on amd64, prepared by the script that is an instance's user data. It is done when this is
 * there; what deploys onto the server waits for it. The server's key has to be known beforehand.
 *
 * A change runs the whole script again, which changes what differs: containers go on. Nothing is undone when this is
 * removed. What somebody changes on the server by hand is not seen here: raise nothing, run `up --replace` on it.
 *
 * Failure: the script's own last words; what it had done stays, and the next `up` begins again.
 */
export class PreparedHost extends PlatformComponent {
  /** For `infra/docker`: known once the server is prepared. */
  readonly preparation: pulumi.Resource;

  constructor(name: string, args: PreparedHostArgs, options: pulumi.ComponentResourceOptions) {
    const script = hostScript(args.settings);
    check(name, args);
    super('platform:host:PreparedHost', name, { address: args.host.address }, options);
    this.preparation = new Preparation(`${name}-preparation`, { host: args.host, script }, { parent: this });
    this.registerOutputs({});
  }
}

function check(name: string, { host }: PreparedHostArgs): void {
  const problems = new Problems();
  checkDockerHost(host, 'PreparedHostArgs.host', problems);
  problems.require(host.address.startsWith('ssh://'), {
    where: 'PreparedHostArgs.host.address',
    found: shown(host.address),
    wanted: '"ssh://user@host[:port]": this machine itself is not prepared',
  });
  problems.throwIfAny(`the host ${name}`);
}
