/**
 * A Gateway divides, by the weights of an HTTPRoute that holds nothing but this split. The Services follow once a side has all
 * of it, for clients inside the cluster.
 */
import type { Ground } from './ground.ts';
import { sideName, SIDES, type Operation, type Side } from './record.ts';
import { LAG, pick, unpicked } from './traffic-service.ts';
import type { TrafficDriver } from './traffic.ts';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly observedGeneration?: number;
  readonly message?: string;
}

export interface Route {
  readonly metadata: { readonly generation: number };
  readonly spec: {
    readonly rules?: readonly {
      readonly backendRefs?: readonly { readonly name: string; readonly weight?: number }[];
    }[];
  };
  readonly status?: { readonly parents?: readonly { readonly conditions?: readonly Condition[] }[] };
}

/** The shares of both sides. */
const weights = (side: Side, weight: number): Readonly<Record<Side, number>> =>
  side === 'green' ? { green: weight, blue: 100 - weight } : { blue: weight, green: 100 - weight };

/** The operations that give each side's backends their weight, in every rule. */
export function weighed({ spec }: Route, name: string, side: Side, weight: number): Operation[] {
  const wanted = weights(side, weight);
  return (spec.rules ?? []).flatMap(({ backendRefs = [] }, rule) =>
    backendRefs.flatMap((backend, index) => {
      const own = SIDES.find((one) => sideName(name, one) === backend.name);
      const path = `/spec/rules/${rule}/backendRefs/${index}/weight`;
      return own === undefined ? [] : [{ op: 'add' as const, path, value: wanted[own] }];
    }),
  );
}

/** What the route gives instead of that share; nothing where it gives it. */
export function otherwise({ spec }: Route, name: string, side: Side, weight: number): string | undefined {
  const wanted = weights(side, weight);
  for (const { backendRefs = [] } of spec.rules ?? []) {
    for (const one of SIDES) {
      const has = backendRefs.find((backend) => backend.name === sideName(name, one))?.weight ?? 1;
      if (has !== wanted[one]) return `the HTTPRoute gives ${has} % to ${one}`;
    }
  }
  return undefined;
}

/** Why a controller has not taken the route as it stands; nothing where all of them have. */
export function unaccepted({ metadata, status }: Route): string | undefined {
  const parents = status?.parents ?? [];
  if (parents.length === 0) return 'no Gateway has taken the route';
  for (const type of ['Accepted', 'ResolvedRefs']) {
    for (const { conditions = [] } of parents) {
      const found = conditions.find((condition) => condition.type === type);
      if ((found?.observedGeneration ?? 0) < metadata.generation)
        return `a Gateway has not looked at the route yet (${type})`;
      if (found?.status !== 'True')
        return `a Gateway says ${type}=${found?.status ?? 'nothing'}: ${found?.message ?? ''}`;
    }
  }
  return undefined;
}

export function gatewayRoute(ground: Ground, route: string, lag = LAG): TrafficDriver {
  const { fence, at, name } = ground;
  const path = `${at.routes}/${route}`;
  const read = (): Promise<Route> => fence.get<Route>(path);
  const asks = (found: Route): boolean => {
    const sides = weighed(found, name, 'blue', 0).length;
    return sides > 0 && sides % SIDES.length === 0;
  };
  return {
    lag: () => lag,
    can: (weight) => Number.isInteger(weight) && weight >= 1 && weight <= 100,
    trouble: async () => {
      const found = await read();
      if (asks(found)) return unaccepted(found);
      return `the HTTPRoute ${route} does not lead to ${SIDES.map((side) => sideName(name, side)).join(' and ')}`;
    },
    share: async (side, weight) => {
      await fence.change(path, weighed(await read(), name, side, weight));
      if (weight === 100) await pick(ground, side);
    },
    missing: async (side, weight) => {
      const found = await read();
      const other = otherwise(found, name, side, weight);
      if (other !== undefined) return other;
      return unaccepted(found) ?? (weight === 100 ? unpicked(ground, side) : undefined);
    },
    tend: () => Promise.resolve(),
  };
}
