/** A key of one's own, for data at rest (D-SEC-1). */
import type * as pulumi from '@pulumi/pulumi';
import { Alias } from '@pulumi/aws/kms/alias.js';
import { Key as KmsKey } from '@pulumi/aws/kms/key.js';
import { PlatformComponent, Problems } from '../../components/core/index.ts';
import type { Place } from '../account/index.ts';
import { rendered } from '../identity/index.ts';
import { keyPolicy, type KeyUse } from './policy.ts';

export interface KeyArgs {
  readonly place: Place;
  /** The name that people find it by, without `alias/`: `corporate-intel-staging/backups` (GAP-9, GAP-11: ours). */
  readonly alias: string;
  /** What it encrypts, as it stands in the console. */
  readonly description: string;
  /** Services that come by themselves. Whoever has a role needs the right in that role, and is not named here. */
  readonly uses: readonly KeyUse[];
  /**
   * The engine refuses to delete or replace it: data whose key is gone are gone.
   * @default true
   */
  readonly protect?: boolean;
}

/** AWS's longest, in which a deletion can still be taken back. */
const DELETION_DAYS = 30;
const ROTATION_DAYS = 365;

/**
 * A symmetric key that is renewed each year; what older key material encrypted stays readable.
 *
 * Cost: one key a month, and the calls; each of the first two renewals adds as much again. A change of alias or policy
 * touches no data. A deletion, once protection is off, takes 30 days and can be taken back in that time.
 */
export class Key extends PlatformComponent {
  readonly arn: pulumi.Output<string>;
  readonly keyId: pulumi.Output<string>;
  /** With `alias/` in front. */
  readonly alias: string;

  constructor(name: string, args: KeyArgs, options: pulumi.ComponentResourceOptions) {
    check(name, args);
    const { place, alias, description, uses, protect = true } = args;
    super('platform:host:Key', name, { alias }, options);
    const key = new KmsKey(
      `${name}-key`,
      {
        description,
        enableKeyRotation: true,
        rotationPeriodInDays: ROTATION_DAYS,
        deletionWindowInDays: DELETION_DAYS,
        policy: rendered(keyPolicy(place, uses)),
      },
      { parent: this, protect },
    );
    this.alias = `alias/${alias}`;
    new Alias(`${name}-alias`, { name: this.alias, targetKeyId: key.keyId }, { parent: this });
    this.arn = key.arn;
    this.keyId = key.keyId;
    this.registerOutputs({ arn: this.arn });
  }
}

function check(name: string, { alias, uses }: KeyArgs): void {
  const problems = new Problems();
  problems.require(/^(?!aws\/|alias\/)[a-zA-Z0-9/_-]{1,250}$/.test(alias), {
    where: 'KeyArgs.alias',
    found: JSON.stringify(alias),
    wanted: 'letters, digits, "/", "_" and "-", and neither "aws/" nor "alias/" in front',
  });
  for (const use of uses) {
    problems.require(use.by !== 'logs' || use.groups.length > 0, {
      where: 'KeyArgs.uses',
      found: 'logs of no group',
      wanted: 'the names of the groups',
    });
  }
  problems.throwIfAny(`Key "${name}"`);
}
