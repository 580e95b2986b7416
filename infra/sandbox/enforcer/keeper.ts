/** Keeps what is in force in step with what is watched: one write for a burst of changes, none for a change of no effect. */
import { setTimeout as sleep } from 'node:timers/promises';
import { compile } from './compile.ts';
import type { Namespace, NetworkPolicy, Pod } from './objects.ts';
import type { Status } from './status.ts';
import type { Watch } from './watch.ts';

export interface Watches {
  readonly pods: Watch<Pod>;
  readonly namespaces: Watch<Namespace>;
  readonly networkpolicies: Watch<NetworkPolicy>;
}

/** Each with its name in the API. */
export const named = ({ pods, namespaces, networkpolicies }: Watches) =>
  [
    ['pods', pods],
    ['namespaces', namespaces],
    ['networkpolicies', networkpolicies],
  ] as const;

export interface Effects {
  readonly load: (text: string) => Promise<void>;
  readonly inForce: () => Promise<boolean>;
  readonly report: (status: Status) => void;
  readonly log: (event: string, more?: object) => void;
}

/** Milliseconds: how long changes are gathered, and how long until a refused table is tried again. */
const GATHER = 10;
const AGAIN = 1000;

export class Keeper {
  readonly #range: string;
  readonly #watches: () => Watches;
  readonly #effects: Effects;
  #text = '';
  #applied: Status['applied'];
  #refused: string | undefined;
  #lost: Status['lost'] = {};
  #wanted = false;
  #working = false;

  constructor(range: string, watches: () => Watches, effects: Effects) {
    this.#range = range;
    this.#watches = watches;
    this.#effects = effects;
  }

  /** Something watched has changed. Returns at once. */
  changed(): void {
    this.#wanted = true;
    if (!this.#working) void this.#work();
  }

  /** Says that the enforcer lives, and puts the table back if somebody took it away. */
  async beat(): Promise<void> {
    if (this.#text && !this.#working && !(await this.#effects.inForce())) {
      this.#effects.log('table-gone');
      this.#text = '';
      this.changed();
    }
    this.#report();
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#wanted) {
      await sleep(GATHER);
      this.#wanted = false;
      try {
        await this.#apply();
        this.#refused = undefined;
      } catch (error) {
        this.#refused = String(error);
        this.#effects.log('refused', { error: this.#refused });
        this.#report();
        await sleep(AGAIN);
        this.#wanted = true;
      }
    }
    this.#working = false;
    this.#report();
  }

  async #apply(): Promise<void> {
    const { pods, namespaces, networkpolicies } = this.#watches();
    // Never by half a picture: without its labels a namespace is selected by nobody, without its policies a pod is open.
    if (!pods.objects || !namespaces.objects || !networkpolicies.objects) return;
    const began = performance.now();
    const world = {
      pods: [...pods.objects.values()],
      namespaces: [...namespaces.objects.values()],
      policies: [...networkpolicies.objects.values()],
    };
    const resourceVersions = Object.fromEntries(
      named(this.#watches()).map(([name, watch]) => [name, watch.resourceVersion]),
    );
    const text = compile(world, this.#range);
    const counts = { pods: world.pods.length, policies: world.policies.length };
    if (text !== this.#text) {
      await this.#effects.load(text);
      this.#text = text;
      this.#effects.log('applied', { ...counts, ms: Math.round(performance.now() - began) });
    }
    this.#applied = { at: new Date().toISOString(), ...counts, resourceVersions };
  }

  #report(): void {
    const lost: Record<string, string> = {};
    for (const [name, watch] of named(this.#watches())) if (watch.lost) lost[name] = watch.lost;
    if (JSON.stringify(lost) !== JSON.stringify(this.#lost)) this.#effects.log('following', { lost });
    this.#lost = lost;
    this.#effects.report({
      at: new Date().toISOString(),
      ...(this.#applied && { applied: this.#applied }),
      lost,
      ...(this.#refused && { refused: this.#refused }),
    });
  }
}
