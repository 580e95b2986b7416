/** The stacks of this tree: one for each `Pulumi.<stack>.yaml`. */
import { globSync } from 'node:fs';
import { CHECKOUT } from '../../../infra/sandbox/host/paths.ts';

export const stacks = (): string[] =>
  globSync('Pulumi.*.yaml', { cwd: CHECKOUT })
    .map((file) => file.split('.')[1]!)
    .toSorted();
