/** Writes the report of a workload's last release, with its plot beside it, from what its record holds. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReleaseRecord } from '../runner/record.ts';
import type { Course } from './course.ts';
import { markdown } from './markdown.ts';
import { plot } from './plot.ts';

/** Where reports lie, from the program's directory (ours: no document says where). */
export const REPORTS = 'reports/releases';

export interface Place {
  /** From the directory of Pulumi.yaml, which is where the engine runs program and providers: {@link REPORTS}. */
  readonly folder: string;
  readonly stack: string;
}

/** What the record tells of the last run; nothing where it tried no version. */
export function courseOf(record: ReleaseRecord, name: string, stack: string): Course | undefined {
  const { outcome, order, course, good, history } = record;
  if (outcome === undefined || order?.mode !== 'release' || order.digest !== outcome.digest) return undefined;
  const { verdict, digest, reasons, epoch, endedAt } = outcome;
  const known = course?.epoch === epoch ? course : undefined;
  // Only the number of pods was another.
  if (known?.stages.length && known.stages.every(({ phase }) => phase === 'scale')) return undefined;
  // A runner that was killed may have left no stage behind.
  const stages = known?.stages.length
    ? known.stages
    : [{ phase: 'ordered', from: known?.began ?? order.startedAt, to: Date.parse(endedAt), gates: [] }];
  // Somebody went back on purpose: the gates have nothing to say about why.
  const why = verdict === 'promoted' ? (order.leaves?.reasons ?? reasons) : reasons;
  const before = verdict === 'promoted' ? history.findLast((past) => past.digest !== digest)?.digest : good?.digest;
  return {
    ...{ name, stack, strategy: order.strategy, digest, ...(before !== undefined && { before }) },
    ...{ verdict, reasons: why, stages, points: known?.points ?? [] },
  };
}

/** The file of a run's report, from the program's directory. */
export const reportFile = ({ folder, stack }: Place, name: string, epoch: number): string =>
  join(folder, stack, `${name}-${epoch}.md`);

/** @returns the report's file; nothing where no version was tried. @throws when it cannot be written */
export function writeReport(record: ReleaseRecord, name: string, place: Place): string | undefined {
  const course = courseOf(record, name, place.stack);
  if (course === undefined) return undefined;
  const { epoch } = record.outcome!;
  const file = reportFile(place, name, epoch);
  mkdirSync(join(place.folder, place.stack), { recursive: true });
  const { errors } = record.order!.rules.analysis;
  writeFileSync(file.replace(/md$/, 'svg'), plot(course, { errors: errors.most }));
  writeFileSync(file, markdown(course, `${name}-${epoch}.svg`));
  return file;
}
