/** The line that people follow while a release runs. Pure. */
import type { GateVerdict } from '../runner/analysis.ts';
import { phaseName, span } from './course.ts';

export interface Now {
  readonly name: string;
  readonly phase: string;
  /** How many steps the release has. */
  readonly steps: number;
  /** The new version's share of the traffic, in percent; nothing where nobody can tell, as in a rolling update. */
  readonly weight?: number;
  /** What the gates say so far. */
  readonly gates: readonly GateVerdict[];
  /** Milliseconds until the phase's window ends; below zero while it is held. */
  readonly left?: number;
  /** Milliseconds that the windows after this one take. */
  readonly after?: number;
}

/** Longer lines break on a terminal, and are hard to follow. */
const MOST_CHARACTERS = 160;

const count = (gates: readonly GateVerdict[], many: string): string =>
  `${gates.length} ${gates.length === 1 ? 'gate passes' : many}`;

/** The gates that do not pass come by name, with what they read; the others are counted. */
function verdicts(gates: readonly GateVerdict[]): string {
  if (gates.length === 0) return 'nothing judged yet';
  const good = gates.filter(({ verdict }) => verdict === 'pass');
  const others = gates.filter(({ verdict }) => verdict !== 'pass');
  return [
    ...(good.length === 0 ? [] : [count(good, 'gates pass')]),
    ...others.map(({ gate, verdict, reading }) => `${gate} ${verdict} (${reading})`),
  ].join(', ');
}

function time(left: number | undefined, after: number | undefined): string[] {
  if (left === undefined) return [];
  const rest = after === undefined || after === 0 ? '' : `, ${span(Math.max(0, left) + after)} in all`;
  return [left < 0 ? `held for ${span(-left)}${rest}` : `${span(left)} left${rest}`];
}

/** `api: step 2 of 3, 50 % of the traffic; 4 gates pass; 12 s left, 1 min 12 s in all` */
export function progressLine({ name, phase, steps, weight, gates, left, after }: Now): string {
  const where = [phaseName(phase, steps), ...(weight === undefined ? [] : [`${weight} % of the traffic`])].join(', ');
  // The time stands before the verdicts' details are cut, not after.
  const [head, tail] = [
    `${name}: ${where}; `,
    time(left, after)
      .map((text) => `; ${text}`)
      .join(''),
  ];
  const room = MOST_CHARACTERS - head.length - tail.length;
  const said = verdicts(gates).replace(/\s+/g, ' ');
  return head + (said.length <= room ? said : `${said.slice(0, Math.max(0, room - 1))}…`) + tail;
}
