/**
 * Which instance has which index. A state folder names its own in `instance.json`; the list of all of them lies in
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
import { freeIndex } from '../node/addresses.ts';
import { hostNetworks } from './link.ts';
import { locked } from './lock.ts';

const LOCK = '/run/lock';
const CLAIMS = join(LOCK, 'platform-sandbox');

/** The index that a state folder has, or undefined where no instance was ever begun. */
export function indexOf(state: string): number | undefined {
  const file = join(state, 'instance.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { index: number }).index : undefined;
}

function claims(): Map<number, string> {
  if (!existsSync(CLAIMS)) return new Map();
  return new Map(readdirSync(CLAIMS).map((index) => [Number(index), readlinkSync(join(CLAIMS, index))]));
}

const claimFile = (index: number): string => join(CLAIMS, String(index));

/** The index of this state folder: the one it has, or a free one. Throws if its own was given away meanwhile. */
export function claim(state: string): Promise<number> {
  return locked(LOCK, async () => {
    mkdirSync(CLAIMS, { recursive: true });
    for (const [index, owner] of claims()) {
      // Removed by hand, or made anew since: its claim is void.
      if (indexOf(owner) !== index) rmSync(claimFile(index));
    }
    const taken = claims();
    const own = indexOf(state);
    if (own !== undefined) {
      const owner = taken.get(own);
      if (owner !== undefined && owner !== state) {
        throw new Error(
          `${state}: its index ${own} now belongs to ${owner} (a restart of the host clears the list). ` +
            `Remove one of the two: \`make down\` here, or PLATFORM_SANDBOX=${owner} make down.`,
        );
      }
      if (owner === undefined) symlinkSync(state, claimFile(own));
      return own;
    }
    const { links, networks } = await hostNetworks();
    const index = freeIndex(new Set(taken.keys()), links, networks);
    mkdirSync(state, { recursive: true, mode: 0o700 });
    // In one go: half a file would be no sandbox, and nothing that may be removed either.
    writeFileSync(join(state, 'instance.json.new'), JSON.stringify({ index }));
    renameSync(join(state, 'instance.json.new'), join(state, 'instance.json'));
    symlinkSync(state, claimFile(index));
    return index;
  });
}

/** Gives the index back; the list goes with its last entry. */
export function release(state: string): Promise<void> {
  return locked(LOCK, () => {
    for (const [index, owner] of claims()) if (owner === state) rmSync(claimFile(index));
    if (existsSync(CLAIMS) && !readdirSync(CLAIMS).length) rmdirSync(CLAIMS);
    return Promise.resolve();
  });
}
