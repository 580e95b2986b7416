/** The stacks of this tree: one for each `Pulumi.<stack>.yaml`. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../../../infra/sandbox/host/paths.ts';

export const stacks = (): string[] =>
  globSync('Pulumi.*.yaml', { cwd: CHECKOUT })
    .map((file) => file.split('.')[1]!)
    .toSorted();

/** Those of them that run in a cluster; the others run on a Docker host. */
export const clusterStacks = (): string[] =>
  stacks().filter((stack) =>
    /^ {2}platform:cluster:/m.test(readFileSync(join(CHECKOUT, `Pulumi.${stack}.yaml`), 'utf8')),
  );
