/** `make report STACK=s [NAME=workload]`: the report of the last release, with its plot, from the record of the running cluster. */
import { join } from 'node:path';
import { reach, recordOf, releaseIn, REPORTS, writeReport } from '../../../components/release/index.ts';
import { requireStack, settingsOf } from '../engine/plan.ts';
import { stateOf } from '../engine/state.ts';
import { CHECKOUT } from '../host/paths.ts';

export default async function (args: readonly string[]): Promise<void> {
  const { STACK, NAME } = settingsOf(args, ['STACK', 'NAME']);
  const stack = requireStack(STACK);
  const { state } = await stateOf(stack);
  const release = releaseIn(state, stack, NAME);
  const record = await recordOf(await reach(release), release);
  const place = release.reports ?? { folder: REPORTS, stack };
  const file = writeReport(record, release.name, { ...place, folder: join(CHECKOUT, place.folder) });
  if (file === undefined)
    throw new Error(`${release.name}: the last run tried no version, so there is nothing to report`);
  process.stdout.write(`${file}\n`);
}
