/** Containers, networks and volumes of a Docker host. The only door of this folder. */
export type {
  Attachment,
  Bind,
  Contained,
  ContainerArgs,
  ContainerFile,
  Mounted,
  Published,
  RestartPolicy,
} from './args.ts';
export { Container } from './container.ts';
export { ContainerTask, type ContainerTaskArgs } from './task.ts';
export { network, volume, type NetworkArgs, type VolumeArgs } from './storage.ts';
// For those who make containers themselves, beside the engine: the same rules.
export { checkContainer } from './check.ts';
