/** The dynamic resource of a rollover. What it does is in `run.ts`. */
import type * as pulumi from '@pulumi/pulumi';
import { ShelledResource } from '../gates/index.ts';
import type { Colour, Order } from './order.ts';

type Inputs = { readonly [K in keyof Order]: pulumi.Input<Order[K]> };

/** A change of these alone is no update: they say how one goes, or are in the subject already. */
const MANNER = ['host', 'patience', 'sealed', 'grace'];

/** Is there only while its version is live: see `Rollover`. */
export class RolloverResource extends ShelledResource {
  declare readonly subject: pulumi.Output<string>;
  declare readonly colour: pulumi.Output<Colour>;
  declare readonly reading: pulumi.Output<string>;

  constructor(name: string, order: Inputs, options: pulumi.CustomResourceOptions) {
    const runner = 'components/rollover/run.ts';
    const shelled = { folder: 'rollover', type: 'Rollover', runner, outputs: ['colour', 'reading'], ignored: MANNER };
    super(
      { ...shelled, asks: true, removes: true },
      name,
      { ...order },
      {
        ...options,
        additionalSecretOutputs: ['sealed'],
      },
    );
  }
}
