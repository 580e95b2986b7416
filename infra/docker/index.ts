/** A Docker host reached by the Docker API, local or over SSH. */
export { DockerHost, type DockerHostArgs } from './host.ts';
