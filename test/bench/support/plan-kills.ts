/** Which kills a campaign has: every phase, every victim, the version turning bad after the kill in a third of them. Pure. */
import { Chance } from './random.ts';

export const VICTIMS = ['engine', 'language host', 'provider host', 'runner'] as const;
export type Victim = (typeof VICTIMS)[number];

/** In the order of a release. The first three stand before its order, in a program that has stores. */
export const PHASES = [
  ...['prepare', 'backup', 'migration', 'candidate', 'step-0', 'step-1', 'step-2', 'soak', 'swap', 'undo'],
] as const;
export const BEFORE: readonly string[] = ['prepare', 'backup', 'migration'];

export interface Kill {
  readonly number: number;
  readonly phase: string;
  readonly victim: Victim;
  /** When the version turns bad. In the phase `undo` it is what the undo is for. */
  readonly bad: 'never' | 'after' | 'before';
  /** What the one `up` after it wants. */
  readonly towards: 'new' | 'old';
}

/** Where nobody judges the version any more, or nobody has ordered it: its turning bad would show nothing. */
const mayTurn = (phase: string, victim: Victim): boolean =>
  phase !== 'swap' && phase !== 'undo' && (!BEFORE.includes(phase) || victim === 'runner');

/** The phases in turn, so that each has its share, whatever the count; those before the order last, in a stack of their own. */
export function planKills(count: number, seed: number): Kill[] {
  const chance = new Chance(seed);
  const victims = new Map(PHASES.map((phase) => [phase, chance.shuffled(VICTIMS)]));
  const drawn = Array.from({ length: count }, (_, at) => {
    const phase = PHASES[at % PHASES.length]!;
    return { phase, victim: victims.get(phase)![Math.floor(at / PHASES.length) % VICTIMS.length]! };
  });
  const able = chance.shuffled(drawn.filter(({ phase, victim }) => mayTurn(phase, victim)));
  const turning = new Set(able.slice(0, Math.ceil(count / 3)));
  const inOrder = [
    ...chance.shuffled(drawn.filter(({ phase }) => !BEFORE.includes(phase))),
    ...drawn.filter(({ phase }) => BEFORE.includes(phase)),
  ];
  return inOrder.map((one, at) => ({
    ...{
      number: at + 1,
      phase: one.phase,
      victim: one.victim,
      towards: at % 2 === 0 ? ('new' as const) : ('old' as const),
    },
    bad: one.phase === 'undo' ? 'before' : turning.has(one) ? 'after' : 'never',
  }));
}
