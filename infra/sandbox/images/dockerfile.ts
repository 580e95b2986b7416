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

/**
 * The text of a Dockerfile whose context is the folder of images.json.
 *
 * @throws when the image holds a program or an archive that only the sandbox can make
 */
export function dockerfile(layers: Catalogue['layers'], { reference, layer, contract }: ImageEntry): string {
  const parts = chain(layers, layer);
  const foreign = parts.find(([, { program, unpack }]) => unpack !== undefined || Object.keys(program).length > 0);
  if (foreign) throw new Error(`${reference}: layer ${foreign[0]} is not made of Debian packages and files alone`);
  const packages = parts.flatMap(([, entry]) => entry.packages).toSorted();
  const folders = parts.slice(1).flatMap(([name, entry]) => entry.folders ?? (entry.packages.length > 0 ? [] : [name]));
  return [
    `FROM ${DEBIAN}`,
    `RUN apt-get -qq update && apt-get -qq install --no-install-recommends ${packages.join(' ')} && rm -rf /var/lib/apt/lists`,
    ...folders.flatMap((folder) => [
      `COPY ${folder}/files/ /`,
      `RUN --mount=type=bind,source=${folder}/finish.sh,target=/run/finish.sh sh /run/finish.sh`,
    ]),
    ...Object.entries(contract.env).map(([name, value]) => `ENV ${name}=${JSON.stringify(value)}`),
    `WORKDIR ${contract.workingDir}`,
    ...contract.ports.map((port) => `EXPOSE ${port}`),
    ...(contract.user === undefined ? [] : [`USER ${contract.user}`]),
    `ENTRYPOINT ${JSON.stringify(contract.entrypoint)}`,
    `CMD ${JSON.stringify(contract.command)}`,
    '',
  ].join('\n');
}
