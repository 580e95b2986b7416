/** What the engine would refuse to delete. */
import type * as pulumi from '@pulumi/pulumi';
import { carrying, planned } from '../../support/mocks.ts';

/** Names of the resources that `build` protects, in order. */
export async function protectedIn(build: (options: pulumi.ComponentResourceOptions) => unknown): Promise<string[]> {
  const { found, options } = carrying('protect');
  await planned(() => build(options));
  return found.toSorted();
}
