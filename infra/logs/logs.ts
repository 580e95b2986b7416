/** Log groups: encrypted, and kept for as long as somebody has said. */
import type * as pulumi from '@pulumi/pulumi';
import { LogGroup } from '@pulumi/aws/cloudwatch/logGroup.js';
import { PlatformComponent, Problems } from '../../components/core/index.ts';

/** The numbers of days that CloudWatch keeps logs for. There is no "for ever" here. */
export const RETENTIONS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 3653,
] as const;

export type Retention = (typeof RETENTIONS)[number];

export interface LogsArgs {
  /** The key. Its policy has to know the groups (`uses: [{ by: 'logs', … }]`), or AWS refuses to make them. */
  readonly keyArn: pulumi.Input<string>;
  /** By a short name for the resource: the group's name at AWS, which is fixed, and how many days it keeps what it gets. */
  readonly groups: Readonly<Record<string, { readonly groupName: string; readonly retention: Retention }>>;
  /**
   * The engine refuses to delete or replace the groups.
   * @default true
   */
  readonly protect?: boolean;
}

/**
 * Groups that exist before what writes to them: made by a service itself they would be unencrypted, and kept for ever.
 *
 * Cost: each gigabyte that comes in, and what lies there. A shorter retention deletes what is older, within days.
 */
export class Logs extends PlatformComponent {
  /** By the short names. Known before the groups are, as their names are. */
  readonly names: Readonly<Record<string, string>>;
  readonly arns: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: LogsArgs, options: pulumi.ComponentResourceOptions) {
    check(name, args);
    const { keyArn, protect = true } = args;
    const groups = Object.entries(args.groups).toSorted(([a], [b]) => (a < b ? -1 : 1));
    super('platform:host:Logs', name, { groups: groups.map(([, { groupName }]) => groupName) }, options);
    const made = groups.map(
      ([child, { groupName, retention }]) =>
        [
          child,
          new LogGroup(
            `${name}-${child}`,
            { name: groupName, retentionInDays: retention, kmsKeyId: keyArn },
            { parent: this, protect },
          ),
        ] as const,
    );
    this.names = Object.fromEntries(groups.map(([child, { groupName }]) => [child, groupName]));
    this.arns = Object.fromEntries(made.map(([child, group]) => [child, group.arn]));
    this.registerOutputs({ names: this.names });
  }
}

function check(name: string, { groups }: LogsArgs): void {
  const problems = new Problems();
  for (const [child, { groupName, retention }] of Object.entries(groups)) {
    problems.require(RETENTIONS.includes(retention), {
      where: `LogsArgs.groups.${child}.retention`,
      found: String(retention),
      wanted: `a number of days that CloudWatch knows: ${RETENTIONS.join(', ')}`,
    });
    problems.require(/^[\w/.#-]{1,512}$/.test(groupName) && !groupName.startsWith('aws/'), {
      where: `LogsArgs.groups.${child}.groupName`,
      found: JSON.stringify(groupName),
      wanted: 'letters, digits and "_/.#-", not "aws/" in front',
    });
  }
  problems.throwIfAny(`Logs "${name}"`);
}
