/** A user of a store with the least right, as a resource that converges: nobody but the operator needs to be root. */
import type * as pulumi from '@pulumi/pulumi';
import { ShelledResource, type SecretKeyRef } from '../gates/index.ts';
import type { StoreRef } from './connect.ts';

/** What stands in the state; no credential, only where they are. */
export interface UserInputs extends StoreRef {
  /** Its access key, also the name of its policy. */
  readonly user: string;
  /** Where its own secret key stands. */
  readonly userKey: SecretKeyRef;
  /** The buckets whose objects it may list, read, write and delete. It may do nothing else: no settings, no policies. */
  readonly buckets: readonly string[];
}

export interface UserArgs extends UserInputs {
  /** The digest of the store behind it and of the user's own secret key: when it changes, the user is looked after again. */
  readonly subject: pulumi.Input<string>;
}

/**
 * One user (D-SEC-1, D-K8S-6: least right). What somebody gave or took by hand is found by `pulumi refresh` and put right
 * by the next `up`; a secret key that was changed by hand is not seen, and is set again when the user is looked after.
 *
 * Destroying the resource leaves the user, and asks nobody: a destroy must not need a store that answers.
 */
export class User extends ShelledResource {
  constructor(name: string, args: UserArgs, options: pulumi.CustomResourceOptions) {
    const runner = 'components/minio/user-run.ts';
    super({ folder: 'minio', type: 'User', runner, outputs: ['exists'], reads: true }, name, { ...args }, options);
  }
}
