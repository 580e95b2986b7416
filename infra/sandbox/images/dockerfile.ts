/**
 * The recipe of an image for `docker build`, out of the same entry of images.json that the sandbox assembles: for people
 * whose machine has Docker and is not a Linux of their own. Pure.
 */
import type { Catalogue, ImageEntry, LayerEntry } from './catalogue.ts';

/** The public image of Debian that the first layer stands for. */
const DEBIAN = 'docker.io/library/debian:bookworm-slim';

/** A layer and those it stands on, lowest first. */
function chain(layers: Catalogue['layers'], name: string): [string, LayerEntry][] {
  const entry = layers[name]!;
  return [...(entry.on === undefined ? [] : chain(layers, entry.on)), [name, entry]];
}

/** What a recipe is to be besides what the list says. */
export interface Recipe {
  /** An image that holds a layer and all below it already, where Debian's own cannot be had. @default Debian's, and its packages */
  readonly base?: { readonly reference: string; readonly layer: string };
}

/**
 * The text of a Dockerfile whose context is the folder of images.json. It wants to be told `ENVIRONMENT` (A-IMG-1), which
 * stands in a label: what the service does, its settings decide.
 *
 * @throws when the image holds a program or an archive that only the sandbox can make
 */
export function dockerfile(
  layers: Catalogue['layers'],
  { reference, layer, contract }: ImageEntry,
  { base }: Recipe = {},
): string {
  const whole = chain(layers, layer);
  const parts = base === undefined ? whole : whole.slice(whole.findIndex(([name]) => name === base.layer) + 1);
  const foreign = parts.find(([, { program, unpack }]) => unpack !== undefined || Object.keys(program).length > 0);
  if (foreign) throw new Error(`${reference}: layer ${foreign[0]} is not made of Debian packages and files alone`);
  const packages = parts.flatMap(([, entry]) => entry.packages).toSorted();
  const own = base === undefined ? parts.slice(1) : parts;
  const folders = own.flatMap(([name, entry]) => entry.folders ?? (entry.packages.length > 0 ? [] : [name]));
  return [
    `FROM ${base?.reference ?? DEBIAN}`,
    ...(packages.length === 0
      ? []
      : [
          `RUN apt-get -qq update && apt-get -qq install --no-install-recommends ${packages.join(' ')} && rm -rf /var/lib/apt/lists`,
        ]),
    ...folders.flatMap((folder) => [
      `COPY ${folder}/files/ /`,
      `RUN --mount=type=bind,source=${folder}/finish.sh,target=/run/finish.sh sh /run/finish.sh`,
    ]),
    ...Object.entries(contract.env).map(([name, value]) => `ENV ${name}=${JSON.stringify(value)}`),
    `WORKDIR ${contract.workingDir}`,
    ...contract.ports.map((port) => `EXPOSE ${port}`),
    'ARG ENVIRONMENT',
    'LABEL environment=$ENVIRONMENT',
    ...(contract.user === undefined ? [] : [`USER ${contract.user}`]),
    `ENTRYPOINT ${JSON.stringify(contract.entrypoint)}`,
    `CMD ${JSON.stringify(contract.command)}`,
    '',
  ].join('\n');
}
