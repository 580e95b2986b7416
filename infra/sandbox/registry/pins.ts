/** The digests in `stacks/images.json`: which references want one, what stands there, and how it is written. */
import { createHash } from 'node:crypto';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readYaml } from '../host/yaml.ts';

interface ImagesFile {
  readonly images: Readonly<Record<string, { readonly repository: string; readonly tag: string }>>;
  readonly digests: Readonly<Record<string, string>>;
  readonly seal: string;
}

export type Digests = Readonly<Record<string, string>>;

const fileOf = (tree: string): string => join(tree, 'stacks/images.json');

export const readImages = (tree: string): ImagesFile => JSON.parse(readFileSync(fileOf(tree), 'utf8')) as ImagesFile;

const sorted = (digests: Digests): Digests =>
  Object.fromEntries(Object.entries(digests).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** The check sum that makes a digest typed by hand visible. */
export const sealOf = (digests: Digests): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(digests)))
    .digest('hex');

interface StackFile {
  readonly config?: {
    readonly 'platform:stack'?: { readonly version?: string };
    readonly 'platform:cluster'?: { readonly pinnedImages?: boolean };
    readonly 'platform:api'?: { readonly image?: string };
  };
}

/** Every reference that a digest is wanted for: the list's, and the API's of each stack that runs by digests. */
export function wantedReferences(tree: string): string[] {
  const listed = Object.values(readImages(tree).images).map(({ repository, tag }) => `${repository}:${tag}`);
  const apis = globSync('Pulumi.*.yaml', { cwd: tree }).flatMap((name) => {
    const { config = {} } = readYaml(join(tree, name)) as StackFile;
    const { image } = config['platform:api'] ?? {};
    const { version } = config['platform:stack'] ?? {};
    const pinned = config['platform:cluster']?.pinnedImages === true && image !== undefined && version !== undefined;
    return pinned ? [`${image}:${version}`] : [];
  });
  return [...new Set([...listed, ...apis])].toSorted();
}

/** Writes the digests and their seal into the file, and leaves every other byte of it. */
export function writeDigests(tree: string, digests: Digests): void {
  const text = readFileSync(fileOf(tree), 'utf8');
  const lines = Object.entries(sorted(digests)).map(([reference, digest]) => `    "${reference}": "${digest}"`);
  const block = lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n  }`;
  const written = text.replace(
    /"digests": \{[^}]*\},\s*"seal": "[0-9a-f]*"/,
    `"digests": ${block},\n  "seal": "${sealOf(digests)}"`,
  );
  const { digests: read, seal } = JSON.parse(written) as ImagesFile;
  if (seal !== sealOf(digests) || sealOf(read) !== seal) {
    throw new Error(`${fileOf(tree)}: found no "digests" with a "seal" behind it to write into; nothing was changed`);
  }
  writeFileSync(fileOf(tree), written);
}
