/** `make report STACK=s [NAME=workload]`: the report of the last release, with its plot, from the record of the running cluster. */
import { join } from 'node:path';
import { reach, recordOf, releaseIn, REPORTS, writeReport } from '../../../components/release/index.ts';
import { requireStack } from '../engine/plan.ts';
import { deployedEnv, exported } from '../engine/state.ts';
import { CHECKOUT } from '../host/paths.ts';
import { settingsOf } from '../settings.ts';

/**
 * @param at.project the folder of Pulumi.yaml
 * @param at.env in which the engine reads the stack. KUBECONFIG in it is this process's too
 * @returns the report's file
 * @throws when no version was tried yet
 */
export async function lastReport(
  stack: string,
  at: { readonly project: string; readonly env: Record<string, string> },
  name?: string,
): Promise<string> {
  const release = releaseIn(await exported(at.env, stack, at.project), stack, name);
  const record = await recordOf(await reach(release), release);
  const place = release.reports ?? { folder: REPORTS, stack };
  const file = writeReport(record, release.name, { ...place, folder: join(at.project, place.folder) });
  if (file !== undefined) return file;
  throw new Error(`${release.name}: the last run tried no version, so there is nothing to report`);
}

export default async function (args: readonly string[]): Promise<void> {
  const { STACK, NAME } = settingsOf(args, ['STACK', 'NAME']);
  const stack = requireStack(STACK);
  const env = await deployedEnv(stack);
  process.stdout.write(`${await lastReport(stack, { project: CHECKOUT, env }, NAME)}\n`);
}
