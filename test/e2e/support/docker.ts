/** A Docker daemon of a test's own, and stacks on it with the official plugin. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { digest } from '../../../components/core/index.ts';
import { CHECKOUT } from '../../../infra/sandbox/host/paths.ts';
import { loadImages, removeDocker, startDocker, type DockerDaemon } from '../../../infra/sandbox/docker/index.ts';
import { wantedPlugins } from '../../../infra/sandbox/engine/plugins.ts';
import { imagesNamed } from '../../../infra/sandbox/images/index.ts';

const { version } = wantedPlugins().find(({ name }) => name === 'docker')!;
const FILE = 'pulumi-resource-docker';
const places = [
  join(process.env.PULUMI_PLUGIN_DIR ?? '/nonexistent', FILE),
  join(homedir(), `.pulumi/plugins/resource-docker-v${version}`, FILE),
];

/** For `test(…, needsPlugin, …)`: no registry has the plugin, and only the official one makes containers. */
export const needsPlugin = places.some(existsSync)
  ? {}
  : { skip: `this machine has no docker plugin ${version}: neither $PULUMI_PLUGIN_DIR nor ~/.pulumi/plugins holds it` };

/** The folder is the test's own by name, so that what a killed run has left is found and removed by the next. */
export const stateOf = (name: string): string => `/var/tmp/platform-docker-${digest(CHECKOUT)}-${name}`;

/** A new daemon with these images in it. */
export async function freshDocker(name: string, images: readonly string[]): Promise<DockerDaemon> {
  const archives = await imagesNamed(images);
  await removeDocker(stateOf(name));
  const daemon = await startDocker({ state: stateOf(name) });
  await loadImages(daemon, archives);
  return daemon;
}

/** What every program of these tests begins with: a host, and something that owns what stands on it. */
export const programHead = ({ host }: DockerDaemon): string => `
import * as pulumi from '@pulumi/pulumi';
import { PlatformComponent } from './components/core/index.ts';
import { Container, network, volume } from './components/container/index.ts';
import { Rollover } from './components/rollover/index.ts';
import { DockerHost } from './infra/docker/index.ts';
class Owner extends PlatformComponent {
  constructor(options: pulumi.ComponentResourceOptions) { super('platform:app:Trial', 'trial', {}, options); }
}
const host = new DockerHost('host', { address: '${host}' });
const owner = new Owner({ provider: host.provider });
const parent = { parent: owner };
`;
