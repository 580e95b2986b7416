/** What a campaign of kills came to, for people. Pure. */
import type { Killed } from './killing.ts';
import { PHASES, VICTIMS } from './plan-kills.ts';

const COLUMNS = [4, 10, 10, 16, 7, 14, 9, 16, 24, 24] as const;
const row = (cells: readonly string[]): string =>
  cells
    .map((cell, index) => cell.padEnd(COLUMNS[index] ?? 0))
    .join(' ')
    .trimEnd();

export const HEAD = row([
  ...['no', 'phase', 'found in', 'victim', 'bad', 'settled on', 'after', 'failed', 'one up', 'orphans'],
]);

export function line(killed: Killed): string {
  const { number, phase, found, how, bad, settledOn, settledAfter, sent, failed, ofBad, exposed, violated } = killed;
  const { converged, convergedIn, cancelled, towards, orphans, orphansEnded } = killed;
  const stay =
    orphans.length > 0 ? `${[...new Set(orphans)].join(', ')} stay idle` : `gone in ${orphansEnded.toFixed(1)} s`;
  const cells = row([
    ...[String(number), phase, found, how, bad, settledOn, `${settledAfter.toFixed(1)} s`],
    `${failed}/${sent}${ofBad > 0 ? ` (≤${exposed})` : ''}`,
    `${towards}: ${converged} ${convergedIn} s${cancelled ? ' cancel' : ''}`,
    killed.victim === 'engine' ? stay : '',
  ]);
  return [cells, ...violated.map((one) => `     VIOLATED: ${one}`)].join('\n');
}

const counted = (names: readonly string[], of: (name: string) => number): string =>
  names.map((name) => `${name} ${of(name)}`).join(', ');

export function totals(kills: readonly Killed[]): string[] {
  const sum = (of: (killed: Killed) => number): number => kills.reduce((all, one) => all + of(one), 0);
  const longest = (of: (killed: Killed) => number): string => Math.max(0, ...kills.map(of)).toFixed(1);
  const badOnes = kills.filter(({ bad }) => bad !== 'never');
  return [
    `${kills.length} kills by phase: ${counted(PHASES, (name) => kills.filter(({ phase }) => phase === name).length)}`,
    `by victim: ${counted(VICTIMS, (name) => kills.filter(({ victim }) => victim === name).length)}; ` +
      `found in another phase than meant: ${kills.filter(({ phase, found }) => phase !== found).length}`,
    `turned bad after the kill: ${kills.filter(({ bad }) => bad === 'after').length}, before it: ${badOnes.length - kills.filter(({ bad }) => bad === 'after').length}`,
    `settled without help after at most ${longest(({ settledAfter }) => settledAfter)} s; one up at most ${longest(({ convergedIn }) => convergedIn)} s, ` +
      `towards new ${kills.filter(({ towards }) => towards === 'new').length}, old ${kills.filter(({ towards }) => towards === 'old').length}; ` +
      `cancelled first: ${kills.filter(({ cancelled }) => cancelled).length}; state surgery: none`,
    `${sum(({ sent }) => sent)} requests, ${sum(({ failed }) => failed)} failed, of these ${sum(({ ofBad }) => ofBad)} by the bad version (at most ${sum(({ exposed }) => exposed)} could), ` +
      `${sum(({ failed, ofBad }) => failed - ofBad)} by a kill`,
    `violated claims: ${sum(({ violated }) => violated.length)}, in ${kills.filter(({ violated }) => violated.length > 0).length} kills`,
  ];
}
