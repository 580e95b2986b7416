/**
 * Which instance has which index. A state folder names its own in `instance.json`; the list of all of a kind lies in
 * /run/lock, one link an index to the folder that has it, changed under a lock.
 */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  rmdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { hostNetworks } from './link.ts';
import { locked } from './lock.ts';

const LOCK = '/run/lock';

/** What instances of one kind share: sandboxes, Docker daemons. */
export interface Kind {
  /** The name of the list. */
  readonly list: string;
  /** The lowest index that nobody uses; throws where there is none. */
  readonly free: (taken: ReadonlySet<number>, links: ReadonlySet<string>, networks: readonly string[]) => number;
  /** How an instance is removed, for people. */
  readonly remedy: (state: string) => string;
}

/** The index that a state folder has, or undefined where no instance was ever begun. */
export function indexOf(state: string): number | undefined {
  const file = join(state, 'instance.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { index: number }).index : undefined;
}

const folderOf = ({ list }: Kind): string => join(LOCK, list);
const claimFile = (kind: Kind, index: number): string => join(folderOf(kind), String(index));

function claims(kind: Kind): Map<number, string> {
  const folder = folderOf(kind);
  if (!existsSync(folder)) return new Map();
  return new Map(readdirSync(folder).map((index) => [Number(index), readlinkSync(join(folder, index))]));
}

/** The index of this state folder: the one it has, or a free one. Throws if its own was given away meanwhile. */
export function claim(state: string, kind: Kind): Promise<number> {
  return locked(LOCK, async () => {
    mkdirSync(folderOf(kind), { recursive: true });
    for (const [index, owner] of claims(kind)) {
      // Removed by hand, or made anew since: its claim is void.
      if (indexOf(owner) !== index) rmSync(claimFile(kind, index));
    }
    const taken = claims(kind);
    const own = indexOf(state);
    if (own !== undefined) {
      const owner = taken.get(own);
      if (owner !== undefined && owner !== state) {
        throw new Error(
          `${state}: its index ${own} now belongs to ${owner} (a restart of the host clears the list). ` +
            `Remove one of the two: ${kind.remedy(state)}, or ${kind.remedy(owner)}.`,
        );
      }
      if (owner === undefined) symlinkSync(state, claimFile(kind, own));
      return own;
    }
    const { links, networks } = await hostNetworks();
    const index = kind.free(new Set(taken.keys()), links, networks);
    mkdirSync(state, { recursive: true, mode: 0o700 });
    // In one go: half a file would be no sandbox, and nothing that may be removed either.
    writeFileSync(join(state, 'instance.json.new'), JSON.stringify({ index }));
    renameSync(join(state, 'instance.json.new'), join(state, 'instance.json'));
    symlinkSync(state, claimFile(kind, index));
    return index;
  });
}

/** Gives the index back; the list goes with its last entry. */
export function release(state: string, kind: Kind): Promise<void> {
  return locked(LOCK, () => {
    for (const [index, owner] of claims(kind)) if (owner === state) rmSync(claimFile(kind, index));
    if (existsSync(folderOf(kind)) && !readdirSync(folderOf(kind)).length) rmdirSync(folderOf(kind));
    return Promise.resolve();
  });
}
