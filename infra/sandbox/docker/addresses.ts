/** What a daemon's index decides: its name on the host and its addresses, apart from those of the sandboxes. */
import { overlap } from '../node/addresses.ts';

export interface DockerAddresses {
  readonly index: number;
  /** The host's side of the link, and the name of the daemon's control groups. */
  readonly name: string;
  /** The host's end of the link: what containers reach as "the world outside". */
  readonly host: string;
  /** The daemon's own address, at which published ports are reached. */
  readonly node: string;
  /** The link's own network. */
  readonly link: string;
}

/** So many daemons fit beside each other. */
export const DOCKER_INDEXES = Array.from({ length: 50 }, (_, at) => at + 1);

/** @param index 1 to 50 */
export function dockerAddresses(index: number): DockerAddresses {
  if (!DOCKER_INDEXES.includes(index)) throw new Error(`daemon index ${index}: want 1 to ${DOCKER_INDEXES.length}`);
  const link = `10.198.${index}`;
  return { index, name: `dkr${index}`, host: `${link}.1`, node: `${link}.2`, link: `${link}.0/30` };
}

/** The lowest index whose name and addresses nobody uses; see `freeIndex` of the sandboxes for the arguments. */
export function freeDocker(
  taken: ReadonlySet<number>,
  links: ReadonlySet<string>,
  networks: readonly string[],
): number {
  const free = DOCKER_INDEXES.find((index) => {
    const { name, link } = dockerAddresses(index);
    return !taken.has(index) && !links.has(name) && !networks.some((network) => overlap(link, network));
  });
  if (free === undefined) {
    throw new Error(
      'no room for another Docker daemon: every index from 1 to 50 is taken by one, or its addresses (10.198.N.0/30) by a ' +
        'route of this host. Remove one: `removeDocker` on its state folder.',
    );
  }
  return free;
}
