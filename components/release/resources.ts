/** The two dynamic resources of a release. What they do is in `prepare-run.ts` and `release-run.ts`. */
import type * as pulumi from '@pulumi/pulumi';
import { ShelledResource } from '../gates/index.ts';
import type { ReleaseInputs } from './host.ts';
import type { Good, Outcome } from './runner/record.ts';

export interface ReleaseResourceArgs extends Omit<ReleaseInputs, 'template'> {
  readonly template: pulumi.Input<ReleaseInputs['template']>;
}

/** The folder in the type: `pulumi-nodejs:dynamic/release:Release`. */
const FOLDER = 'release';

/**
 * A change of these alone is no release: they say how the next one goes. `asks` decides wherever the cluster answers; where
 * it does not, a plan goes by the rest.
 */
const MANNER = ['approvals', 'attempt', 'cluster', 'reports', 'rules', 'steps', 'strategy', 'traffic'];

/**
 * Brings the workload to rest, or fails. What a release needs first (a backup, a migration) comes after it.
 *
 * Waits for a run that is under way towards the same version, undoes one towards another, and puts back what was changed
 * by hand. Refuses a version that was rejected, or that lacks an approval. Failure: nothing was begun.
 */
export class ReleasePrepare extends ShelledResource {
  /** What was found. */
  declare readonly found: pulumi.Output<string>;
  /** The number of the attempt that may follow: another one each time that something is pending. */
  declare readonly next: pulumi.Output<string>;

  constructor(name: string, args: ReleaseResourceArgs, options: pulumi.CustomResourceOptions) {
    const runner = 'components/release/prepare-run.ts';
    const shelled = { folder: FOLDER, type: 'ReleasePrepare', runner, outputs: ['found', 'next'], ignored: MANNER };
    super({ ...shelled, asks: true, checks: true }, name, { ...args }, options);
  }
}

const OUTPUTS = ['verdict', 'side', 'since', 'epoch', 'seconds', 'evidence'];

/**
 * Is there only while its version is live. Failure: what was live before is live, and the state says so; preview shows the
 * version as pending.
 */
export class Release extends ShelledResource {
  declare readonly verdict: pulumi.Output<'promoted'>;
  /** Where the version lives. */
  declare readonly side: pulumi.Output<Good['side']>;
  declare readonly since: pulumi.Output<string>;
  declare readonly epoch: pulumi.Output<number>;
  declare readonly seconds: pulumi.Output<number>;
  declare readonly evidence: pulumi.Output<Outcome['evidence']>;

  constructor(name: string, args: ReleaseResourceArgs, options: pulumi.CustomResourceOptions) {
    const runner = 'components/release/release-run.ts';
    const shelled = { folder: FOLDER, type: 'Release', runner, outputs: OUTPUTS, ignored: MANNER, asks: true };
    super(shelled, name, { ...args }, options);
  }
}
