/**
 * The edge divides, request by request. What it should do stands in a ConfigMap, which its pods start with; pods that run are
 * told directly, because a mounted ConfigMap follows a minute late. The Services follow once a side has all of it, for clients
 * inside the cluster.
 */
import { dataOf, fromData, greens } from './buckets.ts';
import type { EdgePods } from './edge-pods.ts';
import type { Ground } from './ground.ts';
import type { Reader } from './pods.ts';
import { TOKEN, type Paths, type Side } from './record.ts';
import { LAG, pick, unpicked } from './traffic-service.ts';
import type { TrafficDriver } from './traffic.ts';

interface Split {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
}

/** Gives every pod of the edge what the ConfigMap says: one that started at the wrong moment, or was changed by hand. */
export async function tend(
  reader: Reader,
  at: Pick<Paths, 'split' | 'pods'>,
  edge: EdgePods,
  holder?: string,
): Promise<void> {
  const { metadata, data } = await reader.get<Split>(at.split);
  // Whoever took over says by now what holds.
  if (holder !== undefined && metadata.annotations?.[TOKEN] !== holder) return;
  await edge.settle(reader, at, fromData(data));
}

/** Milliseconds between looks at the edge while a run watches. */
const TENDED = 1000;

export function nginxSplit(ground: Ground, edge: EdgePods, lag = LAG): TrafficDriver {
  const { fence, at } = ground;
  let tended = 0;
  return {
    // Files count at the next request; only the Services take their time.
    lag: (weight) => (weight === 100 ? lag : 0),
    can: (weight) => Number.isInteger(weight) && weight >= 1 && weight <= 100,
    trouble: async () =>
      (await edge.isThere(fence, at)) ? undefined : 'no pod of the edge is ready, so nobody’s requests can be divided',
    share: async (side: Side, weight: number) => {
      const wanted = greens(side, weight);
      // Written even where it says so already: the pods may be told only by who holds the fence.
      await fence.change(at.split, [{ op: 'add', path: '/data', value: dataOf(wanted) }]);
      await Promise.all([edge.settle(fence, at, wanted), weight === 100 ? pick(ground, side) : undefined]);
    },
    missing: async (side, weight) => {
      const [here, there] = await Promise.all([
        edge.settle(fence, at, greens(side, weight)),
        weight === 100 ? unpicked(ground, side) : undefined,
      ]);
      return here ?? there;
    },
    tend: async () => {
      if (Date.now() - tended < TENDED) return;
      await tend(fence, at, edge, fence.token);
      tended = Date.now();
    },
  };
}
