/** What images.json may say. A mistake in it is one error that names every wrong place. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { SOURCES } from '../host/paths.ts';

const absolute = z.string().startsWith('/');

const layer = z.strictObject({
  /** The layer below. Without it, this is a first root file system. */
  on: z.string().optional(),
  /** Debian packages, without what they merely recommend. */
  packages: z.array(z.string()).default([]),
  /** Users by name with their number (which is the group's too), made before the packages are unpacked. */
  users: z.record(z.string(), z.int().min(1)).default({}),
  /** Folders beside images.json with `files/` and `finish.sh`. Default: the one that has the layer's name. */
  folders: z.array(z.string()).optional(),
  /** A program that this project builds, and where it goes. */
  program: z.record(z.string(), absolute).default({}),
  /** Name of an environment variable that names an archive to unpack over the root. */
  unpack: z.string().optional(),
  /** What is left out, as globs relative to the root. */
  drop: z.array(z.string()).default([]),
});

const contract = z.strictObject({
  entrypoint: z.array(z.string()),
  command: z.array(z.string()).default([]),
  /** Set in the image. */
  env: z.record(z.string(), z.string()).default({}),
  /** Understood from the pod, for people: the entrypoints and programs read them. */
  reads: z.array(z.string()).default([]),
  /** What the image itself says; the public ones that start as root and step down say nothing. */
  user: z
    .string()
    .regex(/^\d+(:\d+)?$/)
    .optional(),
  /** The number a pod's security context gives it. */
  runAs: z.int().min(1),
  ports: z.array(z.int().min(1).max(65535)),
  volumes: z.array(absolute).default([]),
  /** Folders that must be writable when the root is not: mount an emptyDir or a volume. */
  writes: z.array(absolute).default([]),
  workingDir: absolute.default('/'),
  stopSignal: z.string().startsWith('SIG').optional(),
});

const image = z.strictObject({
  reference: z.string().regex(/^[a-z0-9.-]+\.[a-z]+\/[a-z0-9._/-]+:[A-Za-z0-9._-]+$/, 'want registry/name:tag'),
  layer: z.string(),
  /** An environment variable without which this image cannot be made, and is left out. */
  needs: z.string().optional(),
  /** The archive it lies in: what changes together. */
  archive: z.string().default('platform'),
  source: z.string(),
  contract,
  /** What somebody who knows the public image would miss. */
  lacks: z.array(z.string()).min(1),
});

const file = z
  .strictObject({ about: z.string(), layers: z.record(z.string(), layer), images: z.array(image) })
  .superRefine(({ layers, images }, context) => {
    const known = (name: string, path: (string | number)[]): void => {
      if (!(name in layers)) context.addIssue({ code: 'custom', path, message: `no layer is called ${name}` });
    };
    for (const [name, { on }] of Object.entries(layers)) if (on !== undefined) known(on, ['layers', name, 'on']);
    const references = new Set<string>();
    for (const [index, { layer: name, reference }] of images.entries()) {
      known(name, ['images', index, 'layer']);
      if (references.has(reference)) {
        context.addIssue({
          code: 'custom',
          path: ['images', index, 'reference'],
          message: `${reference} stands twice`,
        });
      }
      references.add(reference);
    }
  });

export type Catalogue = z.infer<typeof file>;
export type LayerEntry = z.infer<typeof layer>;
export type ImageEntry = z.infer<typeof image>;

/** Reads a catalogue, or throws one error with every place that is wrong. */
export function readCatalogue(path: string, text: string): Catalogue {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${path}: not JSON: ${(error as Error).message}`, { cause: error });
  }
  const result = file.safeParse(value);
  if (result.success) return result.data;
  const places = result.error.issues.map((issue) => `  ${issue.path.join('.') || '(top)'}: ${issue.message}`);
  throw new Error(`${path}:\n${places.join('\n')}`);
}

/** The catalogue of this tree. */
export function catalogue(): Catalogue {
  const path = join(SOURCES, 'images/images.json');
  return readCatalogue(path, readFileSync(path, 'utf8'));
}
