/** Which phases a run has, and where. It follows from the record alone, so whoever takes over finds the same. Pure. */
import { otherSide, type Order, type Phase, type ReleaseRecord, type Side } from './record.ts';

/** Where the ordered version is brought. */
export const sideOf = ({ good }: ReleaseRecord, { strategy }: Order): Side =>
  good === undefined ? 'blue' : strategy === 'rolling' ? good.side : otherSide(good.side);

/** Whether the version was live just before, and still stands where it was. */
export const returns = ({ kept }: ReleaseRecord, order: Order): boolean =>
  kept?.digest === order.digest && order.strategy !== 'rolling';

/** The phases of an order, in their order. The same from the first to the last write of a run. */
export function phasesOf(record: ReleaseRecord, order: Order): readonly Phase[] {
  if (record.good?.digest === order.digest) return ['scale'];
  if (record.good === undefined || order.strategy === 'rolling') return ['roll', 'soak', 'swap'];
  if (returns(record, order)) return ['candidate', 'step-0', 'swap'];
  return ['candidate', ...order.steps.map((_, index): Phase => `step-${index}`), 'soak', 'swap'];
}

/** The new version's share of the traffic in a phase, in percent; of a rolling one nobody can tell. */
export function weightIn(phase: Phase, { steps }: Order): number {
  const index = /^step-(\d+)$/.exec(phase)?.[1];
  if (index !== undefined) return steps[Number(index)]?.weight ?? 100;
  return phase === 'soak' || phase === 'swap' ? 100 : 0;
}
