/** The plot of a release: the new version's share of the traffic, failed requests and latency of both versions. Pure. */
import type { Side } from '../runner/samples.ts';
import { began, ended, phaseName, type Course } from './course.ts';
import { chart, type Line } from './svg.ts';

/** Told apart by everybody, and by their dashes in print. */
const LOOK: Readonly<Record<Side, Pick<Line, 'label' | 'colour' | 'dashed'>>> = {
  candidate: { label: 'new version', colour: '#d55e00' },
  stable: { label: 'stable', colour: '#0072b2', dashed: true },
};

export interface Limits {
  /** The share of failed requests that is still good. */
  readonly errors: number;
}

/** @param width milliseconds of one point, as the points were made */
export function plot(course: Course, { errors }: Limits, width = 2000): string {
  const { points, stages, name, digest, verdict } = course;
  const start = began(course);
  const seconds = Math.max(1, (ended(course) - start) / 1000);
  const since = (ms: number): number => Math.min(seconds, Math.max(0, (ms - start) / 1000));

  /** A line for each side, interrupted where nothing was asked. */
  const lines = (value: (point: Course['points'][number]) => number | undefined): Line[] =>
    (['candidate', 'stable'] as const).map((side) => {
      const own = points.filter((point) => point.side === side);
      const values = own.flatMap((point, index): (readonly [number, number | undefined])[] => {
        const previous = own[index - 1];
        const gap = previous !== undefined && point.at - previous.at > width;
        const here = [since(point.at + width / 2), value(point)] as const;
        return gap ? [[since(previous.at + width), undefined], here] : [here];
      });
      return { ...LOOK[side], values };
    });
  const weights = stages.flatMap(({ from, to, weight }) => [
    [since(from), weight] as const,
    [since(to), weight] as const,
  ]);
  const steps = stages.filter(({ phase }) => phase.startsWith('step-')).length;
  return chart({
    title: `${name}: release ${digest.slice(0, 12)} ${verdict}`,
    description: `Share of the traffic, failed requests and latency over ${Math.round(seconds)} s, in ${stages.length} stages.`,
    seconds,
    panels: [
      {
        ...{ title: 'Share of the traffic', unit: ' %', least: 100 },
        lines: [{ label: 'new version', colour: LOOK.candidate.colour, stepped: true, values: weights }],
      },
      {
        ...{ title: 'Failed requests', unit: ' %', least: errors * 200, limit: errors * 100 },
        lines: lines(({ failed, requests }) => (failed / requests) * 100),
      },
      {
        ...{ title: 'Latency, 95th percentile', unit: ' ms', least: 10 },
        lines: lines(({ p95 }) => p95 ?? undefined),
      },
    ],
    marks: stages.map(({ phase, from }) => ({ x: since(from), label: phaseName(phase, steps) })),
  });
}
