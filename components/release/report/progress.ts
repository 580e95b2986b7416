/** The line that people follow while a release runs. Pure. */
import type { GateVerdict } from '../runner/analysis.ts';
import type { ReleaseRecord } from '../runner/record.ts';
import { phaseName, span } from './course.ts';

export interface Now {
  /** Left out where whoever writes the line names the workload. */
  readonly name?: string;
  readonly phase: string;
  /** How many steps the release has. */
  readonly steps: number;
  /** The new version's share of the traffic, in percent; nothing where nobody can tell, as in a rolling update. */
  readonly weight?: number;
  /** What the gates say so far. */
  readonly gates: readonly GateVerdict[];
  /** What is done while nothing is judged. @default 'nothing judged yet' */
  readonly says?: string;
  /** Milliseconds until the phase's window ends; while it is held, until the version fails. */
  readonly left?: number;
  /** Milliseconds for which the window has been over with something undecided; nothing while it is not over. */
  readonly held?: number;
  /** Milliseconds that the windows after this one take. */
  readonly after?: number;
}

/** Longer lines break on a terminal, and are hard to follow. */
const MOST_CHARACTERS = 160;

const count = (gates: readonly GateVerdict[], many: string): string =>
  `${gates.length} ${gates.length === 1 ? 'gate passes' : many}`;

/** The gates that do not pass come by name, with what they read; the others are counted. */
function verdicts(gates: readonly GateVerdict[], says: string): string {
  if (gates.length === 0) return says;
  const good = gates.filter(({ verdict }) => verdict === 'pass');
  const others = gates.filter(({ verdict }) => verdict !== 'pass');
  return [
    ...(good.length === 0 ? [] : [count(good, 'gates pass')]),
    ...others.map(({ gate, verdict, reading }) => `${gate} ${verdict} (${reading})`),
  ].join(', ');
}

function time({ left, held, after = 0 }: Pick<Now, 'left' | 'held' | 'after'>): string[] {
  if (left === undefined) return [];
  // How long it all takes nobody knows now: it may be decided at any moment.
  if (held !== undefined) return [`held for ${span(held)}, fails in ${span(left)}`];
  return [`${span(left)} left${after === 0 ? '' : `, ${span(left + after)} in all`}`];
}

/** `api: step 2 of 3, 50 % of the traffic; 4 gates pass; 12 s left, 1 min 12 s in all` */
export function progressLine({ name, phase, steps, weight, gates, says, ...when }: Now): string {
  const where = [phaseName(phase, steps), ...(weight === undefined ? [] : [`${weight} % of the traffic`])].join(', ');
  // The time stands before the verdicts' details are cut, not after.
  const [head, tail] = [
    `${name === undefined ? '' : `${name}: `}${where}; `,
    time(when)
      .map((text) => `; ${text}`)
      .join(''),
  ];
  const room = MOST_CHARACTERS - head.length - tail.length;
  const said = verdicts(gates, says ?? 'nothing judged yet').replace(/\s+/g, ' ');
  return head + (said.length <= room ? said : `${said.slice(0, Math.max(0, room - 1))}…`) + tail;
}

/** Where a run is, from its record. */
export function told({ phase, progress, order, good }: ReleaseRecord): string {
  const steps = order?.steps ?? [];
  if (progress?.phase !== phase || order === undefined) return phaseName(phase, steps.length);
  const { weight, gates = [], says, until, held, at } = progress;
  const known = order.strategy !== 'rolling' && good !== undefined;
  // By the runner's own clock: the one here may be another.
  const left = until === undefined ? undefined : until - at;
  return progressLine({
    ...{ phase, steps: steps.length, gates, says, ...(known && { weight }) },
    ...(left !== undefined && { left, after: windowsAfter(phase, order) }),
    ...(held !== undefined && { held }),
  });
}

/** What the windows behind a phase take, in milliseconds. */
function windowsAfter(phase: string, { steps, rules }: NonNullable<ReleaseRecord['order']>): number {
  const step = /^step-(\d+)$/.exec(phase)?.[1];
  if (phase !== 'candidate' && step === undefined) return 0;
  const behind = steps.slice(step === undefined ? 0 : Number(step) + 1);
  return behind.reduce((sum, { window }) => sum + window, rules.soak);
}
