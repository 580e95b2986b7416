/**
 * `make image CLUSTER=kind|k3d [NAME=…]`: brings the reference API into a cluster on this machine's Docker. It is in no
 * registry. As root on Linux its archive is assembled like the sandbox's; elsewhere Docker builds it from the same list.
 */
import { join } from 'node:path';
import { staged } from '../../../components/image/index.ts';
import { SOURCES } from '../host/paths.ts';
import { say, step } from '../host/progress.ts';
import { run } from '../host/run.ts';
import { catalogue, type ImageEntry } from '../images/catalogue.ts';
import { dockerfile } from '../images/dockerfile.ts';
import { settingsOf } from '../settings.ts';

const REPOSITORY = 'docker.io/library/corporate-intel-api';

/** The commands that load an archive, or images that Docker has, into a cluster. */
interface Loader {
  readonly cluster: string;
  archive(file: string, cluster: string): string[];
  images(references: readonly string[], cluster: string): string[];
}

const LOADERS: Readonly<Record<string, Loader>> = {
  kind: {
    cluster: 'kind',
    archive: (file, cluster) => ['kind', 'load', 'image-archive', file, '--name', cluster],
    images: (references, cluster) => ['kind', 'load', 'docker-image', ...references, '--name', cluster],
  },
  k3d: {
    cluster: 'k3s-default',
    archive: (file, cluster) => ['k3d', 'image', 'import', file, '--cluster', cluster],
    images: (references, cluster) => ['k3d', 'image', 'import', ...references, '--cluster', cluster],
  },
};

async function assembled(loader: Loader, cluster: string, references: readonly string[]): Promise<void> {
  const { buildImages } = await import('../images/index.ts');
  const archives = new Set(
    (await buildImages(['api'])).filter(({ ref }) => references.includes(ref)).map(({ archive }) => archive),
  );
  for (const archive of archives) await step('load the archive', () => run(loader.archive(archive, cluster)));
}

async function builtByDocker(loader: Loader, cluster: string, images: readonly ImageEntry[]): Promise<void> {
  const { layers } = catalogue();
  // Told what a build for any environment is told. The tags are those of the list: a stack names its image by them.
  const { arguments: told } = staged({ environment: 'local', builtAt: new Date().toISOString().replace(/\.\d+/, '') });
  const given = Object.entries(told).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  for (const image of images) {
    await step(`docker build ${image.reference}`, () =>
      run(['docker', 'build', ...given, '--tag', image.reference, '--file', '-', join(SOURCES, 'images')], {
        input: dockerfile(layers, image),
        env: { DOCKER_BUILDKIT: '1' },
      }),
    );
  }
  const references = images.map(({ reference }) => reference);
  await step('load the images', () => run(loader.images(references, cluster)));
}

/** @param args `CLUSTER=kind` or `CLUSTER=k3d`; `NAME=` of the cluster, if it is not the tool's default */
export default async function (args: readonly string[]): Promise<void> {
  const { CLUSTER: kind = '', NAME } = settingsOf(args, ['CLUSTER', 'NAME']);
  const loader = LOADERS[kind];
  if (loader === undefined) {
    const found = kind === '' ? 'nothing' : `"${kind}"`;
    throw new Error(
      `CLUSTER: found ${found}; wanted one of ${Object.keys(LOADERS).join(', ')}: make image CLUSTER=kind`,
    );
  }
  const cluster = NAME ?? loader.cluster;
  const images = catalogue().images.filter(({ reference }) => reference.startsWith(`${REPOSITORY}:`));
  const references = images.map(({ reference }) => reference);
  const own = process.platform === 'linux' && process.getuid?.() === 0;
  await (own ? assembled(loader, cluster, references) : builtByDocker(loader, cluster, images));
  say(`  ${references.join(' and ')} are in the ${kind} cluster "${cluster}"`);
}
