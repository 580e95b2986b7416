/** Makes the layers that images.json describes, each once, as an archive in the cache. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { aptConfiguration } from '../build/debian.ts';
import { cadvisor, certManager, keda, kedaMetrics, minio, pebble, vpaRecommender } from '../build/index.ts';
import { node } from '../build/node.ts';
import versions from '../build/versions.ts';
import { artifact, keyOf } from '../host/cache.ts';
import { SOURCES } from '../host/paths.ts';
import { run } from '../host/run.ts';
import { layerArchive } from './archive.ts';
import type { Catalogue } from './catalogue.ts';
import { sha256File } from './tar.ts';

const IMAGES = join(SOURCES, 'images');
const SCRIPT = join(IMAGES, 'layer.sh');

/** In namespaces of its own that die with this process, however it ends: nothing stays mounted or running. */
const CONFINED = ['setpriv', '--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--fork', '--kill-child'] as const;

/** Programs that a layer may hold, by the name images.json gives them. */
const PROGRAMS: Readonly<Record<string, () => Promise<string>>> = {
  cadvisor,
  'cert-manager': certManager,
  keda,
  'keda-metrics-apiserver': kedaMetrics,
  minio,
  node,
  pebble,
  'vpa-recommender': vpaRecommender,
};

/** Names and contents of what a layer takes from its folder. */
function contents(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file === 'finish.sh' || (file.startsWith('files/') && statSync(join(folder, file)).isFile()))
    .sort()
    .flatMap((file) => [file, readFileSync(join(folder, file), 'utf8')]);
}

/** apt's configuration for a root file system that layer.sh mounts at `state/work/root`. */
async function apt(state: string): Promise<string> {
  await mkdir(state);
  const file = await aptConfiguration(state, versions.debian);
  const root = join(state, 'work/root');
  const own = {
    'Dir::State::status': `${root}/var/lib/dpkg/status`,
    // Inside the root, where its own dpkg finds them.
    'Dir::Cache::archives': `${root}/var/cache/apt/archives`,
    'Dir::Log': state,
    'DPkg::Chroot-Directory': root,
    'DPkg::Use-Pty': 'false',
  };
  const lines = Object.entries(own).map(([name, value]) => `${name} "${value}";`);
  const options = ['--force-unsafe-io', '--force-confold'].map((option) => `DPkg::Options:: "${option}";`);
  await appendFile(file, `${[...lines, ...options].join('\n')}\n`);
  return file;
}

/** Layers by name, each with those below it: `await layers.archives('postgres')` is `[debian.tar, postgres.tar]`. */
export class Layers {
  readonly #layers: Catalogue['layers'];
  readonly #made = new Map<string, Promise<string[]>>();

  constructor(layers: Catalogue['layers']) {
    this.#layers = layers;
  }

  /** The archives of a layer and of all below it, lowest first. */
  archives(name: string): Promise<string[]> {
    const made = this.#made.get(name) ?? this.#make(name);
    this.#made.set(name, made);
    return made;
  }

  async #make(name: string): Promise<string[]> {
    const layer = this.#layers[name]!;
    const below = layer.on === undefined ? [] : await this.archives(layer.on);
    const folders = (layer.folders ?? [name])
      .map((folder) => join(IMAGES, folder))
      .filter((folder) => existsSync(folder));
    const unpack = layer.unpack === undefined ? '' : (process.env[layer.unpack] ?? '');
    const programs = await Promise.all(
      Object.entries(layer.program).map(async ([program, path]) => [path, await PROGRAMS[program]!()] as const),
    );
    const key = keyOf(
      ...[JSON.stringify(layer), versions.debian, ...below, readFileSync(SCRIPT, 'utf8')],
      ...[unpack && (await sha256File(unpack)), JSON.stringify(programs)],
      ...folders.flatMap(contents),
    );
    const dir = await artifact(`layer-${name}`, key, async (out) => {
      // The script takes lists apart at blanks.
      const blank = [out, unpack ?? '', ...folders].find((path) => /\s/.test(path));
      if (blank !== undefined) {
        throw new Error(`${blank}: found a blank in the path; wanted none: move the checkout, or set PLATFORM_CACHE`);
      }
      const state = join(out, 'work');
      const extra = join(state, 'programs.tar');
      const configuration = await apt(state);
      if (programs.length)
        await layerArchive(Object.fromEntries(programs.map(([path, file]) => [path, { file }])), extra);
      await run([...CONFINED, SCRIPT, join(out, 'layer.tar'), state, ...below], {
        env: {
          APT_CONFIG: configuration,
          PACKAGES: layer.packages.join(' '),
          FOLDERS: folders.join(' '),
          USERS: Object.entries(layer.users)
            .map(([user, id]) => `${user}:${id}`)
            .join(' '),
          DROP: layer.drop.join(' '),
          UNPACK: [unpack, programs.length ? extra : ''].join(' ').trim(),
        },
      });
      rmSync(state, { recursive: true });
    });
    return [...below, join(dir, 'layer.tar')];
  }
}
