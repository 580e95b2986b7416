/**
 * How traffic is divided between the two sides: what every driver does. Each driver has a file of its own, `traffic-<driver>.ts`;
 * `drivers.ts` picks one.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Breach } from './ground.ts';
import { sidesOf, type Paths, type Side } from './record.ts';

/** Where an edge takes the shares. */
export interface EdgeDoor {
  /** What picks the edge's pods. */
  readonly labels: Readonly<Record<string, string>>;
  /** The pods' port for it. */
  readonly port: number;
}

/** What the traffic of a workload comes through. Travels to the runner in its environment, to the host in its inputs. */
export type Traffic = {
  /** Services beside the workload's own that lead to the same pods, by name: their selectors move along with it. */
  readonly followers?: readonly string[];
  /**
   * Whether there is one Deployment, under the workload's own name, and no second side: nothing is ever divided. For `rolling`.
   * @default false
   */
  readonly alone?: boolean;
} & (
  | { /** The Service's selector, all or nothing. */ readonly driver: 'service' }
  | { /** Shares of the edge, request by request. */ readonly driver: 'nginx'; readonly edge: EdgeDoor }
  | { /** Weights of an HTTPRoute, by its name. */ readonly driver: 'gateway'; readonly route: string }
);

/** The Service alone. */
export const SERVICE: Traffic = { driver: 'service' };

/** The workload's Service, and all that follow it. */
export const servicesOf = (at: Paths, { followers = [] }: Traffic): readonly string[] => [
  at.service,
  ...followers.map((name) => `${at.services}/${name}`),
];

/** Every object by which traffic is divided: a run has to hold them all. */
export const objectsOf = (at: Paths, traffic: Traffic): readonly string[] => [
  ...servicesOf(at, traffic),
  ...(traffic.driver === 'nginx' ? [at.split] : []),
  ...(traffic.driver === 'gateway' ? [`${at.routes}/${traffic.route}`] : []),
];

/** And with them the Deployments, without which no runner can begin anything. */
export const heldOf = (at: Paths, traffic: Traffic): readonly string[] => [
  ...objectsOf(at, traffic),
  ...sidesOf(traffic.alone).map((side) => at[side]),
];

/** What divides the traffic. Every call is safe to repeat: a runner that takes over makes it again. */
export interface TrafficDriver {
  /** Whether a side can be given this share, in percent. */
  can(weight: number): boolean;
  /** Why nothing could be moved now; nothing where it can. Asked before a version that replaces another is begun. */
  trouble(): Promise<string | undefined>;
  /** Asks for that share for the side, and the rest for the other one. */
  share(side: Side, weight: number): Promise<void>;
  /** What is missing until traffic really goes so, as far as can be seen; nothing once it does. */
  missing(side: Side, weight: number): Promise<string | undefined>;
  /** Puts right what has come or changed since, without moving anything. */
  tend(): Promise<void>;
  /** Milliseconds from then on until the last part of the way follows, which nobody reports. */
  lag(weight: number): number;
}

/** How traffic is waited for. Milliseconds. */
export interface Arrival {
  readonly pause: number;
  readonly limit: number;
  /** Called at each look with what is missing; what it throws ends the wait. */
  readonly between: (missing: string) => Promise<void>;
  /** Passes the time between looks; may come back sooner. @default nothing happens meanwhile */
  readonly nap?: (longest: number) => Promise<void>;
}

/**
 * Waits until traffic goes where it should. Users may be there before that can be told: it is looked at until the end.
 *
 * @throws Breach when it does not in time
 */
export async function arrival(
  driver: TrafficDriver,
  side: Side,
  weight: number,
  { pause, limit, between, nap = (ms) => sleep(ms) }: Arrival,
): Promise<void> {
  for (const end = Date.now() + limit; ;) {
    const missing = await driver.missing(side, weight);
    if (missing === undefined) break;
    await between(missing);
    if (Date.now() > end) {
      throw new Breach('error', [`traffic: ${missing}; wanted ${weight} % on ${side} in ${limit / 1000} s`]);
    }
    await nap(pause);
  }
  const lag = driver.lag(weight);
  for (const end = Date.now() + lag; Date.now() < end;) {
    await between(`what nobody reports, which takes ${lag} ms`);
    await nap(Math.min(pause, Math.max(0, end - Date.now())));
  }
}
