/** What hears from an image which version it is, before anybody relies on it. */
import type * as pulumi from '@pulumi/pulumi';
import type { DockerHostRef } from '../core/index.ts';
import { ShelledResource } from '../gates/index.ts';
import type { VersionCheck } from './args.ts';

export interface VersionProofArgs extends VersionCheck {
  /** The host that runs it. The image must be there. */
  readonly host: DockerHostRef;
  /** `repository@sha256:…` */
  readonly reference: pulumi.Input<string>;
}

/**
 * One run of an image, cut off from everything (A-IMG-3, B-IMG-5). It runs again when the image, the command or the version
 * wanted changes. A wrong answer fails the update, and the next one asks again.
 */
export class VersionProof extends ShelledResource {
  /** The image's reference, once it has answered rightly. */
  declare readonly reference: pulumi.Output<string>;

  constructor(name: string, args: VersionProofArgs, options: pulumi.CustomResourceOptions) {
    const shelled = { folder: 'image', type: 'VersionProof', runner: 'components/image/prove.ts', outputs: ['heard'] };
    // Who runs it is no part of what is proven.
    super({ ...shelled, ignored: ['host'] }, name, { ...args }, options);
  }
}
