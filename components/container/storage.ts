/** Networks and volumes of a Docker host, named and labelled as everything else is. */
import * as docker from '@pulumi/docker';
import type * as pulumi from '@pulumi/pulumi';
import { containerLabels, type PlatformComponent } from '../core/index.ts';
import { sorted } from './inputs.ts';

interface Common {
  /** Its name on the host. */
  readonly name: string;
  readonly partOf: string;
}

const labelsOf = (instance: string, component: string, partOf: string) =>
  sorted(containerLabels({ component, instance, partOf })).map(([label, value]) => ({ label, value }));

export interface NetworkArgs extends Common {
  /** Whether it has no way out to the world: for what only others of it may reach. @default false */
  readonly internal?: boolean;
}

/** A network whose containers find each other by name. Another name or kind replaces it, and all that is in it before. */
export const network = (
  owner: PlatformComponent,
  resource: string,
  { name, partOf, internal = false }: NetworkArgs,
  options: pulumi.CustomResourceOptions = {},
): docker.Network =>
  new docker.Network(
    resource,
    { name, driver: 'bridge', internal, labels: labelsOf(resource, 'network', partOf) },
    { parent: owner, deleteBeforeReplace: true, ...options },
  );

export interface VolumeArgs extends Common {
  /** Whether it holds what cannot be made again: then no update and no destroy removes it. */
  readonly protect: boolean;
}

/**
 * A volume. One that is protected outlives the stack (A-STOR): a destroy takes away what uses it and then fails;
 * `pulumi destroy --exclude-protected` leaves it where it is and succeeds. To remove it, take the protection away first.
 */
export const volume = (
  owner: PlatformComponent,
  resource: string,
  { name, partOf, protect }: VolumeArgs,
  options: pulumi.CustomResourceOptions = {},
): docker.Volume =>
  new docker.Volume(
    resource,
    { name, driver: 'local', labels: labelsOf(resource, 'volume', partOf) },
    { parent: owner, protect, deleteBeforeReplace: true, ...options },
  );
