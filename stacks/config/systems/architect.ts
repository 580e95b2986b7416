/** The Architect Dashboard API (system B): its settings, group by group. */
import type * as z from 'zod/mini';
import { addons, api, kept, redis, release, smoke } from '../groups/architect.ts';
import { aws } from '../groups/aws.ts';
import { gates } from '../groups/gates.ts';
import { postgres } from '../groups/postgres.ts';
import { cluster, network, stack } from '../groups/site.ts';
import { group } from '../setting.ts';

export const SETTINGS = group({
  stack,
  aws,
  cluster,
  network,
  addons,
  kept,
  postgres,
  redis,
  api,
  release,
  gates,
  smoke,
});

/** All settings of a stack, checked and whole. */
export type Settings = z.output<typeof SETTINGS>;

/** People bring none to the program: what is secret is generated, or stays in the secrets manager. */
export const SECRET_KEYS = {} as const;
