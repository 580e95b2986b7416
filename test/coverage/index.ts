/** Which requirement shows where: the whole table, and what it leaves to later or to others. */
import { API } from './api.ts';
import { DATA } from './data.ts';
import { ENVIRONMENT } from './environment.ts';
import { GATES } from './gates.ts';
import file from './ids.json' with { type: 'json' };
import { NETWORK } from './network.ts';
import { RELEASES } from './release.ts';
import type { Row } from './rows.ts';
import { SECRETS } from './secrets.ts';
import { STANDALONE } from './standalone.ts';

export { LATER, OUTSIDE } from './later.ts';
export { World } from './world.ts';
export type { Row } from './rows.ts';

export const TABLE: readonly Row[] = [
  ...API,
  ...ENVIRONMENT,
  ...DATA,
  ...NETWORK,
  ...SECRETS,
  ...GATES,
  ...RELEASES,
  ...STANDALONE,
];

/** Every requirement with its kind: `R`, `G`, `T`, `P`, `F`, or two of them. */
export const REQUIREMENTS: Readonly<Record<string, string>> = file.ids;

/** Those that describe what has to be or to hold; procedures and facts do not. */
export const wanted = (): string[] => Object.keys(REQUIREMENTS).filter((id) => /[RGT]/.test(REQUIREMENTS[id]!));
