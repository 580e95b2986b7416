/** How traffic is divided between the two sides: one driver for each thing that can divide it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fence } from './fence.ts';
import { SIDE, sideName, type Paths, type Side } from './record.ts';
import { livePods } from './watch.ts';

/**
 * What divides the traffic. Every call is safe to repeat: a runner that takes over makes it again.
 *
 * A driver for weights (NGINX, Gateway API) writes them and waits until every edge has them.
 */
export interface TrafficDriver {
  /** Whether a side can be given this share, in percent. */
  can(weight: number): boolean;
  /** Asks for that share for the side, and the rest for the other one. */
  share(side: Side, weight: number): Promise<void>;
  /** Whether traffic really goes so, as far as can be seen. */
  arrived(side: Side, weight: number): Promise<boolean>;
  /** Milliseconds from then on until the last part of the way follows, which nobody reports. */
  readonly lag: number;
}

export interface Ground {
  readonly fence: Fence;
  readonly at: Paths;
  readonly name: string;
  /** What the pods of both sides have in common. */
  readonly labels: Readonly<Record<string, string>>;
}

interface Service {
  readonly spec: { readonly selector?: Readonly<Record<string, string>> };
}

interface Slices {
  readonly items: readonly {
    readonly endpoints?: readonly {
      readonly conditions?: { readonly ready?: boolean };
      readonly targetRef?: { readonly name: string };
    }[];
  }[];
}

/** All or nothing: the Service picks the pods of one side. Connections that are open stay where they are. */
export function serviceSelector({ fence, at, name, labels }: Ground, lag = 1000): TrafficDriver {
  const whole = (weight: number): boolean => weight === 100;
  return {
    lag,
    can: whole,
    share: async (side, weight) => {
      if (!whole(weight)) throw new Error(`a Service cannot give ${weight} % of the traffic to one side`);
      const { spec } = await fence.get<Service>(at.service);
      if (spec.selector?.[SIDE] === side && sameKeys(spec.selector, labels)) return;
      // The selector is one field to the API server: replaced as a whole, or not at all.
      await fence.change(at.service, [{ op: 'replace', path: '/spec/selector', value: { ...labels, [SIDE]: side } }]);
    },
    arrived: async (side) => {
      const query = new URLSearchParams({ labelSelector: `kubernetes.io/service-name=${name}` });
      const { items } = await fence.get<Slices>(`${at.slices}?${query.toString()}`);
      const endpoints = items.flatMap(({ endpoints: some }) => some ?? []);
      const own = new Set(
        (await livePods(fence, at, { ...labels, [SIDE]: side })).map(({ metadata }) => metadata.name),
      );
      return (
        endpoints.some(({ conditions }) => conditions?.ready === true) &&
        endpoints.every(({ targetRef }) => own.has(targetRef?.name ?? ''))
      );
    },
  };
}

/** Whether nothing but the side stands beside the labels. */
const sameKeys = (selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean =>
  Object.keys(selector).length === Object.keys(labels).length + 1 &&
  Object.entries(labels).every(([key, value]) => selector[key] === value);

/** Waits until traffic goes where it should, calling `between` at each look. */
export async function arrival(
  driver: TrafficDriver,
  side: Side,
  weight: number,
  pause: number,
  between: () => Promise<void>,
): Promise<void> {
  while (!(await driver.arrived(side, weight))) {
    await between();
    await sleep(pause);
  }
  await sleep(driver.lag);
}

/** How a side is called in messages. */
export const called = (name: string, side: Side): string => `deployment ${sideName(name, side)}`;
