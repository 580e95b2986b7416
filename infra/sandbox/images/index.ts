/**
 * The images that the platform's pods run, each a stand-in for a public one: see images.json. Everything is made once and
 * kept in the cache; a second call only looks.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { artifact, keyOf } from '../host/cache.ts';
import { imageArchives, type Image, type ImageArchive } from './archive.ts';
import { catalogue, type ImageEntry } from './catalogue.ts';
import { Layers } from './layers.ts';

export type { ImageArchive } from './archive.ts';

function labels({ reference, source, lacks }: ImageEntry): Record<string, string> {
  return {
    'org.opencontainers.image.description': `Stand-in for ${reference}, made of: ${source}. It lacks: ${lacks.join('; ')}.`,
  };
}

async function image(entry: ImageEntry, layers: Layers): Promise<Image> {
  const { reads: _reads, writes: _writes, runAs: _runAs, ...config } = entry.contract;
  return {
    ref: entry.reference,
    layers: await layers.archives(entry.layer),
    config: { ...config, labels: labels(entry) },
  };
}

/** One archive, so that what its images share is stored once. */
async function archive(name: string, images: readonly Image[]): Promise<ImageArchive[]> {
  const dir = await artifact(`images-${name}`, keyOf(JSON.stringify(images)), async (out) => {
    const made = await imageArchives(images, join(out, 'images.tar'));
    writeFileSync(join(out, 'images.json'), JSON.stringify(made.map(({ ref, id }) => ({ ref, id }))));
  });
  const made = JSON.parse(readFileSync(join(dir, 'images.json'), 'utf8')) as Pick<ImageArchive, 'ref' | 'id'>[];
  return made.map((image) => ({ ...image, archive: join(dir, 'images.tar') }));
}

/** What the stack `local` runs. The other archives hold what only the full shape of the platform needs. */
export const LOCAL_ARCHIVES = ['platform', 'api', 'release'] as const;

/** What the stack `architect-rehearsal` runs. */
export const ARCHITECT_ARCHIVES = ['platform', 'release', 'replicated', 'architect'] as const;

/**
 * The images of images.json, made if they are not in the cache. One that needs somebody else's archive (TimescaleDB) is
 * among them only where the environment names that archive. Several lie in one archive: import each file once.
 *
 * Takes about 90 s on two cores from an empty cache for those of `local`, beside the Go programs, and 0.85 GB of disk.
 *
 * @param wanted the archives; default: all of them
 */
export async function buildImages(wanted?: readonly string[]): Promise<ImageArchive[]> {
  const { layers, images } = catalogue();
  const made = new Layers(layers);
  const archives = new Map<string, Image[]>();
  for (const entry of images) {
    if (entry.needs !== undefined && !process.env[entry.needs]) continue;
    if (wanted !== undefined && !wanted.includes(entry.archive)) continue;
    archives.set(entry.archive, [...(archives.get(entry.archive) ?? []), await image(entry, made)]);
  }
  const all: ImageArchive[] = [];
  for (const [name, members] of archives) all.push(...(await archive(name, members)));
  return all;
}

/**
 * Exactly these images of images.json, in one archive of their own that holds nothing else: for a Docker daemon, which unpacks
 * all of an archive before it looks at it. Made if they are not in the cache.
 *
 * @throws naming the references that images.json does not have, or that need somebody else's archive which is not there
 */
export async function imagesNamed(references: readonly string[]): Promise<ImageArchive[]> {
  const { layers, images } = catalogue();
  const entries = images.filter(({ reference }) => references.includes(reference));
  const unknown = references.filter((wanted) => !entries.some(({ reference }) => reference === wanted));
  const without = entries.filter(({ needs }) => needs !== undefined && !process.env[needs]);
  if (unknown.length || without.length) {
    const needed = without.map(({ reference, needs }) => `${reference} (which needs $${needs})`);
    throw new Error(`images.json: cannot make ${[...unknown, ...needed].join(', ')}`);
  }
  const made = new Layers(layers);
  return archive('named', await Promise.all(entries.map((entry) => image(entry, made))));
}
