/** What remembers which build a tag stands for. */
import type * as pulumi from '@pulumi/pulumi';
import { ShelledResource } from '../gates/index.ts';

export interface LedgerArgs {
  readonly repository: string;
  readonly tag: string;
  /** The hash of what the image is made of. */
  readonly sources: string;
  /** What was pushed: `repository@sha256:…`. An entry is made once that is known. */
  readonly reference: pulumi.Input<string>;
}

/** The fixed tags of one repository with what each of them is. A plan that would push one of them again is refused. */
export class Ledger extends ShelledResource {
  constructor(name: string, args: LedgerArgs, options: pulumi.CustomResourceOptions) {
    const runner = 'components/image/run.ts';
    super({ folder: 'image', type: 'Ledger', runner, outputs: ['built'], asks: true }, name, { ...args }, options);
  }
}
