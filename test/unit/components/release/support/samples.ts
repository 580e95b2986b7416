/** Samples as a runner would take them, for tests of what is judged from them. */
import {
  RULES,
  type GateVerdict,
  type HttpSample,
  type Judgement,
  type Rules,
  type Sample,
  type Scene,
} from '../../../../../components/release/runner/analysis.ts';

/** When every window here begins. */
export const BEGIN = 1_700_000_000_000;
export const PODS = ['web-a', 'web-b'];
export const SCENE: Scene = { now: BEGIN + 30_000, pods: PODS, paths: ['/health'] };

/** Only what does not depend on metrics, databases and restarts: those have tests of their own. */
export const BARE: Rules = { ...RULES, database: null, restarts: null };

interface Shape {
  readonly side?: 'candidate' | 'stable';
  readonly pods?: readonly string[];
  readonly path?: string;
  /** Milliseconds from the first to the last. */
  readonly from?: number;
  readonly to?: number;
  readonly every?: number;
  readonly ok?: (index: number, at: number) => boolean;
  readonly latency?: (index: number, at: number) => number;
}

/** One request of each pod each 100 ms for 30 s, all of them good and of 20 ms, unless said otherwise. */
export function requests(shape: Shape = {}): HttpSample[] {
  const { side = 'candidate', path = '/health', from = 0, to = 30_000, every = 100 } = shape;
  const { pods = side === 'stable' ? ['old-a', 'old-b'] : PODS, ok = () => true, latency = () => 20 } = shape;
  const moments = Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, i) => from + i * every);
  return moments
    .flatMap((moment) => pods.map((pod) => ({ moment, pod })))
    .map(({ moment, pod }, index) => {
      const good = ok(index, moment);
      return {
        ...({ kind: 'http', at: BEGIN + moment, side, pod, path, ok: good } as const),
        ...{ latency: latency(index, moment), seen: good ? 'HTTP 200' : 'HTTP 500' },
      };
    });
}

/** Both sides healthy, at the same time. */
export const healthy = (): Sample[] => [...requests(), ...requests({ side: 'stable' })];

/** The verdict of one gate. Throws where there is no such gate: a test must not pass because nobody judged. */
export function verdictOf(judgement: Judgement, gate: string): GateVerdict {
  const found = judgement.gates.find((one) => one.gate === gate);
  if (!found) throw new Error(`no gate "${gate}" among ${judgement.gates.map((one) => one.gate).join(', ')}`);
  return found;
}
