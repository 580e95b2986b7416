/** The provider of a stack, stated: which account, which region, which tags. */
import type * as pulumi from '@pulumi/pulumi';
import { Provider } from '@pulumi/aws/provider.js';
import { PlatformComponent, Problems } from '../../components/core/index.ts';
import type { Place } from './place.ts';
import { platformTags, type Belonging } from './tags.ts';

/** Changing region or account moves nothing: it is another stack. What stands is protected from such a plan. */
export interface AccountArgs extends Place, Belonging {
  /**
   * Where copies of the backups go (D-BKP-8, GAP-11). Another region, or they would be lost with the first.
   * @default none: no second provider
   */
  readonly replicaRegion?: string | undefined;
}

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;

/**
 * Explicit providers. The ambient one of a shell (`AWS_PROFILE`, `AWS_REGION`) could point anywhere: these refuse to work
 * with credentials of another account, whoever runs them, before they change anything.
 *
 * Hand `provider` to a component as `{ provider }`: its children take it over. Costs nothing at AWS.
 *
 * @throws {InputRefused} when the account is not twelve digits, or a region is none
 */
export class Account extends PlatformComponent {
  readonly provider: Provider;
  /** The one of the replica's region, where there is one. */
  readonly replica: Provider | undefined;
  /** Where `provider` works. */
  readonly place: Place;
  /** Where `replica` works. */
  readonly replicaPlace: Place | undefined;

  constructor(name: string, args: AccountArgs, options: pulumi.ComponentResourceOptions) {
    check(name, args);
    const { region, accountId, partition = 'aws', replicaRegion } = args;
    super('platform:host:Account', name, { region, accountId, replicaRegion }, options);
    const provider = (child: string, at: string) =>
      new Provider(
        `${name}-${child}`,
        { region: at, allowedAccountIds: [accountId], defaultTags: { tags: platformTags(args) } },
        { parent: this },
      );
    this.place = { region, accountId, partition };
    this.provider = provider('provider', region);
    this.replicaPlace = replicaRegion === undefined ? undefined : { ...this.place, region: replicaRegion };
    this.replica = replicaRegion === undefined ? undefined : provider('replica', replicaRegion);
    this.registerOutputs({ region, accountId });
  }
}

function check(name: string, { region, accountId, replicaRegion }: AccountArgs): void {
  const problems = new Problems();
  problems.require(/^\d{12}$/.test(accountId), {
    where: 'AccountArgs.accountId',
    found: JSON.stringify(accountId),
    wanted: 'the twelve digits of the account',
    remedy: 'quote it in YAML: a number loses its leading zeros',
  });
  for (const [where, value] of Object.entries({ region, replicaRegion })) {
    problems.require(value === undefined || REGION.test(value), {
      where: `AccountArgs.${where}`,
      found: JSON.stringify(value),
      wanted: 'a region like "us-east-1"',
    });
  }
  problems.require(replicaRegion !== region, {
    where: 'AccountArgs.replicaRegion',
    found: JSON.stringify(replicaRegion),
    wanted: 'another region than the first',
    remedy: 'a copy beside its original is lost together with it',
  });
  problems.throwIfAny(`Account "${name}"`);
}
