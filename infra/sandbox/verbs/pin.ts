/**
 * `make pin [REGISTRY=https://mirror.example.com]`: asks the registries which digest each image of `stacks/images.json` has
 * right now, and the API's image of every stack that runs by digests, and writes them down. All of them or none: where one
 * registry does not answer, nothing is changed.
 *
 * `REGISTRY` is asked instead of all of them: a mirror that has the images under their own paths.
 */
import { CHECKOUT } from '../host/paths.ts';
import { say, step } from '../host/progress.ts';
import { addressOf, digestOf, parseReference, RegistryRefused } from '../registry/client.ts';
import { readImages, wantedReferences, writeDigests, type Digests } from '../registry/pins.ts';
import { settingsOf } from '../settings.ts';

/** How many registries' answers are awaited at a time; they count anonymous requests. */
const TOGETHER = 4;

/**
 * @param tree the folder of the project
 * @param registry the address of a mirror
 * @returns what is written now
 * @throws one error with a line for each image that no digest was to be had of
 */
export async function pin(tree: string, registry?: string): Promise<Digests> {
  const references = wantedReferences(tree);
  const digests: Record<string, string> = {};
  const failed: string[] = [];
  const ask = async (reference: string): Promise<void> => {
    const parts = parseReference(reference);
    if (parts === undefined) {
      say(`  ${reference} names no registry and stays without a digest: name one in api.image`);
      return;
    }
    try {
      digests[reference] = await digestOf(registry ?? addressOf(parts.registry), parts);
    } catch (error) {
      if (!(error instanceof RegistryRefused)) throw error;
      failed.push(`  ${reference}: ${error.message}`);
    }
  };
  for (let at = 0; at < references.length; at += TOGETHER) {
    await Promise.all(references.slice(at, at + TOGETHER).map(ask));
  }
  if (failed.length > 0) {
    const count = `${failed.length} of ${references.length} images`;
    const remedy = 'Try again where the registries can be reached, or name a mirror: make pin REGISTRY=https://…';
    throw new Error(`no digest for ${count}; nothing was changed:\n${failed.toSorted().join('\n')}\n${remedy}`);
  }
  writeDigests(tree, digests);
  return digests;
}

export default async function (args: readonly string[]): Promise<void> {
  const { REGISTRY } = settingsOf(args, ['REGISTRY']);
  if (REGISTRY !== undefined && !/^https?:\/\/[^/]+$/.test(REGISTRY)) {
    throw new Error(`REGISTRY: found "${REGISTRY}"; wanted an address like https://mirror.example.com`);
  }
  const before = readImages(CHECKOUT).digests;
  const digests = await step('ask the registries', () => pin(CHECKOUT, REGISTRY));
  const changed = Object.keys(digests).filter((reference) => digests[reference] !== before[reference]);
  say(`  ${Object.keys(digests).length} digests in stacks/images.json, ${changed.length} of them new`);
  for (const reference of changed) say(`    ${reference} ${digests[reference]!}`);
}
