/**
 * How traffic is divided between the two sides: what every driver does. Each driver has a file of its own, `traffic-<driver>.ts`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fence } from './fence.ts';
import type { Paths, Side } from './record.ts';

/** What the traffic of a workload comes through. Travels to the runner in its environment, to the host in its inputs. */
export interface Traffic {
  /** `service`: the Service's selector, all or nothing. `nginx`: weights of the edge. `gateway`: weights of an HTTPRoute. */
  readonly driver: 'service' | 'nginx' | 'gateway';
  /** Services beside the workload's own that lead to the same pods, by name: their selectors move along with it. */
  readonly followers?: readonly string[];
}

/** The Service alone. */
export const SERVICE: Traffic = { driver: 'service' };

/** The workload's Service, and all that follow it. */
export const servicesOf = (at: Paths, { followers = [] }: Traffic): readonly string[] => [
  at.service,
  ...followers.map((name) => `${at.services}/${name}`),
];

/** Every object by which traffic is divided: a run has to hold them all. */
export const objectsOf = (at: Paths, traffic: Traffic): readonly string[] => servicesOf(at, traffic);

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
  readonly traffic: Traffic;
}

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
