/**
 * Image archives made without a registry and without a container tool: the `docker save` format, which containerd
 * (`ctr images import`), Docker (`docker load`) and kind (`kind load image-archive`) all read.
 */
import { createHash } from 'node:crypto';
import { dirname } from 'node:path/posix';
import { sha256File, TarWriter, type TarEntry } from './tar.ts';

/** How an image starts; the names follow the OCI image configuration, where they are capitalised. */
export interface ImageConfig {
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** `uid` or `uid:gid`, numeric, because Pod Security `restricted` cannot prove a name to be other than root. */
  readonly user?: string | undefined;
  readonly workingDir?: string;
  /** TCP ports. */
  readonly ports?: readonly number[];
  readonly volumes?: readonly string[];
  readonly stopSignal?: string | undefined;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface Image {
  /** The full reference, with registry and tag: `docker.io/library/redis:7.0.15`. */
  readonly ref: string;
  /** Layer archives of this machine, lowest first. Images of one archive that name the same file share it. */
  readonly layers: readonly string[];
  readonly config: ImageConfig;
}

/** An image that lies ready to be imported. Several can lie in one archive: import each file once. */
export interface ImageArchive {
  readonly ref: string;
  readonly archive: string;
  /** The image's id, as `crictl images` and pod statuses show it: the digest of its configuration. */
  readonly id: string;
}

/** One thing in a layer: a file of this machine, given content, a folder, or a symbolic link. */
export type LayerEntry = { readonly mode?: number; readonly uid?: number; readonly gid?: number } & (
  { readonly file: string } | { readonly content: string } | { readonly folder: true } | { readonly link: string }
);

const architecture = (): string => ({ x64: 'amd64', arm64: 'arm64' })[process.arch as string] ?? process.arch;

function configuration(config: ImageConfig, diffIds: readonly string[]): Buffer {
  const set = (names: readonly string[]): Record<string, object> => Object.fromEntries(names.map((name) => [name, {}]));
  const body = {
    architecture: architecture(),
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    config: {
      ...(config.user && { User: config.user }),
      ...(config.ports && { ExposedPorts: set(config.ports.map((port) => `${port}/tcp`)) }),
      Env: Object.entries({ PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...config.env }).map(
        ([name, value]) => `${name}=${value}`,
      ),
      ...(config.entrypoint && { Entrypoint: config.entrypoint }),
      ...(config.command && { Cmd: config.command }),
      ...(config.volumes && { Volumes: set(config.volumes) }),
      WorkingDir: config.workingDir ?? '/',
      ...(config.labels && { Labels: config.labels }),
      ...(config.stopSignal && { StopSignal: config.stopSignal }),
    },
    rootfs: { type: 'layers', diff_ids: diffIds },
  };
  return Buffer.from(JSON.stringify(body));
}

/** Writes images into one archive; a layer that several of them name is stored once. `outFile` must not exist. */
export async function imageArchives(images: readonly Image[], outFile: string): Promise<ImageArchive[]> {
  const digests = new Map<string, string>();
  for (const file of images.flatMap((image) => image.layers)) {
    if (!digests.has(file)) digests.set(file, await sha256File(file));
  }
  const entry: TarEntry = { type: '0', mode: 0o644 };
  const tar = await TarWriter.create(outFile);
  const written = new Set<string>();
  for (const [file, digest] of digests) {
    if (!written.has(digest)) await tar.addFile(`${digest}.tar`, entry, file);
    written.add(digest);
  }
  const manifest = [];
  const archives: ImageArchive[] = [];
  for (const { ref, layers, config } of images) {
    const layerDigests = layers.map((file) => digests.get(file)!);
    const content = configuration(
      config,
      layerDigests.map((digest) => `sha256:${digest}`),
    );
    const id = createHash('sha256').update(content).digest('hex');
    if (!written.has(id)) await tar.add(`${id}.json`, entry, content);
    written.add(id);
    manifest.push({ Config: `${id}.json`, RepoTags: [ref], Layers: layerDigests.map((digest) => `${digest}.tar`) });
    archives.push({ ref, archive: outFile, id: `sha256:${id}` });
  }
  await tar.add('manifest.json', entry, Buffer.from(JSON.stringify(manifest)));
  await tar.close();
  return archives;
}

/** Writes one image into one archive. `outFile` must not exist. */
export async function imageArchive(image: Image, outFile: string): Promise<ImageArchive> {
  const [archive] = await imageArchives([image], outFile);
  return archive!;
}

/**
 * Writes a layer out of single files, for images that are little more than one static binary.
 *
 * @param entries by absolute path in the image; folders above them are made (root, 0755) unless named
 * @param outFile must not exist
 */
export async function layerArchive(entries: Readonly<Record<string, LayerEntry>>, outFile: string): Promise<void> {
  const all = new Map(Object.entries(entries));
  for (const path of Object.keys(entries)) {
    if (!path.startsWith('/') || path.split('/').some((part) => part === '..' || part === '.')) {
      throw new Error(`layer entry ${path}: want an absolute path without . or ..`);
    }
    for (let above = dirname(path); above !== '/'; above = dirname(above)) {
      if (!all.has(above)) all.set(above, { folder: true });
    }
  }
  const tar = await TarWriter.create(outFile);
  for (const path of [...all.keys()].sort()) {
    const entry = all.get(path)!;
    const name = path.slice(1);
    const owner = {
      ...(entry.uid !== undefined && { uid: entry.uid }),
      ...(entry.gid !== undefined && { gid: entry.gid }),
    };
    if ('folder' in entry) await tar.add(`${name}/`, { type: '5', mode: entry.mode ?? 0o755, ...owner });
    else if ('link' in entry) await tar.add(name, { type: '2', mode: 0o777, target: entry.link, ...owner });
    else if ('file' in entry) await tar.addFile(name, { type: '0', mode: entry.mode ?? 0o755, ...owner }, entry.file);
    else await tar.add(name, { type: '0', mode: entry.mode ?? 0o644, ...owner }, Buffer.from(entry.content));
  }
  await tar.close();
}
