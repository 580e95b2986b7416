/** A container on a Docker host that does one thing and ends: a migration, a backup, an index that is built. */
import * as docker from '@pulumi/docker';
import type * as pulumi from '@pulumi/pulumi';
import { PlatformComponent, type Duration } from '../core/index.ts';
import { TaskGate } from '../gates/index.ts';
import type { ContainerArgs } from './args.ts';
import { checkContainer } from './check.ts';
import { imageOf, stamped } from './container.ts';

export interface ContainerTaskArgs extends Omit<ContainerArgs, 'publish' | 'restart' | 'deadline'> {
  /** A part of what it prints when it has done its work. */
  readonly says?: string;
  /**
   * What else it depends on: a change of it makes the task run again. Not for secrets.
   * @default nothing
   */
  readonly occasion?: pulumi.Input<string>;
  /** The requirement that its end proves. */
  readonly requirement?: string;
  /** How long it may take. @default '5m' (ours) */
  readonly deadline?: Duration;
}

/** A task's variable that only tells one occasion from another. */
const OCCASION = 'PLATFORM_OCCASION';

/** How often Docker starts one again that has failed (ours). */
const ATTEMPTS = 2;

/**
 * A task: a container that runs once for each content, and is left as it ended, to be looked at.
 *
 * *What a change costs*: it runs again. *Failure*: one that ends with anything but 0, or without saying what it should, shuts
 * its gate and fails the update; what depends on it is not touched. The next update asks the gate again, which goes on saying
 * so until the task runs anew: with another content, or by `pulumi up --replace` and its URN. Docker has then tried it three times.
 */
export class ContainerTask extends PlatformComponent {
  readonly containerName: string;
  /** The digest of all that the task is made of. */
  readonly subject: pulumi.Output<string>;
  /** Opens once it has ended well: what needs its work depends on it. */
  readonly gate: TaskGate;

  constructor(name: string, args: ContainerTaskArgs, options: pulumi.ComponentResourceOptions) {
    const { facts, host, says, occasion, requirement, deadline = '5m' } = args;
    const given = { ...args, ...(occasion !== undefined && { settings: { ...args.settings, [OCCASION]: occasion } }) };
    checkContainer(name, given);
    const containerName = args.containerName ?? facts.name;
    super('platform:app:ContainerTask', name, { container: containerName, image: facts.image.reference }, options);

    const image = imageOf(this, name, facts.image.reference);
    const { inputs, subject } = stamped(name, containerName, given, image);
    const container = new docker.Container(
      name,
      // When it has ended well, it is over: the provider must not miss it.
      { ...inputs, restart: 'on-failure', maxRetryCount: ATTEMPTS, mustRun: false },
      { parent: this, deleteBeforeReplace: true, additionalSecretOutputs: ['envs', 'uploads'] },
    );

    this.containerName = containerName;
    this.subject = subject;
    this.gate = new TaskGate(
      `${name}-done`,
      {
        ...{ host, container: containerName, subject, patience: { deadline } },
        ...(says !== undefined && { says }),
        ...(requirement !== undefined && { requirement }),
      },
      { parent: this, dependsOn: container },
    );
    this.registerOutputs({ subject });
  }
}
