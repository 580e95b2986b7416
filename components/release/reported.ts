/** The report of a release once its run is settled. It tells of a release and decides nothing: without one, all is as it was. */
import { existsSync } from 'node:fs';
import type { Reach, ReleaseInputs } from './host.ts';
import { reportFile, writeReport } from './report/index.ts';
import type { ReleaseRecord } from './runner/record.ts';

/** Writes it and says where; says so, where it cannot be written. */
export function reported({ log }: Reach, { name, reports }: ReleaseInputs, record: ReleaseRecord): void {
  if (reports === undefined) return;
  try {
    const file = writeReport(record, name, reports);
    if (file !== undefined) log(`report: ${file}`);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    log(`its report could not be written, and the release does not depend on it: ${why}. To have it: make report`);
  }
}

/** For a run that ended when no engine was there any more, whatever its end. */
export function reportedLate(way: Reach, inputs: ReleaseInputs, record: ReleaseRecord): void {
  const { reports, name } = inputs;
  const epoch = record.outcome?.epoch;
  if (
    record.phase !== 'settled' ||
    reports === undefined ||
    epoch === undefined ||
    existsSync(reportFile(reports, name, epoch))
  )
    return;
  reported(way, inputs, record);
}
