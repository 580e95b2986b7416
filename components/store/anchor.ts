/** What holds a store's data in place: a resource that remembers how they were laid down, and refuses to have it changed. */
import type * as pulumi from '@pulumi/pulumi';
import { ShelledResource } from '../gates/index.ts';

/** Settings by their names. */
export type Fixed = Readonly<Record<string, string | number | boolean>>;

/** What stands in the state. Plain: it is compared while a plan is made. */
export interface AnchorInputs {
  /** The component, as it stands in front of a setting's name: `postgres`. */
  readonly component: string;
  /** What may not change. An empty text is the cluster's own default. */
  readonly fixed: Fixed;
  /** Sizes that may grow, and not shrink: `{ storage: '100Gi' }`. */
  readonly growing: Readonly<Record<string, string>>;
}

/**
 * The anchor of one store. Everything of the store comes after it, so that a change it refuses is refused while the plan
 * is made, and before anything happens where nobody makes a plan.
 *
 * It is no lock: destroying the component on purpose, or its resources one by one, takes the anchor along, and the next
 * deployment starts with what is stated then. docs/runbooks/move-data.md has the safe ways.
 */
export class Anchor extends ShelledResource {
  constructor(name: string, args: AnchorInputs, options: pulumi.CustomResourceOptions) {
    const runner = 'components/store/run.ts';
    super({ folder: 'store', type: 'Anchor', runner, outputs: [], checks: true }, name, { ...args }, options);
  }
}
